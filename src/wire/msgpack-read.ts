import { isUtf8 } from 'node:buffer';
import { wireInvalid } from './errors.ts';

/** A Fluent event time: MessagePack ext type 0, `seconds u32 | nanoseconds u32`, big endian. */
export class MsgpackTime {
  /** Unix epoch. */
  readonly seconds: number;
  readonly nanoseconds: number;

  constructor(seconds: number, nanoseconds: number) {
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
  }
}

/** An extension value that is not an event time. */
export class MsgpackExt {
  readonly type: number;
  readonly data: Uint8Array;

  constructor(type: number, data: Uint8Array) {
    this.type = type;
    this.data = data;
  }
}

/**
 * A decoded value. Integers are numbers where safe, else bigint; `bin`, and `str` that is not valid
 * UTF-8, are bytes; map keys are text in their order of appearance (a repeated key keeps its first
 * place and its last value).
 */
export type MsgpackValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | MsgpackTime
  | MsgpackExt
  | MsgpackValue[]
  | Map<string, MsgpackValue>;

/** Records nest a few levels; this is room enough, and far from the end of the stack. */
const maxDepth = 200;

/** What a value's first byte announces; the reader's way to look before it decodes. */
export type MsgpackKind =
  | 'nil'
  | 'boolean'
  | 'integer'
  | 'float'
  | 'string'
  | 'binary'
  | 'array'
  | 'map'
  | 'ext';

