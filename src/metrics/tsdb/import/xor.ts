import { highWord, lowWord, type SampleColumns, wordsOf } from '#metrics/model';

/** Reads bits from the highest of the first byte on. Past the end it reads zeros. */
class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #bit = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get isPastEnd(): boolean {
    return this.#at > this.#bytes.length || (this.#at === this.#bytes.length && this.#bit > 0);
  }

  bit(): number {
    const value = ((this.#bytes[this.#at] ?? 0) >>> (7 - this.#bit)) & 1;
    if (++this.#bit === 8) {
      this.#bit = 0;
      this.#at++;
    }
    return value;
  }

  /** At most 32 bits, as an unsigned number. */
  bits(count: number): number {
    let value = 0;
    let left = count;
    while (left > 0) {
      const here = Math.min(left, 8 - this.#bit);
      const byte = this.#bytes[this.#at] ?? 0;
      value = value * 2 ** here + ((byte >>> (8 - this.#bit - here)) & ((1 << here) - 1));
      this.#bit += here;
      left -= here;
      if (this.#bit === 8) {
        this.#bit = 0;
        this.#at++;
      }
    }
    return value;
  }

  uvarint(): number {
    let value = 0;
    let factor = 1;
    for (let at = 0; at < 10; at++) {
      const byte = this.bits(8);
      value += (byte & 127) * factor;
      if (byte < 128) break;
      factor *= 128;
    }
    return value;
  }

  varint(): number {
    const value = this.uvarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

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
export function decodeXor(chunk: Uint8Array, into: SampleColumns): boolean {
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
