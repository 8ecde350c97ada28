import { copyBytes, equalBytes, hashBytes } from '#metrics/model';
import { refusedSeries, type SeriesRef } from '#metrics/tsdb';

/** Bytes of labels kept; a million series of 200 bytes. Beyond it the table starts anew. */
const maxArenaBytes = 256 * 1024 * 1024;
const firstArenaBytes = 64 * 1024;
/** Up to here it doubles, then grows by a quarter. */
const smallArenaBytes = 4 * 1024 * 1024;
const firstSlots = 1024;

/**
 * Series by the bytes of their labels as a sender writes them: a sender repeats them in each request,
 * and looking them up without making a text of them is what the speed of receiving comes from.
 * Different bytes for one series (another order) are two entries with one reference.
 */
export class SeriesTable {
  #slots: Uint32Array = new Uint32Array(firstSlots);
  #hashes: Uint32Array = new Uint32Array(firstSlots / 2);
  #starts: Uint32Array = new Uint32Array(firstSlots / 2);
  #lengths: Uint32Array = new Uint32Array(firstSlots / 2);
  #refs: Uint32Array = new Uint32Array(firstSlots / 2);
  #arena: Buffer = Buffer.allocUnsafe(firstArenaBytes);
  #arenaLength = 0;
  #view = new DataView(this.#arena.buffer, this.#arena.byteOffset, this.#arena.length);
  #count = 0;
  /** Hash of the bytes that were looked for last. */
  #missed = 0;
  /** The entry that was found last. */
  #last = -1;
  /** Grows when the table starts anew: entries from before are void. */
  generation = 0;

  get size(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#arena.length + this.#slots.byteLength + this.#refs.byteLength * 4;
  }

  /**
   * Whether the bytes from `start` on, at most up to `end`, are those of the entry after the last one:
   * senders write their series in one order. @returns the entry, or -1
   */
  findNext(view: DataView, start: number, end: number): number {
    const next = this.#last + 1;
    if (next >= this.#count || this.#refs[next] === refusedSeries) return -1;
    const length = this.#lengths[next]!;
    if (length > end - start) return -1;
    if (!equalBytes(this.#view, this.#starts[next]!, view, start, length)) return -1;
    this.#last = next;
    return next;
  }

  lengthOf(entry: number): number {
    return this.#lengths[entry]!;
  }

  /** The entry of these bytes, or -1. */
  find(view: DataView, start: number, end: number): number {
    // Senders write their series in one order: the one after the last is the likeliest by far.
    const next = this.#last + 1;
    if (next < this.#count && this.#holds(next, view, start, end)) {
      this.#last = next;
      return next;
    }
    const hash = hashBytes(view, start, end);
    this.#missed = hash;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0) return -1;
      if (this.#hashes[entry] !== hash || !this.#holds(entry, view, start, end)) continue;
      this.#last = entry;
      return entry;
    }
  }

  /** The bytes that an entry was added with. */
  bytesOf(entry: number): Buffer {
    const start = this.#starts[entry]!;
    return this.#arena.subarray(start, start + this.#lengths[entry]!);
  }

  refAt(entry: number): SeriesRef {
    return this.#refs[entry]!;
  }

  setRef(entry: number, ref: SeriesRef): void {
    this.#refs[entry] = ref;
  }

  /** Adds the bytes that `find` has just not found. @returns the entry; `generation` tells whether others are void now */
  add(view: DataView, start: number, end: number, ref: SeriesRef): number {
    const length = end - start;
    if (this.#arenaLength + length > maxArenaBytes) this.#clear();
    if (this.#count === this.#refs.length) this.#grow();
    if (this.#arenaLength + length > this.#arena.length) {
      const grown = this.#arena.length * (this.#arena.length < smallArenaBytes ? 2 : 1.25);
      const larger = Buffer.allocUnsafeSlow(Math.max(Math.ceil(grown), this.#arenaLength + length));
      this.#arena.copy(larger, 0, 0, this.#arenaLength);
      this.#arena = larger;
      this.#view = new DataView(larger.buffer, larger.byteOffset, larger.length);
    }
    copyBytes(view, start, this.#view, this.#arenaLength, length);
    const entry = this.#count++;
    this.#last = entry;
    this.#hashes[entry] = this.#missed;
    this.#starts[entry] = this.#arenaLength;
    this.#lengths[entry] = length;
    this.#refs[entry] = ref;
    this.#arenaLength += length;
    this.#place(entry);
    return entry;
  }

  #holds(entry: number, view: DataView, start: number, end: number): boolean {
    const length = end - start;
    if (this.#lengths[entry] !== length) return false;
    return equalBytes(this.#view, this.#starts[entry]!, view, start, length);
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[entry]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #grow(): void {
    const size = this.#refs.length;
    const capacity = size < 65_536 ? size * 2 : Math.ceil(size * 1.25);
    this.#hashes = widened(this.#hashes, capacity);
    this.#starts = widened(this.#starts, capacity);
    this.#lengths = widened(this.#lengths, capacity);
    this.#refs = widened(this.#refs, capacity);
    if (capacity * 2 <= this.#slots.length) return;
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let entry = 0; entry < this.#count; entry++) this.#place(entry);
  }

  #clear(): void {
    this.#slots.fill(0);
    this.#count = 0;
    this.#last = -1;
    this.#arenaLength = 0;
    this.generation++;
  }
}

function widened(column: Uint32Array, capacity: number): Uint32Array {
  const larger = new Uint32Array(capacity);
  larger.set(column);
  return larger;
}

/** The bytes that a view shows between two places. */
export function bytesIn(view: DataView, start: number, end: number): Buffer {
  return Buffer.from(view.buffer, view.byteOffset + start, end - start);
}
