import type { Labels } from '#metrics/model';
import { Postings } from './postings.ts';
import { Symbols } from './symbols.ts';

/** Bits of `flags`: what makes a series need the slow path. */
export const hasOpenHistogram = 1;
export const hasStartTime = 2;
export const hasLateSamples = 4;

const refsPerPage = 4096;

/**
 * All series of the head as columns, a row each. Rows are used again, references never: pages of
 * numbers lead from one to the other, and a page goes when all of its references are gone.
 */
export class SeriesTable {
  readonly symbols: Symbols = new Symbols();
  readonly postings: Postings = new Postings();
  /** One past the highest row. Row 0 is nobody's. */
  rows = 1;
  count = 0;
  nextRef = 1;
  /** Counts changes of the set of series. */
  version = 0;

  /** 0: the row is free. */
  ref: Uint32Array = new Uint32Array(0);
  flags: Uint8Array = new Uint8Array(0);
  /** Time of the newest sample in order, -Infinity before the first. */
  lastTime: Float64Array = new Float64Array(0);
  /** Interval before it, ms. */
  lastInterval: Float64Array = new Float64Array(0);
  /** Newest value times 10^scale. */
  lastInteger: Float64Array = new Float64Array(0);
  scale: Uint8Array = new Uint8Array(0);
  openAddress: Uint32Array = new Uint32Array(0);
  openBytes: Uint16Array = new Uint16Array(0);
  openCapacity: Uint16Array = new Uint16Array(0);
  openCount: Uint16Array = new Uint16Array(0);
  /** Newest of the closed chunks, 0: none. */
  lastChunk: Uint32Array = new Uint32Array(0);

  #hash: Uint32Array = new Uint32Array(0);
  #labelsAt: Uint32Array = new Uint32Array(0);
  #labelCount: Uint16Array = new Uint16Array(0);
  /** Names and values as symbols, one series after the other. */
  #labels = new Uint32Array(1024);
  #labelsEnd = 0;
  readonly #freeLabels: number[][] = [];
  #freeRows: number[] = [];
  /** Open addressing over rows; a power of two, at most half full. */
  #slots = new Uint32Array(256);
  #pages: (Uint32Array | undefined)[] = [];
  #pageUses: number[] = [];
  #key = new Uint32Array(32);

  /** 0: not known (any more). */
  row(ref: number): number {
    return this.#pages[(ref / refsPerPage) | 0]?.[ref % refsPerPage] ?? 0;
  }

