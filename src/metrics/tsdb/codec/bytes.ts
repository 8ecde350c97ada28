/** Bytes that grow while they are written. Numbers as varints, 7 bits a byte, low first. */
export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer>;
  at = 0;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
  }

  /** What was written; valid until the next write. */
  written(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.at);
  }

  reset(): void {
    this.at = 0;
  }

  /** Room for `size` more bytes. */
  ensure(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.at + size, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }

  u8(value: number): void {
    this.ensure(1);
    this.bytes[this.at++] = value;
  }

  u16(value: number): void {
    this.ensure(2);
    this.bytes[this.at++] = value;
    this.bytes[this.at++] = value >>> 8;
  }

  u32(value: number): void {
    this.ensure(4);
    const { bytes } = this;
    bytes[this.at++] = value;
    bytes[this.at++] = value >>> 8;
    bytes[this.at++] = value >>> 16;
    bytes[this.at++] = value >>> 24;
  }

  /** 0 <= value <= 2^53. */
  uvarint(value: number): void {
    this.ensure(8);
    const { bytes } = this;
    let rest = value;
    while (rest >= 0x8000_0000) {
      bytes[this.at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      bytes[this.at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[this.at++] = rest;
  }

  /** Any integer of at most 2^52 in size, small ones in few bytes. */
  varint(value: number): void {
    this.uvarint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  f64(value: number): void {
    scratch[0] = value;
    this.u32(scratchWords[0]!);
    this.u32(scratchWords[1]!);
  }

  copy(bytes: Uint8Array): void {
    this.ensure(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** UTF-8 with its length before it. */
  text(text: string): void {
    const bytes = Buffer.from(text);
    this.uvarint(bytes.length);
    this.copy(bytes);
  }
}

// All of our targets are little endian; so are the bytes on disk.
const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);
const scratchBytes = new Uint8Array(scratch.buffer);

/** Reads what a {@link ByteWriter} wrote. Past the end it reads zeros: check `at` where it matters. */
export class ByteReader {
  bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array = new Uint8Array(0), at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Whether so many bytes are left. */
  has(size: number): boolean {
    return this.at + size <= this.bytes.length;
  }

  u8(): number {
    return this.bytes[this.at++] ?? 0;
  }

  u16(): number {
    return this.u8() | (this.u8() << 8);
  }

  u32(): number {
    return (this.u8() | (this.u8() << 8) | (this.u8() << 16) | (this.u8() << 24)) >>> 0;
  }

  uvarint(): number {
    const { bytes } = this;
    let at = this.at;
    let byte = bytes[at++] ?? 0;
    let value = byte & 127;
    for (let shift = 7; byte >= 128 && shift < 28; shift += 7) {
      byte = bytes[at++] ?? 0;
      value |= (byte & 127) << shift;
    }
    if (byte >= 128) {
      let factor = 2 ** 28;
      for (let more = 0; byte >= 128 && more < 5; more++) {
        byte = bytes[at++] ?? 0;
        value += (byte & 127) * factor;
        factor *= 128;
      }
    }
    this.at = at;
    return value;
  }

  varint(): number {
    const value = this.uvarint();
    // A remainder of what is above 32 bits, as times are, is a call of the C library.
    const half = Math.floor(value / 2);
    return half * 2 === value ? half : -half - 1;
  }

  f64(): number {
    for (let at = 0; at < 8; at++) scratchBytes[at] = this.u8();
    return scratch[0]!;
  }

  take(size: number): Uint8Array {
    const part = this.bytes.subarray(this.at, this.at + size);
    this.at += size;
    return part;
  }

  text(): string {
    const size = this.uvarint();
    const part = this.take(size);
    return Buffer.from(part.buffer, part.byteOffset, part.length).toString('utf8');
  }
}
