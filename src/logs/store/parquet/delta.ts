import { AppError } from '#base';

/** Values per block and per miniblock: the sizes that every Parquet writer uses. */
const blockValues = 128;
const miniblockValues = 32;
const maxExact = Number.MAX_SAFE_INTEGER;

const bitWidth = (value: number): number =>
  value > 0xffffffff ? 64 - Math.clz32(Math.floor(value / 0x100000000)) : 32 - Math.clz32(value);

/**
 * Parquet's DELTA_BINARY_PACKED for safe integers. Returns undefined where differences are too far
 * apart to be exact in a double; the caller then writes PLAIN.
 */
export function encodeDelta(values: Float64Array, count: number): Uint8Array | undefined {
  // Worst case: 8 bytes a value, and 5 + 10 bytes a block.
  const out = new Uint8Array(32 + count * 8 + (Math.ceil(count / blockValues) + 1) * 300);
  let at = 0;
  const varint = (value: number): void => {
    let rest = value;
    while (rest >= 128) {
      out[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    out[at++] = rest;
  };
  const zigzag = (value: number): void => varint(value >= 0 ? value * 2 : -value * 2 - 1);
  varint(blockValues);
  varint(blockValues / miniblockValues);
  varint(count);
  zigzag(count > 0 ? values[0]! : 0);
  const deltas = new Float64Array(blockValues);
  for (let start = 1; start < count; start += blockValues) {
    const n = Math.min(blockValues, count - start);
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      const delta = values[start + i]! - values[start + i - 1]!;
      deltas[i] = delta;
      if (delta < min) min = delta;
      if (delta > max) max = delta;
    }
    if (max - min > maxExact || max > maxExact / 2 || min < -maxExact / 2) return undefined;
    zigzag(min);
    const widthsAt = at;
    at += blockValues / miniblockValues;
    for (let mini = 0; mini < blockValues / miniblockValues; mini++) {
      const from = mini * miniblockValues;
      if (from >= n) {
        out[widthsAt + mini] = 0;
        continue;
      }
      const to = Math.min(n, from + miniblockValues);
      let largest = 0;
      for (let i = from; i < to; i++) {
        const value = deltas[i]! - min;
        deltas[i] = value;
        if (value > largest) largest = value;
      }
      const width = bitWidth(largest);
      out[widthsAt + mini] = width;
      if (width === 0) continue;
      deltas.fill(0, to, from + miniblockValues);
      at = pack(deltas, from, width, out, at);
    }
  }
  return out.subarray(0, at);
}

/** Packs 32 values of `width` bits, lowest bit first. */
function pack(
  values: Float64Array,
  from: number,
  width: number,
  out: Uint8Array,
  start: number,
): number {
  let at = start;
  let pending = 0;
  let bits = 0;
  for (let i = from; i < from + miniblockValues; i++) {
    let value = values[i]!;
    let left = width;
    while (left > 0) {
      // 24 bits at a time: with up to 7 pending ones they fit 31 bits.
      const take = left > 24 ? 24 : left;
      const piece = take === 24 ? value % 0x1000000 : value;
      pending |= piece << bits;
      bits += take;
      while (bits >= 8) {
        out[at++] = pending & 255;
        pending >>>= 8;
        bits -= 8;
      }
      value = Math.floor(value / 0x1000000);
      left -= take;
    }
  }
  return at;
}

/** The opposite of {@link encodeDelta}. @throws {AppError} SEGMENT_DAMAGED */
export function decodeDelta(bytes: Uint8Array, out: Float64Array): void {
  let at = 0;
  const fail = (): never => {
    throw new AppError('SEGMENT_DAMAGED', 'A delta-encoded column does not decode');
  };
  const varint = (): number => {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      const next = bytes[at++] ?? fail();
      value += (next & 127) * factor;
      if (next < 128) return value;
      factor *= 128;
    }
    return fail();
  };
  const zigzag = (): number => {
    const value = varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  if (varint() !== blockValues || varint() !== blockValues / miniblockValues) fail();
  const count = varint();
  if (count !== out.length) fail();
  let previous = zigzag();
  if (count > 0) out[0] = previous;
  let row = 1;
  while (row < count) {
    const min = zigzag();
    const widthsAt = at;
    at += blockValues / miniblockValues;
    for (let mini = 0; mini < blockValues / miniblockValues && row < count; mini++) {
      const width = bytes[widthsAt + mini] ?? fail();
      if (width > 56) fail();
      let pending = 0;
      let bits = 0;
      const miniStart = at;
      for (let i = 0; i < miniblockValues && row < count; i++) {
        let value = 0;
        let have = 0;
        while (have < width) {
          if (bits === 0) {
            pending = bytes[at++] ?? fail();
            bits = 8;
          }
          const take = Math.min(bits, width - have);
          value += (pending & ((1 << take) - 1)) * 2 ** have;
          pending >>= take;
          bits -= take;
          have += take;
        }
        previous += min + value;
        out[row++] = previous;
      }
      at = miniStart + width * (miniblockValues / 8);
    }
  }
}
