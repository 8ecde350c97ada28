/** Memory for one series at a time, used again for the next: kernels do not wait in between. */
let floats = new Float64Array(1024);
let integers = new Int32Array(1024);

/** At least so many numbers, of any content. */
export function floatScratch(length: number): Float64Array {
  if (floats.length < length) floats = new Float64Array(length * 2);
  return floats;
}

/** At least so many integers, of any content. */
export function integerScratch(length: number): Int32Array {
  if (integers.length < length) integers = new Int32Array(length * 2);
  return integers;
}
