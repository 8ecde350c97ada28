import { ByteSink } from './byte-sink.ts';
import { wireInvalid } from './errors.ts';
import { MsgpackExt } from './msgpack-read.ts';

/** A number as it was written (`1.0`, 64-bit integers): keeps its value and its kind on the wire. */
export interface NumberText {
  readonly text: string;
}

/** Shape of an event time, written as ext type 0. */
export interface TimeParts {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** What can be encoded: decoded values, and the agent's records as they are. */
export type MsgpackInput =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | MsgpackExt
  | TimeParts
  | NumberText
  | readonly MsgpackInput[]
  | ReadonlyMap<string, MsgpackInput>;

const maxDepth = 200;
const scratch = new DataView(new ArrayBuffer(8));

/** Writes MessagePack; one writer may write many values. `take()` gives the bytes. */
export class MsgpackWriter {
  readonly #sink: ByteSink;

  constructor(sink: ByteSink = new ByteSink()) {
    this.#sink = sink;
  }

  get length(): number {
    return this.#sink.length;
  }

  take(): Buffer {
    return this.#sink.take();
  }

  nil(): this {
    this.#sink.byte(0xc0);
    return this;
  }

  boolean(value: boolean): this {
    this.#sink.byte(value ? 0xc3 : 0xc2);
    return this;
  }

  arrayHeader(count: number): this {
    return this.#header(count, 0x90, 15, 0xdc);
  }

  mapHeader(count: number): this {
    return this.#header(count, 0x80, 15, 0xde);
  }

  /** An integer in the shortest form; numbers with a fraction, and those past 64 bits, as float64. */
  number(value: number): this {
    const sink = this.#sink;
    if (!Number.isInteger(value) || Object.is(value, -0)) return this.float(value);
    if (value >= 0) {
      if (value <= 0x7f) sink.byte(value);
      else if (value <= 0xff) this.#fixed(0xcc, 1, value);
      else if (value <= 0xffff) this.#fixed(0xcd, 2, value);
      else if (value <= 0xffffffff) this.#fixed(0xce, 4, value);
      else if (value <= Number.MAX_SAFE_INTEGER) this.bigint(BigInt(value));
      else this.float(value);
    } else if (value >= -32) sink.byte(value + 0x100);
    else if (value >= -0x80) this.#fixed(0xd0, 1, value & 0xff);
    else if (value >= -0x8000) this.#fixed(0xd1, 2, value & 0xffff);
    else if (value >= -0x80000000) this.#fixed(0xd2, 4, value >>> 0);
    else if (value >= Number.MIN_SAFE_INTEGER) this.bigint(BigInt(value));
    else this.float(value);
    return this;
  }

  float(value: number): this {
    scratch.setFloat64(0, value);
    this.#word(0xcb);
    return this;
  }

  /** As int64 or uint64; beyond both as float64. */
  bigint(value: bigint): this {
    if (value >= 0n && value <= 0xffff_ffff_ffff_ffffn) {
      scratch.setBigUint64(0, value);
      this.#word(0xcf);
    } else if (value < 0n && value >= -0x8000_0000_0000_0000n) {
      scratch.setBigInt64(0, value);
      this.#word(0xd3);
    } else this.float(Number(value));
    return this;
  }

  string(text: string): this {
    const sink = this.#sink;
    // Most texts are short ASCII: write after a one-byte header, and move it if that was wrong.
    sink.reserve(5 + text.length * 3);
    const start = sink.length;
    const written = sink.bytes.write(text, start + 1, 'utf8');
    if (written <= 31) {
      sink.bytes[start] = 0xa0 | written;
      sink.length = start + 1 + written;
      return this;
    }
    const header = written <= 0xff ? 2 : written <= 0xffff ? 3 : 5;
    sink.bytes.copyWithin(start + header, start + 1, start + 1 + written);
    sink.bytes[start] = header === 2 ? 0xd9 : header === 3 ? 0xda : 0xdb;
    writeBigEndian(sink.bytes, start + 1, header - 1, written);
    sink.length = start + header + written;
    return this;
  }

