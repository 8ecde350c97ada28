/** Reads bits from the highest of the first byte on. Past the end it reads zeros. */
export class BitReader {
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
