import type { LabelBytes, Labels } from '#metrics/model';
import { Postings } from './postings.ts';
import { TextTable } from './texts.ts';

/** Bits of `flags`: what makes a series need the slow path. */
export const hasOpenHistogram = 1;
export const hasStartTime = 2;
export const hasLateSamples = 4;

const refsPerPage = 4096;
/** A page of label pairs, 256 KiB. */
const pairsPerPage = 65_536;
/** What a page and the column of counts hold; nobody who is sane has a hundredth of it. */
export const maxLabelsOfSeries: number = pairsPerPage - 1;

/** Bytes of a row in all columns. */
const rowBytes = 3 * 8 + 5 * 4 + 4 * 2 + 2;

/**
 * All series of the head as columns, a row each. Rows are used again, references never: pages of
 * numbers lead from one to the other, and a page goes when all of its references are gone.
 */
export class SeriesTable {
  readonly texts: TextTable = new TextTable();
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
  /** Numbers of label pairs, one series after the other, each in order of names and within one page. */
  readonly #labelPages: Uint32Array[] = [];
  #labelsEnd = 0;
  readonly #freeLabels: number[][] = [];
  #freeRows: number[] = [];
  /** Open addressing over rows; a power of two, at most half full. */
  #slots = new Uint32Array(256);
  #pages: (Uint32Array | undefined)[] = [];
  #pageUses: number[] = [];
  /** Pairs of the series that is looked up or added. */
  #key = new Uint32Array(32);
  #scratch = new Scratch();

  /** 0: not known (any more). */
  row(ref: number): number {
    return this.#pages[(ref / refsPerPage) | 0]?.[ref % refsPerPage] ?? 0;
  }

  /** The row of these labels, 0: none. */
  find(labels: Labels): number {
    const size = labels.length / 2;
    const key = this.#keyFor(size);
    for (let at = 0; at < size; at++) {
      const pair = this.pair(labels[at * 2]!, labels[at * 2 + 1]!);
      if (pair === 0) return 0;
      key[at] = pair;
    }
    return this.#lookup(size);
  }

  /** The row of these labels, 0: none. */
  findBytes({ view, places, count }: LabelBytes): number {
    const { texts } = this;
    const key = this.#keyFor(count);
    for (let at = 0; at < count; at++) {
      const name = texts.find(0, view, places[at * 4]!, places[at * 4 + 1]!);
      if (name === 0) return 0;
      const pair = texts.find(name, view, places[at * 4 + 2]!, places[at * 4 + 3]!);
      if (pair === 0) return 0;
      key[at] = pair;
    }
    return this.#lookup(count);
  }

  /**
   * The row of these labels: the one that is known, or a new one.
   * @param ref a number for a new one, from a log; else the next
   */
  findOrAdd(labels: Labels, ref: number = this.nextRef): number {
    const { texts } = this;
    const scratch = this.#scratch;
    const size = labels.length / 2;
    const key = this.#keyFor(size);
    for (let at = 0; at < size; at++) {
      const nameEnd = scratch.write(labels[at * 2]!);
      const name = texts.name(scratch.view, 0, nameEnd);
      const end = scratch.write(labels[at * 2 + 1]!);
      key[at] = texts.use(name, scratch.view, 0, end);
    }
    return this.#findOrAddKey(size, ref);
  }

  /** As `findOrAdd`. */
  findOrAddBytes({ view, places, count }: LabelBytes, ref: number = this.nextRef): number {
    const { texts } = this;
    const key = this.#keyFor(count);
    for (let at = 0; at < count; at++) {
      const nameStart = places[at * 4]!;
      const nameEnd = places[at * 4 + 1]!;
      const start = places[at * 4 + 2]!;
      const end = places[at * 4 + 3]!;
      // Senders write series that are alike one after the other: the last one is a good guess.
      const last = key[at]!;
      let name = texts.nameOf(last);
      if (name === 0 || !texts.is(name, 0, view, nameStart, nameEnd)) {
        name = texts.name(view, nameStart, nameEnd);
      }
      if (texts.is(last, name, view, start, end)) texts.retain(last);
      else key[at] = texts.use(name, view, start, end);
    }
    return this.#findOrAddKey(count, ref);
  }

  /** As `findOrAdd`, by numbers of pairs; the caller has used each of them once more. */
  findOrAddPairs(pairs: ArrayLike<number>, count: number, ref: number): number {
    const key = this.#keyFor(count);
    for (let at = 0; at < count; at++) key[at] = pairs[at]!;
    return this.#findOrAddKey(count, ref);
  }

