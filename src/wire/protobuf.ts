import { ByteSink } from './byte-sink.ts';
import { wireInvalid } from './errors.ts';

/** Wire types of Protocol Buffers that still exist. */
export const wireVarint = 0;
export const wireFixed64 = 1;
export const wireBytes = 2;
export const wireFixed32 = 5;

/**
 * A pull reader over one message. Loop: `while (reader.nextField()) switch (reader.field) …`, read
 * the field with one of the typed methods or `skip()`. Sub-messages: `message()` gives a reader over
 * the same bytes. Every method throws WIRE_INVALID rather than read past the end.
 */
export class ProtoReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #end: number;
  #offset: number;
  /** Number and wire type of the current field. */
  field = 0;
  wireType = 0;

  constructor(input: Uint8Array, start = 0, end: number = input.length, view?: DataView) {
    this.#bytes = Buffer.isBuffer(input)
      ? input
      : Buffer.from(input.buffer, input.byteOffset, input.length);
    this.#view = view ?? new DataView(input.buffer, input.byteOffset, input.length);
    this.#offset = start;
    this.#end = end;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Moves to the next field; false at the end of the message. */
  nextField(): boolean {
    if (this.#offset >= this.#end) return false;
    const start = this.#offset;
    const key = this.#varint();
    this.field = Math.floor(key / 8);
    this.wireType = key & 7;
    if (this.field === 0 || this.field > 0x1fff_ffff) {
      throw wireInvalid('Protobuf field number is out of range', start);
    }
    return true;
  }

  /** An unsigned varint as a number; past 2^53 it loses digits. */
  uint(): number {
    this.#expect(wireVarint);
    return this.#varint();
  }

  boolean(): boolean {
    return this.uint() !== 0;
  }

  /** int64: number where safe, else bigint. */
  int64(): number | bigint {
    this.#expect(wireVarint);
    const start = this.#offset;
    const short = this.#varint();
    if (short <= Number.MAX_SAFE_INTEGER) return short;
    this.#offset = start;
    const exact = BigInt.asIntN(64, this.#varint64());
    const number = Number(exact);
    return Number.isSafeInteger(number) ? number : exact;
  }

  fixed64(): bigint {
    this.#expect(wireFixed64);
    return this.#view.getBigUint64(this.#step(8), true);
  }

  fixed32(): number {
    this.#expect(wireFixed32);
    return this.#view.getUint32(this.#step(4), true);
  }

  double(): number {
    this.#expect(wireFixed64);
    return this.#view.getFloat64(this.#step(8), true);
  }

  /** A view of the field's bytes. */
  bytes(): Buffer {
    this.#expect(wireBytes);
    const length = this.#varint();
    const start = this.#step(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Invalid UTF-8 becomes U+FFFD: senders in the field are not strict. */
  string(): string {
    this.#expect(wireBytes);
    const length = this.#varint();
    const start = this.#step(length);
    if (length <= 48) {
      let i = start;
      const end = start + length;
      while (i < end && this.#bytes[i]! < 0x80) i++;
      if (i === end) return this.#bytes.toString('latin1', start, end);
    }
    return this.#bytes.toString('utf8', start, start + length);
  }

  message(): ProtoReader {
    this.#expect(wireBytes);
    const length = this.#varint();
    const start = this.#step(length);
    return new ProtoReader(this.#bytes, start, start + length, this.#view);
  }

  skip(): void {
    switch (this.wireType) {
      case wireVarint:
        this.#varint();
        return;
      case wireFixed64:
        this.#step(8);
        return;
      case wireBytes:
        this.#step(this.#varint());
        return;
      case wireFixed32:
        this.#step(4);
        return;
      default:
        throw wireInvalid(`Protobuf wire type ${this.wireType} is not known`, this.#offset);
    }
  }

  #expect(wireType: number): void {
    if (this.wireType !== wireType) {
      throw wireInvalid(
        `Protobuf field ${this.field} has wire type ${this.wireType}, not ${wireType},`,
        this.#offset,
      );
    }
  }

  #varint(): number {
    const bytes = this.#bytes;
    let offset = this.#offset;
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (offset >= this.#end) throw cutOff(this.#offset);
      const byte = bytes[offset++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.#offset = offset;
        return value;
      }
      scale *= 128;
    }
    throw wireInvalid('Protobuf varint is longer than 10 bytes', this.#offset);
  }

  #varint64(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes[this.#offset++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  #step(length: number): number {
    const start = this.#offset;
    if (length > this.#end - start) throw cutOff(start);
    this.#offset = start + length;
    return start;
  }
}

const cutOff = (offset: number): Error => wireInvalid('Protobuf message is cut off', offset);

/** Writes one message, depth first. Fields with the default value are the caller's to leave out. */
export class ProtoWriter {
  readonly #sink: ByteSink;

  constructor(sink: ByteSink = new ByteSink()) {
    this.#sink = sink;
  }

  take(): Buffer {
    return this.#sink.take();
  }

  uint(field: number, value: number): void {
    this.#key(field, wireVarint);
    this.#varint(value);
  }

  int64(field: number, value: number | bigint): void {
    this.#key(field, wireVarint);
    if (typeof value === 'number' && value >= 0) {
      this.#varint(value);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      this.#sink.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.#sink.byte(Number(rest));
  }

  fixed64(field: number, value: bigint): void {
    this.#key(field, wireFixed64);
    const sink = this.#sink;
    sink.reserve(8);
    sink.bytes.writeBigUInt64LE(BigInt.asUintN(64, value), sink.length);
    sink.length += 8;
  }

  fixed32(field: number, value: number): void {
    this.#key(field, wireFixed32);
    const sink = this.#sink;
    sink.reserve(4);
    sink.bytes.writeUInt32LE(value >>> 0, sink.length);
    sink.length += 4;
  }

  double(field: number, value: number): void {
    this.#key(field, wireFixed64);
    const sink = this.#sink;
    sink.reserve(8);
    sink.bytes.writeDoubleLE(value, sink.length);
    sink.length += 8;
  }

  bytes(field: number, value: Uint8Array): void {
    this.#key(field, wireBytes);
    this.#varint(value.length);
    this.#sink.append(value);
  }

  /** Lone surrogates become U+FFFD. */
  string(field: number, text: string): void {
    const mark = this.open(field);
    const sink = this.#sink;
    sink.reserve(text.length * 3);
    sink.length += sink.bytes.write(text, sink.length, 'utf8');
    this.close(mark);
  }

  /** Starts a sub-message; pass what it gives to `close`. */
  open(field: number): number {
    this.#key(field, wireBytes);
    // One byte for the length, which is enough nearly always; `close` makes room where it is not.
    this.#sink.byte(0);
    return this.#sink.length;
  }

  close(mark: number): void {
    const sink = this.#sink;
    const length = sink.length - mark;
    if (length < 0x80) {
      sink.bytes[mark - 1] = length;
      return;
    }
    const extra = length < 0x4000 ? 1 : length < 0x20_0000 ? 2 : length < 0x1000_0000 ? 3 : 4;
    sink.reserve(extra);
    sink.bytes.copyWithin(mark + extra, mark, sink.length);
    sink.length = mark - 1;
    this.#varint(length);
    sink.length += length;
  }

  #key(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    const sink = this.#sink;
    sink.reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      sink.bytes[sink.length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    sink.bytes[sink.length++] = rest;
  }
}