  /** The row of these labels, 0: none. */
  find(labels: Labels): number {
    const size = labels.length;
    if (this.#key.length < size) this.#key = new Uint32Array(size * 2);
    for (let at = 0; at < size; at++) {
      const id = this.symbols.find(labels[at]!);
      if (id === 0) return 0;
      this.#key[at] = id;
    }
    return this.#lookup(size);
  }

  /** A new series. @param ref a number for it, from a log; else the next. */
  add(labels: Labels, ref: number = this.nextRef): number {
    const size = labels.length;
    if (this.#key.length < size) this.#key = new Uint32Array(size * 2);
    for (let at = 0; at < size; at++) this.#key[at] = this.symbols.use(labels[at]!);
    return this.#add(size, ref);
  }

  /** The row of these labels: the one that is known, or a new one. Each text is looked up once. */
  findOrAdd(labels: Labels, ref: number): number {
    const size = labels.length;
    if (this.#key.length < size) this.#key = new Uint32Array(size * 2);
    for (let at = 0; at < size; at++) this.#key[at] = this.symbols.use(labels[at]!);
    const known = this.#lookup(size);
    if (known === 0) return this.#add(size, ref);
    for (let at = 0; at < size; at++) this.symbols.release(this.#key[at]!);
    return known;
  }

  #add(size: number, ref: number): number {
    const row = this.#freeRows.pop() ?? this.rows++;
    if (row >= this.ref.length) this.#grow(row + 1);
    this.nextRef = Math.max(this.nextRef, ref + 1);
    this.ref[row] = ref;
    this.flags[row] = 0;
    this.lastTime[row] = Number.NEGATIVE_INFINITY;
    this.lastInterval[row] = 0;
    this.lastInteger[row] = 0;
    this.scale[row] = 0;
    this.openAddress[row] = 0;
    this.openBytes[row] = 0;
    this.openCapacity[row] = 0;
    this.openCount[row] = 0;
    this.lastChunk[row] = 0;
    this.#storeLabels(row, size);
    this.#hash[row] = this.#hashOfKey(size);
    this.count++;
    this.version++;
    if (this.count * 2 > this.#slots.length) this.#rehash(this.#slots.length * 2);
    else this.#insert(row);
    this.#setPage(ref, row);
    for (let at = 0; at < size; at += 2) {
      this.postings.add(this.#key[at]!, this.#key[at + 1]!, ref);
    }
    return row;
  }

  /** Forgets series. Their memory for samples must be free already. */
  remove(rows: readonly number[]): void {
    if (rows.length === 0) return;
    const gone = new Set<number>();
    const pairs = new Map<number, Set<number>>();
    for (const row of rows) {
      gone.add(this.ref[row]!);
      this.#eachPair(row, (name, value) => {
        let values = pairs.get(name);
        if (values === undefined) {
          values = new Set();
          pairs.set(name, values);
        }
        values.add(value);
      });
    }
    for (const [name, values] of pairs) {
      for (const value of values) this.postings.remove(name, value, (ref) => gone.has(ref));
    }
    for (const row of rows) {
      const ref = this.ref[row]!;
      const page = (ref / refsPerPage) | 0;
      this.#pages[page]![ref % refsPerPage] = 0;
      if (--this.#pageUses[page]! === 0) this.#pages[page] = undefined;
      this.#eachPair(row, (name, value) => {
        this.symbols.release(name);
        this.symbols.release(value);
      });
      const size = this.#labelCount[row]!;
      this.#freeLabels[size] ??= [];
      this.#freeLabels[size].push(this.#labelsAt[row]!);
      this.ref[row] = 0;
      this.#freeRows.push(row);
    }
    this.count -= rows.length;
    this.version++;
    this.#rehash(this.#slots.length);
  }

  labels(row: number): Labels {
    const start = this.#labelsAt[row]!;
    const size = this.#labelCount[row]!;
    const labels: string[] = new Array(size);
    for (let at = 0; at < size; at++) labels[at] = this.symbols.text(this.#labels[start + at]!);
    return labels;
  }

  /** The symbol of a label's value, 0 when the series lacks it. */
  valueOf(row: number, name: number): number {
    const start = this.#labelsAt[row]!;
    const end = start + this.#labelCount[row]!;
    for (let at = start; at < end; at += 2)
      if (this.#labels[at] === name) return this.#labels[at + 1]!;
    return 0;
  }

  /** Names and values as symbols, for comparing. */
  symbolsOf(row: number): Uint32Array {
    const start = this.#labelsAt[row]!;
    return this.#labels.subarray(start, start + this.#labelCount[row]!);
  }

  /** References of all series, ascending. */
  allRefs(): Uint32Array {
    const refs = new Uint32Array(this.count);
    let at = 0;
    for (let row = 1; row < this.rows; row++) if (this.ref[row] !== 0) refs[at++] = this.ref[row]!;
    return refs.sort();
  }

  /** Bytes of columns, labels, postings and texts: about. */
  memoryBytes(): number {
    const perRow = 4 + 1 + 24 + 1 + 4 + 6 + 4 + 4 + 4 + 2;
    return this.ref.length * perRow + this.#labels.length * 4 + this.#slots.length * 4;
  }

  #eachPair(row: number, visit: (name: number, value: number) => void): void {
    const start = this.#labelsAt[row]!;
    const end = start + this.#labelCount[row]!;
    for (let at = start; at < end; at += 2) visit(this.#labels[at]!, this.#labels[at + 1]!);
  }

  #storeLabels(row: number, size: number): void {
    let start = this.#freeLabels[size]?.pop();
    if (start === undefined) {
      start = this.#labelsEnd;
      this.#labelsEnd += size;
      if (this.#labelsEnd > this.#labels.length) {
        const larger = new Uint32Array(Math.ceil(this.#labelsEnd * 1.5));
        larger.set(this.#labels);
        this.#labels = larger;
      }
    }
    this.#labelsAt[row] = start;
    this.#labelCount[row] = size;
    for (let at = 0; at < size; at++) this.#labels[start + at] = this.#key[at]!;
  }

  #hashOfKey(size: number): number {
    let hash = size;
    for (let at = 0; at < size; at++) {
      hash = Math.imul(hash ^ this.#key[at]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }

  #lookup(size: number): number {
    const hash = this.#hashOfKey(size);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot]!;
      if (row === 0) return 0;
      if (this.#hash[row] !== hash || this.#labelCount[row] !== size) continue;
      const start = this.#labelsAt[row]!;
      let at = 0;
      while (at < size && this.#labels[start + at] === this.#key[at]) at++;
      if (at === size) return row;
    }
  }

  #insert(row: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hash[row]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = row;
  }

  #rehash(size: number): void {
    this.#slots = new Uint32Array(size);
    for (let row = 1; row < this.rows; row++) if (this.ref[row] !== 0) this.#insert(row);
  }

  #setPage(ref: number, row: number): void {
    const page = (ref / refsPerPage) | 0;
    let numbers = this.#pages[page];
    if (numbers === undefined) {
      numbers = new Uint32Array(refsPerPage);
      this.#pages[page] = numbers;
      this.#pageUses[page] = 0;
    }
    numbers[ref % refsPerPage] = row;
    this.#pageUses[page]!++;
  }

  #grow(rows: number): void {
    const capacity = Math.max(256, rows < 65_536 ? rows * 2 : Math.ceil(rows * 1.25));
    const bytes = (column: Uint8Array): Uint8Array => copyInto(new Uint8Array(capacity), column);
    const shorts = (column: Uint16Array): Uint16Array =>
      copyInto(new Uint16Array(capacity), column);
    const ints = (column: Uint32Array): Uint32Array => copyInto(new Uint32Array(capacity), column);
    const doubles = (column: Float64Array): Float64Array =>
      copyInto(new Float64Array(capacity), column);
    this.ref = ints(this.ref);
    this.flags = bytes(this.flags);
    this.lastTime = doubles(this.lastTime);
    this.lastInterval = doubles(this.lastInterval);
    this.lastInteger = doubles(this.lastInteger);
    this.scale = bytes(this.scale);
    this.openAddress = ints(this.openAddress);
    this.openBytes = shorts(this.openBytes);
    this.openCapacity = shorts(this.openCapacity);
    this.openCount = shorts(this.openCount);
    this.lastChunk = ints(this.lastChunk);
    this.#hash = ints(this.#hash);
    this.#labelsAt = ints(this.#labelsAt);
    this.#labelCount = shorts(this.#labelCount);
  }
}

function copyInto<T extends { set(from: ArrayLike<number>): void }>(
  to: T,
  from: ArrayLike<number>,
): T {
  to.set(from);
  return to;
}
