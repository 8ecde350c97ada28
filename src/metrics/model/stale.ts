/**
 * A staleness marker is a NaN with these bits: it says that the series ended here. The bits travel in
 * the memory of a Float64Array and are read through a Uint32Array over the same memory. A copy through
 * a JavaScript number may set the quiet bit of a signalling NaN (seen on x64), which is why both forms
 * count as stale; the low word survives, and no other NaN has it: the ordinary one of the reference
 * ends in 1, JavaScript's own in 0.
 */
export const staleLowBits = 0x00000002;
export const staleHighBits = 0x7ff00000;

/** A marker as 64 bits, as receivers know it; and one that has passed through a JavaScript number. */
export const staleBits = 0x7ff0000000000002n;
export const quietStaleBits = 0x7ff8000000000002n;

/** The quiet NaN that every other NaN is stored as: 0x7ff8000000000001. */
export const normalNanHighBits = 0x7ff80000;
export const normalNanLowBits = 0x00000001;

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
export const lowWord: number = isLittleEndian ? 0 : 1;
export const highWord: number = isLittleEndian ? 1 : 0;

/** The 32-bit words of a column: two for each value, low word first on usual machines. */
export function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

/** Whether the value at an index of a column is a staleness marker; `words` from `wordsOf`. */
export function isStaleAt(words: Uint32Array, index: number): boolean {
  return (
    words[index * 2 + lowWord] === staleLowBits &&
    (words[index * 2 + highWord]! & 0x7ff7ffff) === staleHighBits
  );
}

/** Writes a staleness marker into a column. */
export function setStaleAt(words: Uint32Array, index: number): void {
  words[index * 2 + lowWord] = staleLowBits;
  words[index * 2 + highWord] = staleHighBits;
}

const scratch = new Float64Array(1);
const scratchWords = wordsOf(scratch);

/** Whether a number is a staleness marker; it may have passed through JavaScript. */
export function isStaleValue(value: number): boolean {
  if (!Number.isNaN(value)) return false;
  scratch[0] = value;
  return isStaleAt(scratchWords, 0);
}

/** A staleness marker as a number: good for passing on at once, see above. */
export function staleValue(): number {
  setStaleAt(scratchWords, 0);
  return scratch[0]!;
}