/** A pull reader over one complete input. Methods move past what they read or throw WIRE_INVALID. */
export class MsgpackReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly end: number;
  offset: number;

  constructor(input: Uint8Array, start = 0, end: number = input.length) {
    this.#bytes = Buffer.from(input.buffer, input.byteOffset, input.length);
    this.#view = new DataView(input.buffer, input.byteOffset, input.length);
    this.offset = start;
    this.end = end;
  }

  get done(): boolean {
    return this.offset >= this.end;
  }

  /** The bytes between two offsets, as a view. */
  slice(start: number, end: number): Buffer {
    return this.#bytes.subarray(start, end);
  }

  peek(): MsgpackKind {
    if (this.offset >= this.end) throw truncated(this.offset);
    return kindOf(this.#bytes[this.offset]!, this.offset);
  }

  /** Number of elements. @throws {AppError} WIRE_INVALID when the value is no array */
  arrayHeader(): number {
    const start = this.offset;
    const first = this.#u8();
    let count: number;
    if (first >= 0x90 && first <= 0x9f) count = first & 0x0f;
    else if (first === 0xdc) count = this.#u16();
    else if (first === 0xdd) count = this.#u32();
    else throw wireInvalid(`Expected an array, found ${kindOf(first, start)}`, start);
    return this.#plausible(count, start);
  }

  /** Number of key and value pairs. @throws {AppError} WIRE_INVALID when the value is no map */
  mapHeader(): number {
    const start = this.offset;
    const first = this.#u8();
    let count: number;
    if (first >= 0x80 && first <= 0x8f) count = first & 0x0f;
    else if (first === 0xde) count = this.#u16();
    else if (first === 0xdf) count = this.#u32();
    else throw wireInvalid(`Expected a map, found ${kindOf(first, start)}`, start);
    this.#plausible(count * 2, start);
    return count;
  }

  /** Content of a str or bin, as a view. */
  raw(): Buffer {
    const length = this.#rawLength();
    return this.#take(length);
  }

  /** Moves past a str or bin and gives the offset of its content, which ends where the reader is. */
  rawStart(): number {
    return this.#step(this.#rawLength());
  }

  /** All of the input, as the offsets count it. */
  get input(): Buffer {
    return this.#bytes;
  }

  #rawLength(): number {
    const start = this.offset;
    const first = this.#u8();
    let length: number;
    if (first >= 0xa0 && first <= 0xbf) length = first & 0x1f;
    else if (first === 0xd9 || first === 0xc4) length = this.#u8();
    else if (first === 0xda || first === 0xc5) length = this.#u16();
    else if (first === 0xdb || first === 0xc6) length = this.#u32();
    else throw wireInvalid(`Expected text or bytes, found ${kindOf(first, start)}`, start);
    return length;
  }

  /** Content of a str or bin as text; invalid UTF-8 becomes U+FFFD. */
  text(): string {
    const content = this.raw();
    return content.toString('utf8');
  }

  /** An integer or float as a number; 64-bit integers lose digits. */
  number(): number {
    const start = this.offset;
    const value = this.value();
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    throw wireInvalid('Expected a number', start);
  }

  /** Seconds and nanoseconds of an ext 0, an integer or a float. */
  time(): MsgpackTime {
    const start = this.offset;
    const value = this.value();
    if (value instanceof MsgpackTime) return value;
    if (typeof value === 'bigint') return new MsgpackTime(Number(value), 0);
    if (typeof value === 'number' && Number.isFinite(value)) {
      const seconds = Math.floor(value);
      return new MsgpackTime(seconds, Math.min(999_999_999, Math.round((value - seconds) * 1e9)));
    }
    throw wireInvalid('Expected an event time', start);
  }

  /** Moves past one whole value. */
  skip(): void {
    const scanner = new MsgpackScanner(this.offset);
    if (!scanner.advance(this.#bytes, this.end)) throw truncated(this.end);
    this.offset = scanner.offset;
  }

  value(depth = 0): MsgpackValue {
    const start = this.offset;
    const first = this.#u8();
    if (first <= 0x7f) return first;
    if (first >= 0xe0) return first - 0x100;
    if (first <= 0x8f) return this.#map(first & 0x0f, depth, start);
    if (first <= 0x9f) return this.#array(first & 0x0f, depth, start);
    if (first <= 0xbf) return this.#string(first & 0x1f);
    switch (first) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return Uint8Array.from(this.#take(this.#u8()));
      case 0xc5:
        return Uint8Array.from(this.#take(this.#u16()));
      case 0xc6:
        return Uint8Array.from(this.#take(this.#u32()));
      case 0xc7:
        return this.#ext(this.#u8());
      case 0xc8:
        return this.#ext(this.#u16());
      case 0xc9:
        return this.#ext(this.#u32());
      case 0xca:
        return this.#view.getFloat32(this.#step(4));
      case 0xcb:
        return this.#view.getFloat64(this.#step(8));
      case 0xcc:
        return this.#u8();
      case 0xcd:
        return this.#u16();
      case 0xce:
        return this.#u32();
      case 0xcf:
        return narrow(this.#view.getBigUint64(this.#step(8)));
      case 0xd0:
        return this.#view.getInt8(this.#step(1));
      case 0xd1:
        return this.#view.getInt16(this.#step(2));
      case 0xd2:
        return this.#view.getInt32(this.#step(4));
      case 0xd3:
        return narrow(this.#view.getBigInt64(this.#step(8)));
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#ext(1 << (first - 0xd4));
      case 0xd9:
        return this.#string(this.#u8());
      case 0xda:
        return this.#string(this.#u16());
      case 0xdb:
        return this.#string(this.#u32());
      case 0xdc:
        return this.#array(this.#u16(), depth, start);
      case 0xdd:
        return this.#array(this.#u32(), depth, start);
      case 0xde:
        return this.#map(this.#u16(), depth, start);
      case 0xdf:
        return this.#map(this.#u32(), depth, start);
      default:
        throw wireInvalid('Byte 0xc1 is not used by MessagePack', start);
    }
  }

  #array(count: number, depth: number, start: number): MsgpackValue[] {
    this.#plausible(count, start);
    if (depth >= maxDepth) throw tooDeep(start);
    const items: MsgpackValue[] = [];
    for (let i = 0; i < count; i++) items.push(this.value(depth + 1));
    return items;
  }

  #map(count: number, depth: number, start: number): Map<string, MsgpackValue> {
    this.#plausible(count * 2, start);
    if (depth >= maxDepth) throw tooDeep(start);
    const map = new Map<string, MsgpackValue>();
    for (let i = 0; i < count; i++) {
      const key = this.value(depth + 1);
      map.set(keyText(key), this.value(depth + 1));
    }
    return map;
  }

  #string(length: number): string | Uint8Array {
    const start = this.#step(length);
    const bytes = this.#bytes;
    if (length <= 48) {
      let i = start;
      const end = start + length;
      while (i < end && bytes[i]! < 0x80) i++;
      if (i === end) return bytes.toString('latin1', start, end);
    }
    const content = bytes.subarray(start, start + length);
    return isUtf8(content) ? content.toString('utf8') : Uint8Array.from(content);
  }

  #ext(length: number): MsgpackTime | MsgpackExt {
    const type = this.#view.getInt8(this.#step(1));
    const start = this.#step(length);
    if (type === 0 && length === 8) {
      return new MsgpackTime(this.#view.getUint32(start), this.#view.getUint32(start + 4));
    }
    return new MsgpackExt(type, Uint8Array.from(this.#bytes.subarray(start, start + length)));
  }

  #take(length: number): Buffer {
    const start = this.#step(length);
    return this.#bytes.subarray(start, start + length);
  }

  #u8(): number {
    return this.#bytes[this.#step(1)]!;
  }

  #u16(): number {
    return this.#view.getUint16(this.#step(2));
  }

  #u32(): number {
    return this.#view.getUint32(this.#step(4));
  }

  #step(length: number): number {
    const start = this.offset;
    if (start + length > this.end) throw truncated(start);
    this.offset = start + length;
    return start;
  }

  /** Every element takes a byte or more, so a count beyond the rest of the input is a lie. */
  #plausible(count: number, start: number): number {
    if (count > this.end - this.offset) throw truncated(start);
    return count;
  }
}

