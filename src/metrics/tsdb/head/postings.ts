import { grownSize, widenedTogether } from './texts.ts';

/** References of a page of lists, 1 MiB. Longer lists have a page of their own. */
const pageSize = 262_144;
const pageBits = 18;
const minCapacity = 4;

const none = new Uint32Array(0);

/**
 * Which series have a label pair, by the pair's number. A pair of one series, as ids are, costs a number
 * and no list; lists lie in pages that they share, in powers of two, without an object of their own.
 */
export class Postings {
  #counts: Uint32Array = new Uint32Array(1024);
  /** Of one reference: it. Of more: where their list is, page and place. */
  #at: Uint32Array = new Uint32Array(1024);
  readonly #pages: (Uint32Array | undefined)[] = [];
  readonly #freePages: number[] = [];
  /** Free pieces by the power of two of their size. */
  readonly #free: number[][] = Array.from({ length: pageBits + 1 }, () => []);
  #page = -1;
  #pageEnd = pageSize;

  get memoryBytes(): number {
    const pages = this.#pages.reduce((sum, page) => sum + (page?.byteLength ?? 0), 0);
    return this.#counts.byteLength * 2 + pages;
  }

  /** References only grow, mostly: lists are in the order of adding. */
  add(pair: number, ref: number): void {
    if (pair >= this.#counts.length) {
      const size = grownSize(this.#counts.length, pair + 1);
      [this.#counts, this.#at] = widenedTogether([this.#counts, this.#at], size);
    }
    const count = this.#counts[pair]!;
    this.#counts[pair] = count + 1;
    if (count === 0) {
      this.#at[pair] = ref;
      return;
    }
    if (count === 1) {
      const only = this.#at[pair]!;
      const at = this.#allocate(minCapacity);
      this.#at[pair] = at;
      this.#pageOf(at)[placeOf(at)] = only;
    } else if (count >= minCapacity && (count & (count - 1)) === 0) {
      this.#move(pair, count, count, count * 2);
    }
    const at = this.#at[pair]!;
    this.#pageOf(at)[placeOf(at) + count] = ref;
  }

  size(pair: number): number {
    return this.#counts[pair] ?? 0;
  }

  /** Valid until the next change. */
  refs(pair: number): Uint32Array {
    const count = this.size(pair);
    if (count === 0) return none;
    const at = this.#at[pair]!;
    if (count === 1) return Uint32Array.of(at);
    const place = placeOf(at);
    return this.#pageOf(at).subarray(place, place + count);
  }

  /** Forgets references of a pair for which `isGone` holds. */
  remove(pair: number, isGone: (ref: number) => boolean): void {
    const count = this.#counts[pair]!;
    if (count === 0) return;
    const at = this.#at[pair]!;
    if (count === 1) {
      if (isGone(at)) this.#counts[pair] = 0;
      return;
    }
    const list = this.refs(pair);
    let kept = 0;
    for (let index = 0; index < count; index++) {
      const ref = list[index]!;
      if (!isGone(ref)) list[kept++] = ref;
    }
    this.#counts[pair] = kept;
    const capacity = capacityOf(count);
    if (kept <= 1) {
      const only = list[0]!;
      this.#release(at, capacity);
      this.#at[pair] = kept === 0 ? 0 : only;
    } else if (capacityOf(kept) !== capacity) {
      this.#move(pair, kept, capacity, capacityOf(kept));
    }
  }

  #pageOf(at: number): Uint32Array {
    return this.#pages[at >>> pageBits]!;
  }

  #move(pair: number, count: number, from: number, to: number): void {
    const old = this.#at[pair]!;
    const next = this.#allocate(to);
    const place = placeOf(old);
    this.#pageOf(next).set(this.#pageOf(old).subarray(place, place + count), placeOf(next));
    this.#release(old, from);
    this.#at[pair] = next;
  }

  #allocate(capacity: number): number {
    if (capacity > pageSize) return this.#addPage(capacity) * pageSize;
    const known = this.#free[powerOf(capacity)]!.pop();
    if (known !== undefined) return known;
    if (this.#pageEnd + capacity > pageSize) {
      this.#freeRest();
      this.#page = this.#addPage(pageSize);
      this.#pageEnd = 0;
    }
    const at = this.#page * pageSize + this.#pageEnd;
    this.#pageEnd += capacity;
    return at;
  }

  /** What is left of a page serves smaller lists. */
  #freeRest(): void {
    for (let power = pageBits; power >= 2; power--) {
      const size = 2 ** power;
      if (this.#pageEnd + size > pageSize) continue;
      this.#free[power]!.push(this.#page * pageSize + this.#pageEnd);
      this.#pageEnd += size;
    }
  }

  #release(at: number, capacity: number): void {
    if (capacity <= pageSize) {
      this.#free[powerOf(capacity)]!.push(at);
      return;
    }
    this.#pages[at >>> pageBits] = undefined;
    this.#freePages.push(at >>> pageBits);
  }

  #addPage(size: number): number {
    const number = this.#freePages.pop() ?? this.#pages.length;
    this.#pages[number] = new Uint32Array(size);
    return number;
  }
}

const placeOf = (at: number): number => at & (pageSize - 1);
const powerOf = (capacity: number): number => 31 - Math.clz32(capacity);
const capacityOf = (count: number): number =>
  count <= minCapacity ? minCapacity : 2 ** (32 - Math.clz32(count - 1));
