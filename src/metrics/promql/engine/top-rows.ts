import { floatSample, type Row } from './row.ts';

/** The columns of `TopRows`, which is no class any more once it came from another thread. */
export type TopColumns = Pick<TopRows, 'sizes' | 'values' | 'series'>;

export interface TopShape {
  /** `topk` and not `bottomk`. */
  readonly isTop: boolean;
  /** How many of a group are kept at each step; at least 1. */
  readonly room: number;
  readonly groups: number;
  readonly steps: number;
}

/**
 * The best of each group at each step, best first; of equal values those of the earlier series, in
 * whatever order they come. NaN is worse than any number. Places are `(group * steps + step) * room`
 * and those behind it.
 */
export class TopRows {
  /** Kept so far, by group and step. */
  readonly sizes: Int32Array;
  readonly values: Float64Array;
  readonly series: Int32Array;
  readonly #shape: TopShape;
  /** What a value has to be better than; NaN: anything is. */
  readonly #bars: Float64Array;

  constructor(shape: TopShape) {
    const cells = shape.groups * shape.steps;
    this.#shape = shape;
    this.#bars = new Float64Array(cells).fill(Number.NaN);
    // In shared memory, as other results of threads: see `parallel/chunk.ts`.
    this.sizes = new Int32Array(new SharedArrayBuffer(cells * 4));
    this.series = new Int32Array(new SharedArrayBuffer(cells * shape.room * 4));
    this.values = new Float64Array(new SharedArrayBuffer(cells * shape.room * 8));
  }

  /** Offers the floats of a row. */
  add(group: number, index: number, { kinds, values }: Row): void {
    const { isTop, steps } = this.#shape;
    const bars = this.#bars;
    const first = group * steps;
    for (let step = 0; step < steps; step++) {
      if (kinds[step] !== floatSample) continue;
      const value = values[step]!;
      const bar = bars[first + step]!;
      if (isTop ? value < bar : value > bar) continue;
      this.#offer(first + step, value, index);
    }
  }

  /** Takes over what other series left. */
  merge({ sizes, values, series }: TopColumns): void {
    const { room } = this.#shape;
    for (let cell = 0; cell < sizes.length; cell++) {
      for (let at = cell * room; at < cell * room + sizes[cell]!; at++) {
        this.#offer(cell, values[at]!, series[at]!);
      }
    }
  }

  #offer(cell: number, value: number, index: number): void {
    const { room } = this.#shape;
    const { sizes, values, series } = this;
    const start = cell * room;
    const size = sizes[cell]!;
    let at = start + size;
    if (size === room) {
      at--;
      if (!this.#goesBefore(value, index, values[at]!, series[at]!)) return;
    } else {
      sizes[cell] = size + 1;
    }
    while (at > start && this.#goesBefore(value, index, values[at - 1]!, series[at - 1]!)) {
      values[at] = values[at - 1]!;
      series[at] = series[at - 1]!;
      at--;
    }
    values[at] = value;
    series[at] = index;
    if (sizes[cell] === room) this.#bars[cell] = values[start + room - 1]!;
  }

  #goesBefore(value: number, index: number, other: number, otherIndex: number): boolean {
    if (value === other) return index < otherIndex;
    if (Number.isNaN(value)) return Number.isNaN(other) && index < otherIndex;
    return Number.isNaN(other) || (this.#shape.isTop ? value > other : value < other);
  }
}
