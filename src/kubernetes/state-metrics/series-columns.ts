/** Blocks come in steps of so many series: few sizes, so that what is given back fits again. */
const step = 8;
const firstCapacity = 4096;

/**
 * The series of all objects, as columns: 18 bytes a series. An object has one block of consecutive
 * rows; blocks that are given back are used again.
 */
export class SeriesColumns {
  /** Index of the family within its resource. Ascending within a block. */
  families: Uint16Array = new Uint16Array(firstCapacity);
  /** Number of the labels beyond those of the object. */
  labels: Uint32Array = new Uint32Array(firstCapacity);
  values: Float64Array = new Float64Array(firstCapacity);
  /** Number of the series in the metric store; 0: not asked for yet. */
  refs: Uint32Array = new Uint32Array(firstCapacity);
  #end = 0;
  /** Starts of blocks without an owner, by capacity / step. */
  readonly #free: number[][] = [];

  static capacityOf(count: number): number {
    return Math.ceil(count / step) * step;
  }

  /** A block for so many series: its first row. */
  allocate(count: number): number {
    const capacity = SeriesColumns.capacityOf(count);
    const again = this.#free[capacity / step]?.pop();
    if (again !== undefined) return again;
    const start = this.#end;
    this.#end += capacity;
    if (this.#end > this.families.length) this.#grow(this.#end);
    return start;
  }

  release(start: number, count: number): void {
    const at = SeriesColumns.capacityOf(count) / step;
    if (at === 0) return;
    this.#free[at] ??= [];
    this.#free[at].push(start);
  }

  get sizeBytes(): number {
    return this.families.length * 18;
  }

  #grow(needed: number): void {
    // By half: a column twice as long would hold a quarter of nothing on average.
    const capacity = Math.max(needed, Math.ceil(this.families.length * 1.5));
    const families = new Uint16Array(capacity);
    families.set(this.families);
    this.families = families;
    const labels = new Uint32Array(capacity);
    labels.set(this.labels);
    this.labels = labels;
    const values = new Float64Array(capacity);
    values.set(this.values);
    this.values = values;
    const refs = new Uint32Array(capacity);
    refs.set(this.refs);
    this.refs = refs;
  }
}
