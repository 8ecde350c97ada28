import { highWord, lowWord, type SampleColumns, wordsOf } from '#metrics/model';
import { BitReader } from './bit-reader.ts';

/** Widths of the difference of intervals, by the ones before the first zero. */
const changeBits = [0, 14, 17, 20] as const;

function changeOfInterval(reader: BitReader): number {
  let ones = 0;
  while (ones < 4 && reader.bit() === 1) ones++;
  if (ones === 4) {
    const high = reader.bits(32);
    return (high | 0) * 2 ** 32 + reader.bits(32);
  }
  const width = changeBits[ones]!;
  if (width === 0) return 0;
  const value = reader.bits(width);
  return value > 2 ** (width - 1) ? value - 2 ** width : value;
}

/**
 * Appends the samples of an XOR chunk of Prometheus to `into`.
 * Source: `tsdb/docs/format/chunks.md` and `tsdb/chunkenc/xor.go` of Prometheus.
 * @returns false: the chunk ends before its samples do
 */
export function decodeXorChunk(chunk: Uint8Array, into: SampleColumns): boolean {
  const count = (chunk[0]! << 8) | chunk[1]!;
  const reader = new BitReader(chunk, 2);
  into.reserve(into.count + count);
  const words = wordsOf(into.values);
  let time = 0;
  let interval = 0;
  let high = 0;
  let low = 0;
  let leading = 0;
  let significant = 0;
  for (let at = 0; at < count; at++) {
    if (at === 0) {
      time = reader.varint();
      high = reader.bits(32);
      low = reader.bits(32);
    } else {
      interval = at === 1 ? reader.uvarint() : interval + changeOfInterval(reader);
      time += interval;
      if (reader.bit() === 1) {
        if (reader.bit() === 1) {
          leading = reader.bits(5);
          significant = reader.bits(6) || 64;
        }
        const highBits = leading < 32 ? Math.min(32, leading + significant) - leading : 0;
        const lowBits = significant - highBits;
        if (highBits > 0) high ^= reader.bits(highBits) << (32 - leading - highBits);
        if (lowBits > 0) low ^= reader.bits(lowBits) << (64 - leading - significant);
      }
    }
    const place = into.count + at;
    into.timesMs[place] = time;
    words[place * 2 + highWord] = high;
    words[place * 2 + lowWord] = low;
  }
  into.count += count;
  return !reader.isPastEnd;
}
