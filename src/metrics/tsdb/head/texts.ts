import { copyBytes, equalBytes, hashBytes } from '#metrics/model';
import type { ByteWriter } from '../codec/bytes.ts';

/** Texts that were asked for are kept as strings, so many at most. */
const maxKeptStrings = 65_536;
const firstBytes = 64 * 1024;
const firstEntries = 1024;
/** Bytes of texts that are gone; beyond it, and half of all, what is left moves together. */
const minWastedBytes = 1024 * 1024;

/**
 * Names of labels, and their values: each once, as UTF-8 in one buffer, known by a number from 1 on.
 * A value belongs to a name (its space), so that its number stands for the pair. A name is of space 0.
 * No string and no object is made of a text until somebody wants to read it.
 */
export class TextTable {
  /** Open addressing over numbers; a power of two, at most half full. */
  #slots = new Uint32Array(firstEntries * 2);
  #hashes = new Uint32Array(firstEntries);
  #spaces = new Uint32Array(firstEntries);
  #starts = new Uint32Array(firstEntries);
  #lengths = new Uint32Array(firstEntries);
  /** Of a value: series that have the pair. Of a name: its values. */
  #uses = new Uint32Array(firstEntries);
  #bytes: Buffer = Buffer.allocUnsafeSlow(firstBytes);
  #view = viewOf(this.#bytes);
  #bytesEnd = 0;
  #wastedBytes = 0;
  /** One past the highest number. */
  #next = 1;
  #count = 0;
  readonly #free: number[] = [];
  readonly #strings = new Map<number, string>();
  readonly #names = new Set<number>();

  /** Names that have values. */
  get names(): ReadonlySet<number> {
    return this.#names;
  }

  /** Bytes of memory, all columns. */
  get memoryBytes(): number {
    return this.#bytes.length + this.#slots.byteLength + this.#uses.byteLength * 5;
  }

  /** The number of a text, 0: not known. */
  find(space: number, view: DataView, start: number, end: number): number {
    return this.#find(space, view, start, end, hashOf(space, view, start, end));
  }

