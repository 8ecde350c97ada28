import { quietStaleBits, staleBits } from '#metrics/model';
import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';

const scratch = new DataView(new ArrayBuffer(8));

/** The bits of a value of a column. */
export function bitsOf(values: Float64Array, at: number): bigint {
  // Through memory, not through a number: a staleness marker keeps its bits.
  new Uint8Array(scratch.buffer).set(new Uint8Array(values.buffer, values.byteOffset + at * 8, 8));
  return marked(scratch.getBigUint64(0, true));
}

export function bitsOfNumber(value: number): bigint {
  scratch.setFloat64(0, value);
  return marked(scratch.getBigUint64(0));
}

const marked = (bits: bigint): bigint => (bits === quietStaleBits ? staleBits : bits);

/** Writes one value after the other as the bits in which it differs from the one before. */
export class XorWriter {
  #before = 0n;
  #leading = 0xff;
  #trailing = 0;

  first(writer: BitWriter, bits: bigint): void {
    writer.bits(bits, 64);
    this.#before = bits;
  }

  next(writer: BitWriter, bits: bigint): void {
    const xor = bits ^ this.#before;
    this.#before = bits;
    if (xor === 0n) {
      writer.bit(0);
      return;
    }
    writer.bit(1);
    const leading = Math.min(31, leadingZeros(xor));
    const trailing = trailingZeros(xor);
    if (this.#leading !== 0xff && leading >= this.#leading && trailing >= this.#trailing) {
      writer.bit(0);
      writer.bits(xor >> BigInt(this.#trailing), 64 - this.#leading - this.#trailing);
      return;
    }
    this.#leading = leading;
    this.#trailing = trailing;
    const significant = 64 - leading - trailing;
    writer.bit(1);
    writer.bits(BigInt(leading), 5);
    writer.bits(BigInt(significant % 64), 6);
    writer.bits(xor >> BigInt(trailing), significant);
  }
}

/** Reads what `XorWriter` writes. Hot code for floats has its own form in `xor-decode.ts`. */
export class XorReader {
  #high = 0;
  #low = 0;
  #leading = 0;
  #significant = 0;

  first(reader: BitReader): number {
    this.#high = reader.bits(32);
    this.#low = reader.bits(32);
    return this.#value();
  }

  next(reader: BitReader): number {
    if (reader.bit() === 0) return this.#value();
    if (reader.bit() === 1) {
      this.#leading = reader.bits(5);
      this.#significant = reader.bits(6) || 64;
    }
    const leading = this.#leading;
    const significant = this.#significant;
    const highBits = leading < 32 ? Math.min(32, leading + significant) - leading : 0;
    const lowBits = significant - highBits;
    if (highBits > 0) this.#high ^= reader.bits(highBits) << (32 - leading - highBits);
    if (lowBits > 0) this.#low ^= reader.bits(lowBits) << (64 - leading - significant);
    return this.#value();
  }

  #value(): number {
    scratch.setInt32(0, this.#high | 0);
    scratch.setInt32(4, this.#low | 0);
    return scratch.getFloat64(0);
  }
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
