/** Writes bits from the highest of the first byte on. */
export class BitWriter {
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
