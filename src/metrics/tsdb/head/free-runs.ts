/** Runs of up to so many units have a list for each length; longer ones one for each power of two. */
const maxExact = 256;
/** Of a list of mixed lengths so many are looked at. */
const maxLooks = 32;
const wordsPerUnit = 4;
const lists = maxExact + 1 + 24;

/**
 * Free memory of an arena, in runs of units that lie in one page. What borders on other free memory becomes one
 * with it: open chunks of many series grow in step, and what each leaves behind is too small for the next size.
 * What is known of a run stands in its own bytes, so that free memory costs none:
 *
 *     | units u32 | next run of its list u32 | previous run u32 | … | units u32 |
 *
 * Page n begins at address `(n + 1) * unitsPerPage`. Memory may be given only when nobody reads it any more.
 */
export class FreeRuns {
  readonly #pages: readonly Uint32Array[];
  readonly #unitsPerPage: number;
  readonly #first = new Uint32Array(lists);
  /** A bit for each list that is not empty. */
  readonly #filled = new Uint32Array(Math.ceil(lists / 32));
  /** By page a bit for each unit that is the first or the last of a run. */
  readonly #edges: Uint32Array[] = [];

  /** @param pages the arena's pages, as words; more may come */
  constructor(pages: readonly Uint32Array[], unitsPerPage: number) {
    this.#pages = pages;
    this.#unitsPerPage = unitsPerPage;
  }

  /** Memory of so many units, out of the shortest run that has them; 0: there is none. */
  take(units: number): number {
    const list = this.#listWith(units);
    const address = list < 0 ? 0 : this.#fitting(list, units);
    if (address === 0) return 0;
    const length = this.#lengthAt(address);
    this.#remove(address, length);
    if (length > units) this.#put(address + units, length - units);
    return address;
  }

  add(address: number, units: number): void {
    let start = address;
    let end = address + units;
    // Pages border on each other in numbers only.
    if (start % this.#unitsPerPage !== 0 && this.#isEdge(start - 1)) {
      const before = this.#wordsOf(start)[this.#wordOf(start) - 1]!;
      start -= before;
      this.#remove(start, before);
    }
    if (end % this.#unitsPerPage !== 0 && this.#isEdge(end)) {
      const behind = this.#lengthAt(end);
      this.#remove(end, behind);
      end += behind;
    }
    this.#put(start, end - start);
  }

  /** The list to look in, -1: none has a run that long. */
  #listWith(units: number): number {
    const filled = this.#filled;
    let list = listOf(units);
    // A list of mixed lengths holds shorter ones too.
    if (units > maxExact && this.#fitting(list, units) === 0) list++;
    let word = list >>> 5;
    let bits = filled[word]! & (-1 << (list & 31));
    while (bits === 0) {
      if (++word >= filled.length) return -1;
      bits = filled[word]!;
    }
    return word * 32 + 31 - Math.clz32(bits & -bits);
  }

  #fitting(list: number, units: number): number {
    let address = this.#first[list]!;
    if (list <= maxExact) return address;
    for (let looks = 0; address !== 0 && looks < maxLooks; looks++) {
      if (this.#lengthAt(address) >= units) return address;
      address = this.#wordsOf(address)[this.#wordOf(address) + 1]!;
    }
    return 0;
  }

  #put(address: number, units: number): void {
    const list = listOf(units);
    const next = this.#first[list]!;
    const words = this.#wordsOf(address);
    const word = this.#wordOf(address);
    words[word] = units;
    words[word + 1] = next;
    words[word + 2] = 0;
    words[word + units * wordsPerUnit - 1] = units;
    if (next !== 0) this.#wordsOf(next)[this.#wordOf(next) + 2] = address;
    this.#first[list] = address;
    this.#filled[list >>> 5]! |= 1 << (list & 31);
    this.#setEdges(address, units, true);
  }

  #remove(address: number, units: number): void {
    const words = this.#wordsOf(address);
    const word = this.#wordOf(address);
    const next = words[word + 1]!;
    const previous = words[word + 2]!;
    if (next !== 0) this.#wordsOf(next)[this.#wordOf(next) + 2] = previous;
    if (previous !== 0) this.#wordsOf(previous)[this.#wordOf(previous) + 1] = next;
    else {
      const list = listOf(units);
      this.#first[list] = next;
      if (next === 0) this.#filled[list >>> 5]! &= ~(1 << (list & 31));
    }
    this.#setEdges(address, units, false);
  }

  #setEdges(address: number, units: number, isFree: boolean): void {
    const page = ((address / this.#unitsPerPage) | 0) - 1;
    this.#edges[page] ??= new Uint32Array(Math.ceil(this.#unitsPerPage / 32));
    const bits = this.#edges[page];
    const first = address % this.#unitsPerPage;
    const last = first + units - 1;
    if (isFree) {
      bits[first >>> 5]! |= 1 << (first & 31);
      bits[last >>> 5]! |= 1 << (last & 31);
    } else {
      bits[first >>> 5]! &= ~(1 << (first & 31));
      bits[last >>> 5]! &= ~(1 << (last & 31));
    }
  }

  #isEdge(address: number): boolean {
    const bits = this.#edges[((address / this.#unitsPerPage) | 0) - 1];
    const unit = address % this.#unitsPerPage;
    return bits !== undefined && (bits[unit >>> 5]! & (1 << (unit & 31))) !== 0;
  }

  #lengthAt(address: number): number {
    return this.#wordsOf(address)[this.#wordOf(address)]!;
  }

  #wordsOf(address: number): Uint32Array {
    return this.#pages[((address / this.#unitsPerPage) | 0) - 1]!;
  }

  #wordOf(address: number): number {
    return (address % this.#unitsPerPage) * wordsPerUnit;
  }
}

const listOf = (units: number): number =>
  units <= maxExact ? units : maxExact + 1 + (31 - Math.clz32(units));