/**
 * Finds where a value ends without decoding it, in one pass over input that may still grow: keeps
 * its place between calls, so that a large value arriving in small pieces is looked at once.
 */
export class MsgpackScanner {
  /** Next byte to look at; after `advance` gave true: the first byte after the value. */
  offset: number;
  #pending = 1;

  constructor(start: number) {
    this.offset = start;
  }

  /** True once the value is complete before `end`. @throws {AppError} WIRE_INVALID on byte 0xc1 */
  advance(bytes: Uint8Array, end: number): boolean {
    let offset = this.offset;
    while (this.#pending > 0) {
      if (offset >= end) break;
      const first = bytes[offset]!;
      let header = 1;
      let payload = 0;
      let children = 0;
      if (first <= 0x7f || first >= 0xe0) {
        // The value is in the byte.
      } else if (first <= 0x8f) children = (first & 0x0f) * 2;
      else if (first <= 0x9f) children = first & 0x0f;
      else if (first <= 0xbf) payload = first & 0x1f;
      else {
        if (first === 0xc1) throw wireInvalid('Byte 0xc1 is not used by MessagePack', offset);
        const shape = shapes[first - 0xc0]!;
        header = 1 + (shape & 7);
        if (offset + header > end) break;
        let size = 0;
        for (let i = 1; i < header; i++) size = size * 256 + bytes[offset + i]!;
        if ((shape & arrayFlag) !== 0) children = size;
        else if ((shape & mapFlag) !== 0) children = size * 2;
        else payload = size + (shape >> 8);
      }
      const next = offset + header + payload;
      if (next > end) break;
      offset = next;
      this.#pending += children - 1;
    }
    this.offset = offset;
    return this.#pending === 0;
  }
}

const arrayFlag = 16;
const mapFlag = 32;

/** For 0xc0 to 0xdf: bytes of the length field | array or map flag | fixed payload bytes << 8. */
const shapes: readonly number[] = [
  ...[0, 0, 0, 0, 1, 2, 4, 1 + 256, 2 + 256, 4 + 256, 4 << 8, 8 << 8], // c0 to cb: nil, bin, ext, floats
  ...[1 << 8, 2 << 8, 4 << 8, 8 << 8, 1 << 8, 2 << 8, 4 << 8, 8 << 8], // cc to d3: integers
  ...[2 << 8, 3 << 8, 5 << 8, 9 << 8, 17 << 8, 1, 2, 4], // d4 to db: fixext, str
  ...[2 + arrayFlag, 4 + arrayFlag, 2 + mapFlag, 4 + mapFlag],
];

/** One value that fills the whole input. @throws {AppError} WIRE_INVALID */
export function decodeMsgpack(input: Uint8Array): MsgpackValue {
  const reader = new MsgpackReader(input);
  const value = reader.value();
  if (!reader.done) throw wireInvalid('Bytes follow the value', reader.offset);
  return value;
}

/** A map key of any type as text. */
export function keyText(key: MsgpackValue): string {
  if (typeof key === 'string') return key;
  if (key instanceof Uint8Array) return Buffer.from(key).toString('utf8');
  if (key === null || typeof key !== 'object') return String(key);
  return Object.prototype.toString.call(key);
}

function kindOf(first: number, offset: number): MsgpackKind {
  if (first <= 0x7f || first >= 0xe0) return 'integer';
  if (first <= 0x8f) return 'map';
  if (first <= 0x9f) return 'array';
  if (first <= 0xbf) return 'string';
  if (first === 0xc0) return 'nil';
  if (first === 0xc1) throw wireInvalid('Byte 0xc1 is not used by MessagePack', offset);
  if (first <= 0xc3) return 'boolean';
  if (first <= 0xc6) return 'binary';
  if (first <= 0xc9) return 'ext';
  if (first <= 0xcb) return 'float';
  if (first <= 0xd3) return 'integer';
  if (first <= 0xd8) return 'ext';
  if (first <= 0xdb) return 'string';
  return first <= 0xdd ? 'array' : 'map';
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const truncated = (offset: number): Error => wireInvalid('MessagePack value is cut off', offset);
const tooDeep = (offset: number): Error =>
  wireInvalid(`MessagePack value is nested deeper than ${maxDepth} levels`, offset);
