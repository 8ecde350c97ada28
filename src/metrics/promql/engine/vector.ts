import type { FloatHistogram, Labels } from '#metrics/model';
import type { ParallelSource } from '../parallel/plan.ts';
import type { Grid } from './grid.ts';
import { floatSample, noSample, type Row } from './row.ts';
import type { ScalarStep } from './scalar-step.ts';

/**
 * An instant vector over all steps, read series by series: what it holds need not be in memory at once.
 */
export interface VectorSource {
  readonly count: number;
  labels(index: number): Labels;
  /** The name is to be dropped when the whole query was evaluated. */
  dropsName(index: number): boolean;
  /** Fills a row; false: the series has no sample at any step. In order of index, each once at most. */
  read(index: number, row: Row): boolean;
  /** The series stand in an order that the answer keeps. */
  readonly isOrdered?: boolean;
  /** For other threads, where the rows can be computed there. */
  parallel?(grid: Grid): ParallelSource | undefined;
  dispose?(): void;
}

/** One series in memory: its samples from the first step with one to the last. */
export interface StoredSeries {
  readonly labels: Labels;
  readonly dropsName: boolean;
  readonly from: number;
  readonly values: Float64Array;
  readonly kinds: Uint8Array;
  readonly histograms: readonly (FloatHistogram | undefined)[] | undefined;
}

/** A vector in memory. */
export class Vector implements VectorSource {
  readonly series: readonly StoredSeries[];
  readonly isOrdered: boolean;

  constructor(series: readonly StoredSeries[], isOrdered = false) {
    this.series = series;
    this.isOrdered = isOrdered;
  }

  get count(): number {
    return this.series.length;
  }

  labels(index: number): Labels {
    return this.series[index]!.labels;
  }

  dropsName(index: number): boolean {
    return this.series[index]!.dropsName;
  }

  read(index: number, row: Row): boolean {
    const { from, values, kinds, histograms } = this.series[index]!;
    row.clear();
    row.values.set(values, from);
    row.kinds.set(kinds, from);
    if (histograms !== undefined) {
      row.histograms = new Array(row.steps);
      for (let at = 0; at < histograms.length; at++) row.histograms[from + at] = histograms[at];
    }
    return true;
  }
}

/** A copy of a row's samples, or undefined when it has none. */
export function storedSeries(
  labels: Labels,
  dropsName: boolean,
  row: Row,
): StoredSeries | undefined {
  const { kinds } = row;
  let from = 0;
  while (from < kinds.length && kinds[from] === noSample) from++;
  if (from === kinds.length) return undefined;
  let end = kinds.length;
  while (kinds[end - 1] === noSample) end--;
  return {
    labels,
    dropsName,
    from,
    values: row.values.slice(from, end),
    kinds: kinds.slice(from, end),
    histograms: row.histograms?.slice(from, end),
  };
}

/** One series without labels: the vector of a scalar. */
export function scalarVector(values: Float64Array): Vector {
  const kinds = new Uint8Array(values.length).fill(floatSample);
  return new Vector([
    { labels: [], dropsName: false, from: 0, values, kinds, histograms: undefined },
  ]);
}

/** Another vector with its rows changed in place; false: nothing is left of a row. */
export class RowMap implements VectorSource {
  readonly #source: VectorSource;
  readonly #change: (row: Row, index: number) => boolean;
  readonly #step: ScalarStep | undefined;

  /** `step` does to floats what `change` does, on other threads. */
  constructor(
    source: VectorSource,
    change: (row: Row, index: number) => boolean,
    step?: ScalarStep,
  ) {
    this.#source = source;
    this.#change = change;
    this.#step = step;
  }

  get count(): number {
    return this.#source.count;
  }

  get isOrdered(): boolean {
    return this.#source.isOrdered ?? false;
  }

  labels(index: number): Labels {
    return this.#source.labels(index);
  }

  dropsName(index: number): boolean {
    return this.#source.dropsName(index);
  }

  read(index: number, row: Row): boolean {
    return this.#source.read(index, row) && this.#change(row, index);
  }

  parallel(grid: Grid): ParallelSource | undefined {
    const step = this.#step;
    const parallel = step === undefined ? undefined : this.#source.parallel?.(grid);
    if (step === undefined || parallel === undefined) return undefined;
    const scalarSteps = [...parallel.plan.scalarSteps, step];
    return { ...parallel, plan: { ...parallel.plan, scalarSteps } };
  }

  dispose(): void {
    this.#source.dispose?.();
  }
}
