/**
 * Where each row of a list begins, when most rows are of one height and some have been measured.
 * While none differs, everything is a multiplication; else one pass over a typed array per change.
 */
export class RowHeights {
  readonly #rowHeight: number;
  #count = 0;
  /** Undefined: all rows are of the one height. */
  #heights: Float64Array | undefined;
  /** `tops[i]` of row i, `tops[count]` the height of all; undefined: to be summed up again. */
  #tops: Float64Array | undefined;

  /** @param rowHeight in px, of a row that was not measured */
  constructor(rowHeight: number) {
    this.#rowHeight = rowHeight;
  }

  get count(): number {
    return this.#count;
  }

  get total(): number {
    return this.top(this.#count);
  }

  /** Forgets what was measured. */
  reset(count = this.#count): void {
    this.#count = count;
    this.#heights = undefined;
    this.#tops = undefined;
  }

  /** Now `count` rows, of which `moved` came in front (negative: went there). */
  resize(count: number, moved: number): void {
    const before = this.#heights;
    if (before !== undefined) {
      const heights = new Float64Array(count).fill(this.#rowHeight);
      const kept = before.subarray(Math.max(0, -moved), Math.max(0, -moved) + count);
      const at = Math.max(0, moved);
      heights.set(kept.subarray(0, Math.max(0, count - at)), Math.min(at, count));
      this.#heights = heights;
      this.#tops = undefined;
    }
    this.#count = count;
  }

  /** @returns whether that is news */
  set(index: number, height: number): boolean {
    const known = this.#heights?.[index] ?? this.#rowHeight;
    if (known === height || index < 0 || index >= this.#count) return false;
    this.#heights ??= new Float64Array(this.#count).fill(this.#rowHeight);
    this.#heights[index] = height;
    this.#tops = undefined;
    return true;
  }

  top(index: number): number {
    const at = Math.max(0, Math.min(index, this.#count));
    return this.#heights === undefined ? at * this.#rowHeight : (this.#sums()[at] as number);
  }

  /** The row at this height; the last one below all rows; -1 when there are none. */
  at(y: number): number {
    const last = this.#count - 1;
    if (this.#heights === undefined) {
      return Math.max(Math.min(0, last), Math.min(last, Math.floor(y / this.#rowHeight)));
    }
    const tops = this.#sums();
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((tops[middle] as number) <= y) low = middle;
      else high = middle - 1;
    }
    return Math.min(low, last);
  }

  #sums(): Float64Array {
    if (this.#tops === undefined) {
      const tops = new Float64Array(this.#count + 1);
      let sum = 0;
      for (let i = 0; i < this.#count; i++) {
        sum += this.#heights?.[i] ?? this.#rowHeight;
        tops[i + 1] = sum;
      }
      this.#tops = tops;
    }
    return this.#tops;
  }
}
