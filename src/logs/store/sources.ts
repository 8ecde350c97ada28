/** Gaps that one sender may leave open; beyond it the oldest gap counts as never to be filled. */
const maxRanges = 1024;

/** Which batch numbers of a sender are stored: inclusive ranges, ascending, never touching. */
export class BatchNumbers {
  #ranges: number[];
  seenMs: number;
  /** Differs from its row in the catalog. */
  dirty = false;

  constructor(ranges: readonly number[], seenMs: number) {
    this.#ranges = [...ranges];
    this.seenMs = seenMs;
  }

  get ranges(): readonly number[] {
    return this.#ranges;
  }

  has(number: number): boolean {
    for (let i = this.#ranges.length - 2; i >= 0; i -= 2) {
      if (number >= this.#ranges[i]!) return number <= this.#ranges[i + 1]!;
    }
    return false;
  }

  add(number: number): void {
    this.dirty = true;
    const ranges = this.#ranges;
    let i = ranges.length - 2;
    while (i >= 0 && ranges[i]! > number) i -= 2;
    // Now range i starts at or before the number, range i + 2 after it.
    if (i >= 0 && number <= ranges[i + 1]!) return;
    const joinsLeft = i >= 0 && ranges[i + 1] === number - 1;
    const joinsRight = i + 2 < ranges.length && ranges[i + 2] === number + 1;
    if (joinsLeft && joinsRight) ranges.splice(i + 1, 2);
    else if (joinsLeft) ranges[i + 1] = number;
    else if (joinsRight) ranges[i + 2] = number;
    else ranges.splice(i + 2, 0, number, number);
    if (ranges.length > maxRanges * 2) ranges.splice(1, 2);
  }

  /** The highest number up to which everything from the first range on is stored. */
  get upTo(): number {
    return this.#ranges[1] ?? 0;
  }
}