  binary(bytes: Uint8Array): this {
    const size = bytes.length <= 0xff ? 1 : bytes.length <= 0xffff ? 2 : 4;
    this.#fixed(size === 1 ? 0xc4 : size === 2 ? 0xc5 : 0xc6, size, bytes.length);
    this.#sink.append(bytes);
    return this;
  }

  ext(type: number, data: Uint8Array): this {
    const fixed = [1, 2, 4, 8, 16].indexOf(data.length);
    if (fixed !== -1) this.#sink.byte(0xd4 + fixed);
    else if (data.length <= 0xff) this.#fixed(0xc7, 1, data.length);
    else if (data.length <= 0xffff) this.#fixed(0xc8, 2, data.length);
    else this.#fixed(0xc9, 4, data.length);
    this.#sink.byte(type & 0xff);
    this.#sink.append(data);
    return this;
  }

  time({ seconds, nanoseconds }: TimeParts): this {
    const sink = this.#sink;
    sink.reserve(10);
    sink.bytes[sink.length] = 0xd7;
    sink.bytes[sink.length + 1] = 0;
    writeBigEndian(sink.bytes, sink.length + 2, 4, seconds >>> 0);
    writeBigEndian(sink.bytes, sink.length + 6, 4, nanoseconds >>> 0);
    sink.length += 10;
    return this;
  }

  /** Bytes that are MessagePack already. */
  raw(encoded: Uint8Array): this {
    this.#sink.append(encoded);
    return this;
  }

  /** `undefined` is written as nil. @throws {AppError} WIRE_INVALID for nesting beyond 200 levels */
  value(value: MsgpackInput, depth = 0): this {
    if (value === null || value === undefined) return this.nil();
    switch (typeof value) {
      case 'string':
        return this.string(value);
      case 'number':
        return this.number(value);
      case 'boolean':
        return this.boolean(value);
      case 'bigint':
        return this.bigint(value);
    }
    if (depth >= maxDepth) throw wireInvalid(`Value is nested deeper than ${maxDepth} levels`, -1);
    if (value instanceof Map) {
      this.mapHeader(value.size);
      for (const [key, item] of value) this.string(key).value(item as MsgpackInput, depth + 1);
      return this;
    }
    if (Array.isArray(value)) {
      this.arrayHeader(value.length);
      for (const item of value as readonly MsgpackInput[]) this.value(item, depth + 1);
      return this;
    }
    if (value instanceof Uint8Array) return this.binary(value);
    if (value instanceof MsgpackExt) return this.ext(value.type, value.data);
    if ('text' in value) return this.#numberText(value.text);
    return this.time(value as TimeParts);
  }

  #numberText(text: string): this {
    return /^-?\d+$/.test(text) ? this.bigintShort(BigInt(text)) : this.float(Number(text));
  }

  /** A bigint in the shortest integer form. */
  bigintShort(value: bigint): this {
    const number = Number(value);
    return Number.isSafeInteger(number) ? this.number(number) : this.bigint(value);
  }

  #header(count: number, fixBase: number, fixMax: number, wide: number): this {
    if (count <= fixMax) this.#sink.byte(fixBase | count);
    else if (count <= 0xffff) this.#fixed(wide, 2, count);
    else this.#fixed(wide + 1, 4, count);
    return this;
  }

  #fixed(first: number, size: number, value: number): void {
    const sink = this.#sink;
    sink.reserve(1 + size);
    sink.bytes[sink.length] = first;
    writeBigEndian(sink.bytes, sink.length + 1, size, value);
    sink.length += 1 + size;
  }

  #word(first: number): void {
    const sink = this.#sink;
    sink.reserve(9);
    sink.bytes[sink.length] = first;
    for (let i = 0; i < 8; i++) sink.bytes[sink.length + 1 + i] = scratch.getUint8(i);
    sink.length += 9;
  }
}

/** One value to bytes of its own. */
export function encodeMsgpack(value: MsgpackInput): Buffer {
  return new MsgpackWriter(new ByteSink(256)).value(value).take();
}

function writeBigEndian(bytes: Buffer, offset: number, size: number, value: number): void {
  for (let i = size - 1, rest = value; i >= 0; i--) {
    bytes[offset + i] = rest & 0xff;
    rest = Math.floor(rest / 256);
  }
}
