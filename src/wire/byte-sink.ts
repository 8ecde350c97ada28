/** A buffer that grows by doubling; what the writers of this module append to. */
export class ByteSink {
  /** Valid up to `length`; replaced when it grows, so never keep it across a `reserve`. */
  bytes: Buffer;
  length = 0;

  constructor(initialBytes = 1024) {
    this.bytes = Buffer.allocUnsafe(initialBytes);
  }

  /** Makes room for `extra` more bytes. */
  reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, needed));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  append(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** ASCII only. */
  ascii(text: string): void {
    this.reserve(text.length);
    this.length += this.bytes.write(text, this.length, 'latin1');
  }

  /** What has been written, as a view: valid until the next write or `clear`. */
  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** What has been written, as bytes of its own; the sink is empty afterwards. */
  take(): Buffer {
    const result = Buffer.from(this.view());
    this.length = 0;
    return result;
  }

  clear(): void {
    this.length = 0;
  }
}
