/**
 * The block format of Snappy, the compressing half. The native module takes 9 MB of the agent's
 * memory for the few kilobytes that it sends in a quarter of a minute.
 *
 * https://github.com/google/snappy/blob/main/format_description.txt
 */

/** Copies reach back within a block only, so that an offset takes two bytes. */
const blockBytes = 65_536;
const hashBits = 13;
const hashShift = 32 - hashBits;
/** A match is looked for while so many bytes are left. */
const minMatchBytes = 4;

/** No input gets longer than this. */
const maxCompressedBytes = (bytes: number): number => 32 + bytes + Math.ceil(bytes / 6);

const table = new Uint16Array(1 << hashBits);

/** `input` as one Snappy block in `output`, or in a larger buffer where it does not fit: a view. */
export function compressSnappy(input: Buffer, output: Buffer = Buffer.alloc(0)): Buffer {
  const need = maxCompressedBytes(input.length);
  const out = output.length >= need ? output : Buffer.allocUnsafeSlow(need);
  let at = 0;
  let length = input.length;
  for (; length >= 0x80; length >>>= 7) out[at++] = (length & 0x7f) | 0x80;
  out[at++] = length;
  for (let from = 0; from < input.length; from += blockBytes) {
    at = compressBlock(input, from, Math.min(from + blockBytes, input.length), out, at);
  }
  return out.subarray(0, at);
}

function compressBlock(input: Buffer, start: number, end: number, out: Buffer, to: number): number {
  table.fill(0);
  let at = to;
  let literal = start;
  const last = end - minMatchBytes;
  for (let from = start + 1; from <= last; ) {
    const word = input.readUInt32LE(from);
    const slot = Math.imul(word, 0x1e35a7bd) >>> hashShift;
    const candidate = start + table[slot]!;
    table[slot] = from - start;
    if (candidate >= from || input.readUInt32LE(candidate) !== word) {
      from++;
      continue;
    }
    at = writeLiteral(input, literal, from, out, at);
    let length = minMatchBytes;
    while (from + length < end && input[candidate + length] === input[from + length]) length++;
    at = writeCopy(from - candidate, length, out, at);
    from += length;
    literal = from;
  }
  return writeLiteral(input, literal, end, out, at);
}

function writeLiteral(input: Buffer, from: number, to: number, out: Buffer, start: number): number {
  const length = to - from;
  if (length === 0) return start;
  let at = start;
  const stated = length - 1;
  if (stated < 60) out[at++] = stated << 2;
  else if (stated < 0x100) {
    out[at++] = 60 << 2;
    out[at++] = stated;
  } else {
    out[at++] = 61 << 2;
    out[at++] = stated & 0xff;
    out[at++] = stated >> 8;
  }
  input.copy(out, at, from, to);
  return at + length;
}

function writeCopy(offset: number, length: number, out: Buffer, start: number): number {
  let at = start;
  let rest = length;
  const long = (bytes: number): void => {
    out[at++] = ((bytes - 1) << 2) | 2;
    out[at++] = offset & 0xff;
    out[at++] = offset >> 8;
  };
  while (rest >= 68) {
    long(64);
    rest -= 64;
  }
  // What is left must be at least 4.
  if (rest > 64) {
    long(60);
    rest -= 60;
  }
  if (rest >= 12 || offset >= 2048) long(rest);
  else {
    out[at++] = ((offset >> 8) << 5) | ((rest - 4) << 2) | 1;
    out[at++] = offset & 0xff;
  }
  return at;
}
