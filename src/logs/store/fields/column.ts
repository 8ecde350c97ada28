import { escapedText, type FieldScanner, nothing, unseen } from './json-scan.ts';

/** Values of more kinds than this are no column of repeating values. */
const maxValues = 16_384;
const maxDictionaryBytes = 512 * 1024;
const noValue = 0xffff;

/** One field of up to `maxRows` events: a dictionary, and for each row an index into it. */
export class FieldColumn {
  readonly #indices: Uint16Array;
  #slots = new Int32Array(256).fill(-1);
  #hashes = new Int32Array(128);
  /** Where each value's length begins in `#bytes`; values as Parquet's PLAIN has them. */
  #offsets = new Int32Array(128);
  #bytes = new Uint8Array(4096);
  #view: DataView = new DataView(this.#bytes.buffer);
  #used = 0;
  #values = 0;
  #last = -1;
  /** Too many values: the column is of no use. */
  overflown = false;

  constructor(maxRows: number) {
    this.#indices = new Uint16Array(maxRows);
  }

  /** The value of `field` in the message that the scanner saw last. */
  set(row: number, scanner: FieldScanner, field: number, messages: Uint8Array): void {
    const kind = scanner.kinds[field];
    if (kind === unseen || kind === nothing) {
      this.#indices[row] = noValue;
      return;
    }
    const start = scanner.starts[field]!;
    const length = scanner.lengths[field]!;
    if (kind !== escapedText) {
      this.#indices[row] = this.#indexOf(messages, start, length);
      return;
    }
    const text = Buffer.from(messages.buffer, messages.byteOffset + start, length).toString();
    const value = Buffer.from(JSON.parse(`"${text}"`) as string);
    this.#indices[row] = this.#indexOf(value, 0, value.length);
  }

  #indexOf(bytes: Uint8Array, start: number, length: number): number {
    // Neighbours are often equal.
    if (this.#last >= 0 && this.#equals(this.#last, bytes, start, length)) return this.#last;
    let hash = length;
    for (let i = start, end = start + length; i < end; i++)
      hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    hash ^= hash >>> 15;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let known = slots[slot]!; known !== -1; known = slots[slot]!) {
      if (this.#hashes[known] === hash && this.#equals(known, bytes, start, length)) {
        this.#last = known;
        return known;
      }
      slot = (slot + 1) & mask;
    }
    if (this.#values === maxValues || this.#used + length + 4 > maxDictionaryBytes) {
      this.overflown = true;
      return noValue;
    }
    this.#last = this.#add(bytes, start, length, hash);
    return this.#last;
  }

  #equals(index: number, bytes: Uint8Array, start: number, length: number): boolean {
    const own = this.#bytes;
    let at = this.#offsets[index]!;
    if (this.#view.getUint32(at, true) !== length) return false;
    at += 4;
    for (let i = 0; i < length; i++) if (own[at + i] !== bytes[start + i]) return false;
    return true;
  }

  #add(bytes: Uint8Array, start: number, length: number, hash: number): number {
    const index = this.#values++;
    if (index === this.#offsets.length) {
      this.#offsets = grown(this.#offsets);
      this.#hashes = grown(this.#hashes);
    }
    if (this.#used + length + 4 > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + length + 4));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#offsets[index] = this.#used;
    this.#hashes[index] = hash;
    this.#view.setUint32(this.#used, length, true);
    this.#bytes.set(bytes.subarray(start, start + length), this.#used + 4);
    this.#used += length + 4;
    if (this.#values * 2 > this.#slots.length) {
      this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
      for (let i = 0; i < this.#values; i++) this.#place(i);
    } else {
      this.#place(index);
    }
    return index;
  }

  #place(index: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[index]! & mask;
    while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
    this.#slots[slot] = index;
  }

  /** Dictionary and rows so far; begins anew. The views hold until the next `set`. */
  take(rows: number): { values: number; dictionary: Uint8Array; indices: Uint16Array } {
    const taken = {
      values: this.#values,
      dictionary: this.#bytes.slice(0, this.#used),
      indices: this.#indices.subarray(0, rows),
    };
    this.#slots.fill(-1);
    this.#used = 0;
    this.#values = 0;
    this.#last = -1;
    return taken;
  }
}

/** True for a row without the field. */
export const isMissing = (index: number): boolean => index === noValue;

function grown(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(values.length * 2);
  larger.set(values);
  return larger;
}
