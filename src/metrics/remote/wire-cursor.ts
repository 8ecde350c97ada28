import { remoteInvalid } from './errors.ts';

/**
 * Reads the wire format of Protocol Buffers in place: one object for a whole request, none for each
 * message in it. Numbers are read as JavaScript numbers; int64 times lie far within their exact range.
 */
export class WireCursor {
  readonly bytes: Buffer;
  /** The same bytes, for those who read several at a time. */
  readonly view: DataView;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** An unsigned varint; past 2^53 it loses digits. `end` bounds the message. */
  varint(end: number): number {
    const { bytes } = this;
    let at = this.at;
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      if (at >= end) throw remoteInvalid('The message is cut off', this.at);
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.at = at;
        return value;
      }
      scale *= 128;
    }
    throw remoteInvalid('A varint is longer than 10 bytes', this.at);
  }

  /** int64: negative numbers are ten bytes on the wire. */
  int64(end: number): number {
    const start = this.at;
    const value = this.varint(end);
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    let exact = 0n;
    for (let at = start, shift = 0n; at < this.at; at++, shift += 7n) {
      exact |= BigInt(this.bytes[at]! & 0x7f) << shift;
    }
    return Number(BigInt.asIntN(64, exact));
  }

  /** A zigzag number. */
  sint(end: number): number {
    const value = this.varint(end);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  double(end: number): number {
    const { at } = this;
    if (at + 8 > end) throw remoteInvalid('The message is cut off', at);
    this.at = at + 8;
    return this.view.getFloat64(at, true);
  }

  /** The end of a sub-message, text or packed list that starts here; moves to its first byte. */
  open(end: number): number {
    const length = this.varint(end);
    if (length > end - this.at) throw remoteInvalid('The message is cut off', this.at);
    return this.at + length;
  }

  text(end: number): string {
    const stop = this.open(end);
    const text = this.bytes.toString('utf8', this.at, stop);
    this.at = stop;
    return text;
  }

  skip(wireType: number, end: number): void {
    if (wireType === 0) this.varint(end);
    else if (wireType === 1) this.at += 8;
    else if (wireType === 2) this.at = this.open(end);
    else if (wireType === 5) this.at += 4;
    else throw remoteInvalid(`Wire type ${wireType} is not known`, this.at);
    if (this.at > end) throw remoteInvalid('The message is cut off', end);
  }
}
