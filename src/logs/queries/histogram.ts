import type { Bins } from '#logs/insights';
import type { SqlRows } from '#logs/store';
import type { QueryHistogram } from './contract.ts';

/** A bar needs a few pixels: more bins than this nobody sees. */
const maxBins = 120;

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const steps: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1, 2, 5, 10, 15, 30, 1, 2, 5, 10, 15, 30, 1, 2, 3, 6, 12, 1,
  2, 7, 30, 90, 365,
].map((value, index) =>
  index < 9
    ? value
    : index < 15
      ? value * secondMs
      : index < 21
        ? value * minuteMs
        : index < 26
          ? value * hourMs
          : value * dayMs,
);

/** Bins over a range (both ends inclusive), aligned to the epoch. */
export function histogramBins(fromMs: number, toMs: number): Bins {
  const wanted = (toMs - fromMs + 1) / (maxBins - 1);
  const last = steps.at(-1)!;
  const binMs = steps.find((step) => step >= wanted) ?? last * Math.ceil(wanted / last);
  return { fromMs: Math.floor(fromMs / binMs) * binMs, binMs };
}

/** Counts that grow while a query runs. */
export class HistogramCounter {
  readonly bins: Bins;
  readonly #counts: number[];
  #total = 0;

  constructor(fromMs: number, toMs: number) {
    this.bins = histogramBins(fromMs, toMs);
    this.#counts = new Array<number>(
      Math.floor((toMs - this.bins.fromMs) / this.bins.binMs) + 1,
    ).fill(0);
  }

  get total(): number {
    return this.#total;
  }

  get value(): QueryHistogram {
    return { ...this.bins, counts: [...this.#counts] };
  }

  addEvent(timestampMs: number): void {
    this.#add(Math.floor((timestampMs - this.bins.fromMs) / this.bins.binMs), 1);
  }

  /** Rows with the columns bin and n. */
  addRows(rows: SqlRows): void {
    const bins = rows.columns[0] ?? [];
    const counts = rows.columns[1] ?? [];
    for (let i = 0; i < rows.rowCount; i++) this.#add(Number(bins[i]), Number(counts[i]));
  }

  #add(bin: number, count: number): void {
    this.#total += count;
    // An event outside the bins cannot be: but a wrong count is worse than a missing bar.
    if (bin >= 0 && bin < this.#counts.length) this.#counts[bin]! += count;
  }
}