  /** Whether a text that somebody remembers is (still) this one of this space. */
  is(id: number, space: number, view: DataView, start: number, end: number): boolean {
    const length = end - start;
    return (
      this.#lengths[id] === length &&
      this.#spaces[id] === space &&
      this.#uses[id] !== 0 &&
      equalBytes(this.#view, this.#starts[id]!, view, start, length)
    );
  }

  /** The number of a name, which is added when it is new. It stays for the values that it gets. */
  name(view: DataView, start: number, end: number): number {
    const hash = hashOf(0, view, start, end);
    return this.#find(0, view, start, end, hash) || this.#add(0, view, start, end, hash);
  }

  /** The number of a name's value, which is used once more. */
  use(name: number, view: DataView, start: number, end: number): number {
    const hash = hashOf(name, view, start, end);
    let id = this.#find(name, view, start, end, hash);
    if (id === 0) {
      id = this.#add(name, view, start, end, hash);
      if (this.#uses[name]!++ === 0) this.#names.add(name);
    }
    this.#uses[id]!++;
    return id;
  }

  /** One use more of a value that is known. */
  retain(id: number): void {
    this.#uses[id]!++;
  }

  /** Ends a use of a value. */
  release(id: number): void {
    if (--this.#uses[id]! > 0) return;
    const name = this.#spaces[id]!;
    this.#remove(id);
    if (--this.#uses[name]! > 0) return;
    this.#names.delete(name);
    this.#remove(name);
  }

  /** The name that a value belongs to. */
  nameOf(id: number): number {
    return this.#spaces[id]!;
  }

  /** Of a name: how many values it has. */
  valueCount(name: number): number {
    return this.#uses[name]!;
  }

  lengthOf(id: number): number {
    return this.#lengths[id]!;
  }

  text(id: number): string {
    const known = this.#strings.get(id);
    if (known !== undefined) return known;
    const start = this.#starts[id]!;
    const text = this.#bytes.toString('utf8', start, start + this.#lengths[id]!);
    if (this.#strings.size >= maxKeptStrings) this.#strings.clear();
    this.#strings.set(id, text);
    return text;
  }

  writeTo(id: number, out: ByteWriter): void {
    const start = this.#starts[id]!;
    const length = this.#lengths[id]!;
    out.ensure(length);
    const from = this.#bytes;
    const to = out.bytes;
    for (let at = 0; at < length; at++) to[out.at + at] = from[start + at]!;
    out.at += length;
  }

  /** Order of two texts by bytes, which is that by code points. */
  order(a: number, b: number): number {
    if (a === b) return 0;
    const bytes = this.#bytes;
    const left = this.#starts[a]!;
    const right = this.#starts[b]!;
    const length = Math.min(this.#lengths[a]!, this.#lengths[b]!);
    for (let at = 0; at < length; at++) {
      const difference = bytes[left + at]! - bytes[right + at]!;
      if (difference !== 0) return difference;
    }
    return this.#lengths[a]! - this.#lengths[b]!;
  }

  /** Numbers of all values; with a name, of its values. Goes through all of them. */
  *values(name = 0): Generator<number> {
    for (let id = 1; id < this.#next; id++) {
      const space = this.#spaces[id]!;
      if (name === 0 ? space !== 0 : space === name) yield id;
    }
  }

  #find(space: number, view: DataView, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const length = end - start;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[slot]!;
      if (id === 0) return 0;
      if (
        this.#hashes[id] === hash &&
        this.#lengths[id] === length &&
        this.#spaces[id] === space &&
        equalBytes(this.#view, this.#starts[id]!, view, start, length)
      ) {
        return id;
      }
    }
  }

  #add(space: number, view: DataView, start: number, end: number, hash: number): number {
    const id = this.#free.pop() ?? this.#next++;
    if (id >= this.#uses.length) this.#growColumns();
    const length = end - start;
    if (this.#bytesEnd + length > this.#bytes.length) this.#growBytes(length);
    const to = this.#bytesEnd;
    copyBytes(view, start, this.#view, to, length);
    this.#bytesEnd += length;
    this.#hashes[id] = hash;
    this.#spaces[id] = space;
    this.#starts[id] = to;
    this.#lengths[id] = length;
    this.#uses[id] = 0;
    this.#count++;
    if (this.#count * 2 > this.#slots.length) this.#rehash(id);
    this.#place(id);
    return id;
  }

  #place(id: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[id]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = id;
  }

  /** @param except is not placed */
  #rehash(except: number): void {
    const taken = this.#slots;
    this.#slots = new Uint32Array(taken.length * 2);
    for (const id of taken) if (id !== 0 && id !== except) this.#place(id);
  }

  #remove(id: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#hashes[id]! & mask;
    while (slots[hole] !== id) hole = (hole + 1) & mask;
    // What stands behind moves up, unless it would come before its own place.
    for (let next = (hole + 1) & mask; slots[next] !== 0; next = (next + 1) & mask) {
      const home = this.#hashes[slots[next]!]! & mask;
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      slots[hole] = slots[next]!;
      hole = next;
    }
    slots[hole] = 0;
    this.#count--;
    this.#strings.delete(id);
    this.#wastedBytes += this.#lengths[id]!;
    this.#spaces[id] = 0;
    this.#lengths[id] = 0;
    this.#free.push(id);
    const isMuch = this.#wastedBytes > minWastedBytes && this.#wastedBytes * 2 > this.#bytesEnd;
    if (isMuch) this.#moveTogether(this.#bytesEnd - this.#wastedBytes);
  }

  #growColumns(): void {
    const size = grownSize(this.#uses.length, this.#next);
    [this.#hashes, this.#spaces, this.#starts, this.#lengths, this.#uses] = widenedTogether(
      [this.#hashes, this.#spaces, this.#starts, this.#lengths, this.#uses],
      size,
    );
  }

  #growBytes(more: number): void {
    const needed = this.#bytesEnd + more;
    const larger = Buffer.allocUnsafeSlow(grownSize(this.#bytes.length, needed));
    this.#bytes.copy(larger, 0, 0, this.#bytesEnd);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }

  #moveTogether(size: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(firstBytes, grownSize(size, size)));
    let end = 0;
    for (let id = 1; id < this.#next; id++) {
      const length = this.#lengths[id]!;
      if (length === 0) continue;
      const start = this.#starts[id]!;
      this.#bytes.copy(bytes, end, start, start + length);
      this.#starts[id] = end;
      end += length;
    }
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#bytesEnd = end;
    this.#wastedBytes = 0;
  }
}

const viewOf = (bytes: Buffer): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

const hashOf = (space: number, view: DataView, start: number, end: number): number => {
  const hash = hashBytes(view, start, end) ^ Math.imul(space, 0x9e3779b1);
  return (hash ^ (hash >>> 15)) >>> 0;
};

const smallSize = 1024 * 1024;

/** Doubles while it is small, then by a quarter: what is reserved and not used is memory too. */
export const grownSize = (size: number, needed: number): number =>
  Math.max(needed, size < smallSize ? size * 2 : Math.ceil(size * 1.25));

/** Columns with room for more, cut out of one piece: few large ones leave no holes when they go. */
export function widenedTogether<const T extends readonly Uint32Array[]>(
  columns: T,
  capacity: number,
): { [K in keyof T]: Uint32Array<ArrayBuffer> } {
  const buffer = new ArrayBuffer(columns.length * capacity * 4);
  return columns.map((column, index) => {
    const larger = new Uint32Array(buffer, index * capacity * 4, capacity);
    larger.set(column);
    return larger;
  }) as { [K in keyof T]: Uint32Array<ArrayBuffer> };
}
