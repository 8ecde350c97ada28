import { quietStaleBits, staleBits } from './value-proto.ts';

/** A chunk holds so many samples, as the chunks of the reference do. */
export const maxXorSamples = 120;

const scratch = new DataView(new ArrayBuffer(8));

class BitWriter {
  #bytes: Buffer = Buffer.alloc(256);
  #length = 0;
  /** Bits left free in the last byte. */
  #free = 0;

  take(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  bit(value: number): void {
    if (this.#free === 0) {
      if (this.#length === this.#bytes.length) {
        const larger = Buffer.alloc(this.#length * 2);
        this.#bytes.copy(larger);
        this.#bytes = larger;
      }
      this.#length++;
      this.#free = 8;
    }
    this.#free--;
    if (value !== 0) this.#bytes[this.#length - 1]! |= 1 << this.#free;
  }

  bits(value: bigint, count: number): void {
    for (let at = count - 1; at >= 0; at--) this.bit(Number((value >> BigInt(at)) & 1n));
  }

  byte(value: number): void {
    for (let at = 7; at >= 0; at--) this.bit((value >> at) & 1);
  }

  uvarint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 0x80);
    this.byte(rest);
  }

  varint(value: number): void {
    this.uvarint(value >= 0 ? value * 2 : -value * 2 - 1);
  }
}

/**
 * Samples as a chunk of Prometheus' XOR encoding (Gorilla). Cold code: remote readers ask for it.
 *
 * Source: Prometheus tsdb/docs/format/chunks.md.
 */
export function encodeXorChunk(
  timesMs: Float64Array,
  values: Float64Array,
  start: number,
  end: number,
): Buffer {
  const writer = new BitWriter();
  const head = Buffer.alloc(2);
  head.writeUInt16BE(end - start);
  for (const byte of head) writer.byte(byte);
  let delta = 0;
  let before = 0n;
  let leading = 0xff;
  let trailing = 0;
  for (let at = start; at < end; at++) {
    const bits = bitsOf(values, at);
    if (at === start) {
      writer.varint(timesMs[at]!);
      writer.bits(bits, 64);
      before = bits;
      continue;
    }
    const nextDelta = timesMs[at]! - timesMs[at - 1]!;
    if (at === start + 1) writer.uvarint(nextDelta);
    else writeDelta(writer, nextDelta - delta);
    delta = nextDelta;
    const xor = bits ^ before;
    before = bits;
    if (xor === 0n) {
      writer.bit(0);
      continue;
    }
    writer.bit(1);
    const newLeading = Math.min(31, leadingZeros(xor));
    const newTrailing = trailingZeros(xor);
    if (leading !== 0xff && newLeading >= leading && newTrailing >= trailing) {
      writer.bit(0);
      writer.bits(xor >> BigInt(trailing), 64 - leading - trailing);
      continue;
    }
    leading = newLeading;
    trailing = newTrailing;
    const significant = 64 - leading - trailing;
    writer.bit(1);
    writer.bits(BigInt(leading), 5);
    writer.bits(BigInt(significant % 64), 6);
    writer.bits(xor >> BigInt(trailing), significant);
  }
  return writer.take();
}

function bitsOf(values: Float64Array, at: number): bigint {
  // Through memory, not through a number: a staleness marker keeps its bits.
  new Uint8Array(scratch.buffer).set(new Uint8Array(values.buffer, values.byteOffset + at * 8, 8));
  const bits = scratch.getBigUint64(0, true);
  return bits === quietStaleBits ? staleBits : bits;
}

function writeDelta(writer: BitWriter, change: number): void {
  const fits = (bits: number): boolean =>
    change >= -(2 ** (bits - 1)) + 1 && change <= 2 ** (bits - 1);
  const put = (ones: number, bits: number): void => {
    for (let at = 0; at < ones; at++) writer.bit(1);
    if (ones < 4) writer.bit(0);
    writer.bits(BigInt.asUintN(bits, BigInt(change)), bits);
  };
  if (change === 0) writer.bit(0);
  else if (fits(14)) put(1, 14);
  else if (fits(17)) put(2, 17);
  else if (fits(20)) put(3, 20);
  else put(4, 64);
}

function leadingZeros(value: bigint): number {
  const high = Number(value >> 32n);
  return high !== 0 ? Math.clz32(high) : 32 + Math.clz32(Number(value & 0xffff_ffffn));
}

function trailingZeros(value: bigint): number {
  const low = Number(value & 0xffff_ffffn);
  const ofWord = (word: number): number => 31 - Math.clz32(word & -word);
  return low !== 0 ? ofWord(low | 0) : 32 + ofWord(Number(value >> 32n) | 0);
}