  /** The number of a name, 0: no series has it. */
  name(text: string): number {
    const scratch = this.#scratch;
    return this.texts.find(0, scratch.viewOf(text), 0, scratch.end);
  }

  /** The number of a label pair, 0: no series has it. */
  pair(name: string, value: string): number {
    const id = this.name(name);
    if (id === 0) return 0;
    const scratch = this.#scratch;
    return this.texts.find(id, scratch.viewOf(value), 0, scratch.end);
  }

  #keyFor(size: number): Uint32Array {
    if (this.#key.length < size) this.#key = new Uint32Array(size * 2);
    return this.#key;
  }

  #findOrAddKey(size: number, ref: number): number {
    const hash = this.#hashOfKey(size);
    const known = this.#lookup(size, hash);
    if (known === 0) return this.#add(size, ref, hash);
    for (let at = 0; at < size; at++) this.texts.release(this.#key[at]!);
    return known;
  }

  #add(size: number, ref: number, hash: number): number {
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
    this.#hash[row] = hash;
    this.count++;
    this.version++;
    if (this.count * 2 > this.#slots.length) this.#rehash(this.#slots.length * 2);
    else this.#insert(row);
    this.#setPage(ref, row);
    for (let at = 0; at < size; at++) this.postings.add(this.#key[at]!, ref);
    return row;
  }

  /** Forgets series. Their memory for samples must be free already. */
  remove(rows: readonly number[]): void {
    if (rows.length === 0) return;
    const gone = new Set<number>();
    const pairs = new Set<number>();
    for (const row of rows) {
      gone.add(this.ref[row]!);
      for (const pair of this.pairsOf(row)) pairs.add(pair);
    }
    for (const pair of pairs) this.postings.remove(pair, (ref) => gone.has(ref));
    for (const row of rows) {
      const ref = this.ref[row]!;
      const page = (ref / refsPerPage) | 0;
      this.#pages[page]![ref % refsPerPage] = 0;
      if (--this.#pageUses[page]! === 0) this.#pages[page] = undefined;
      for (const pair of this.pairsOf(row)) this.texts.release(pair);
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
    const { texts } = this;
    const start = this.#labelsAt[row]!;
    const size = this.#labelCount[row]!;
    const pairs = this.#labelPages[pageOfPairs(start)]!;
    const first = start % pairsPerPage;
    const labels: string[] = new Array(size * 2);
    for (let at = 0; at < size; at++) {
      const pair = pairs[first + at]!;
      labels[at * 2] = texts.text(texts.nameOf(pair));
      labels[at * 2 + 1] = texts.text(pair);
    }
    return labels;
  }

  /** The pair that a series has of a name, 0 when it lacks it. */
  pairOf(row: number, name: number): number {
    const { texts } = this;
    const start = this.#labelsAt[row]!;
    const pairs = this.#labelPages[pageOfPairs(start)]!;
    const first = start % pairsPerPage;
    const end = first + this.#labelCount[row]!;
    for (let at = first; at < end; at++) {
      if (texts.nameOf(pairs[at]!) === name) return pairs[at]!;
    }
    return 0;
  }

  pairCount(row: number): number {
    return this.#labelCount[row]!;
  }

  /** Number of one of its pairs. */
  pairAt(row: number, index: number): number {
    const start = this.#labelsAt[row]!;
    return this.#labelPages[pageOfPairs(start)]![(start % pairsPerPage) + index]!;
  }

  /** Numbers of its pairs, in order of names; valid until the next change. */
  pairsOf(row: number): Uint32Array {
    const start = this.#labelsAt[row]!;
    const first = start % pairsPerPage;
    return this.#labelPages[pageOfPairs(start)]!.subarray(first, first + this.#labelCount[row]!);
  }

  /** Label order of two rows. */
  order(a: number, b: number): number {
    const { texts } = this;
    const left = this.#labelsAt[a]!;
    const right = this.#labelsAt[b]!;
    const leftPairs = this.#labelPages[pageOfPairs(left)]!;
    const rightPairs = this.#labelPages[pageOfPairs(right)]!;
    const length = Math.min(this.#labelCount[a]!, this.#labelCount[b]!);
    for (let at = 0; at < length; at++) {
      const one = leftPairs[(left % pairsPerPage) + at]!;
      const other = rightPairs[(right % pairsPerPage) + at]!;
      if (one === other) continue;
      return texts.order(texts.nameOf(one), texts.nameOf(other)) || texts.order(one, other);
    }
    return this.#labelCount[a]! - this.#labelCount[b]!;
  }

  /** References of all series, ascending. */
  allRefs(): Uint32Array {
    const refs = new Uint32Array(this.count);
    let at = 0;
    for (let row = 1; row < this.rows; row++) if (this.ref[row] !== 0) refs[at++] = this.ref[row]!;
    return refs.sort();
  }

  /** Bytes of columns, labels, postings and texts: about. */
  get memoryBytes(): number {
    let own = this.ref.length * rowBytes + this.#slots.byteLength;
    for (const page of this.#labelPages) own += page.byteLength;
    return own + this.texts.memoryBytes + this.postings.memoryBytes;
  }

  #storeLabels(row: number, size: number): void {
    let start = this.#freeLabels[size]?.pop();
    if (start === undefined) {
      const isFull = pageOfPairs(this.#labelsEnd + size - 1) >= this.#labelPages.length;
      if (isFull) {
        this.#labelsEnd = this.#labelPages.length * pairsPerPage;
        this.#labelPages.push(new Uint32Array(pairsPerPage));
      }
      start = this.#labelsEnd;
      this.#labelsEnd += size;
    }
    this.#labelsAt[row] = start;
    this.#labelCount[row] = size;
    const pairs = this.#labelPages[pageOfPairs(start)]!;
    const first = start % pairsPerPage;
    for (let at = 0; at < size; at++) pairs[first + at] = this.#key[at]!;
  }

  #hashOfKey(size: number): number {
    let hash = size;
    for (let at = 0; at < size; at++) {
      hash = Math.imul(hash ^ this.#key[at]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }

  #lookup(size: number, hash: number = this.#hashOfKey(size)): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot]!;
      if (row === 0) return 0;
      if (this.#hash[row] !== hash || this.#labelCount[row] !== size) continue;
      const start = this.#labelsAt[row]!;
      const pairs = this.#labelPages[pageOfPairs(start)]!;
      const first = start % pairsPerPage;
      let at = 0;
      while (at < size && pairs[first + at] === this.#key[at]) at++;
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

  /** All columns are cut out of one piece: a few large ones leave no holes in memory when they go. */
  #grow(rows: number): void {
    const wanted = Math.max(256, rows < 65_536 ? rows * 2 : Math.ceil(rows * 1.25));
    const capacity = Math.ceil(wanted / 8) * 8;
    const buffer = new ArrayBuffer(capacity * rowBytes);
    let at = 0;
    const place = (bytes: number): number => {
      const start = at;
      at += capacity * bytes;
      return start;
    };
    const doubles = (column: Float64Array): Float64Array =>
      copyInto(new Float64Array(buffer, place(8), capacity), column);
    const ints = (column: Uint32Array): Uint32Array =>
      copyInto(new Uint32Array(buffer, place(4), capacity), column);
    const shorts = (column: Uint16Array): Uint16Array =>
      copyInto(new Uint16Array(buffer, place(2), capacity), column);
    const bytes = (column: Uint8Array): Uint8Array =>
      copyInto(new Uint8Array(buffer, place(1), capacity), column);
    this.lastTime = doubles(this.lastTime);
    this.lastInterval = doubles(this.lastInterval);
    this.lastInteger = doubles(this.lastInteger);
    this.ref = ints(this.ref);
    this.openAddress = ints(this.openAddress);
    this.lastChunk = ints(this.lastChunk);
    this.#hash = ints(this.#hash);
    this.#labelsAt = ints(this.#labelsAt);
    this.openBytes = shorts(this.openBytes);
    this.openCapacity = shorts(this.openCapacity);
    this.openCount = shorts(this.openCount);
    this.#labelCount = shorts(this.#labelCount);
    this.flags = bytes(this.flags);
    this.scale = bytes(this.scale);
  }
}

const pageOfPairs = (at: number): number => (at / pairsPerPage) | 0;

/** Strings as UTF-8, one at a time. */
class Scratch {
  #bytes = Buffer.allocUnsafeSlow(1024);
  view = new DataView(this.#bytes.buffer);
  end = 0;

  /** @returns where the text ends in `view`; it starts at 0 */
  write(text: string): number {
    const { length } = text;
    if (length * 3 > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(length * 3);
      this.view = new DataView(this.#bytes.buffer);
    }
    const bytes = this.#bytes;
    for (let at = 0; at < length; at++) {
      const unit = text.charCodeAt(at);
      if (unit > 127) {
        this.end = bytes.write(text, 0, 'utf8');
        return this.end;
      }
      bytes[at] = unit;
    }
    this.end = length;
    return length;
  }

  viewOf(text: string): DataView {
    this.write(text);
    return this.view;
  }
}

function copyInto<T extends { set(from: ArrayLike<number>): void }>(
  to: T,
  from: ArrayLike<number>,
): T {
  to.set(from);
  return to;
}
