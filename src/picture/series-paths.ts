import type { Series, TimeSeriesOptions } from './contract.ts';

export interface DrawnPoint {
  readonly timeMs: number;
  readonly value: number;
  /** The value below it in a stack. */
  readonly base: number | undefined;
}

/** Stretches without gaps. */
export interface DrawnSeries {
  readonly runs: readonly (readonly DrawnPoint[])[];
}

/** A way between two points that is so many steps long is a gap. */
const gapSteps = 1.5;

/** What of the series lies in the range, parted at gaps, with no more points than can be seen. */
export function drawnSeries(
  all: readonly Series[],
  options: TimeSeriesOptions,
): readonly DrawnSeries[] {
  const sums = new Map<number, number>();
  return all.map((series) => {
    const runs: DrawnPoint[][] = [];
    let run: DrawnPoint[] = [];
    const end = (): void => {
      if (run.length > 0) runs.push(thinned(run, options));
      run = [];
    };
    for (let at = 0; at < series.timesMs.length; at++) {
      const timeMs = series.timesMs[at] as number;
      const own = series.values[at] as number;
      if (timeMs < options.fromMs || timeMs > options.toMs) continue;
      if (!Number.isFinite(own)) {
        end();
        continue;
      }
      const before = run.at(-1);
      const { stepMs } = options;
      if (
        before !== undefined &&
        stepMs !== undefined &&
        timeMs - before.timeMs > gapSteps * stepMs
      ) {
        end();
      }
      const base = options.isStacked === true ? (sums.get(timeMs) ?? 0) : undefined;
      const value = (base ?? 0) + own;
      if (base !== undefined) sums.set(timeMs, value);
      run.push({ timeMs, value, base });
    }
    end();
    return { runs };
  });
}

/** The highest and the lowest of each pixel column say all that can be seen. */
function thinned(run: DrawnPoint[], { fromMs, toMs, width }: TimeSeriesOptions): DrawnPoint[] {
  const columns = Math.max(1, Math.floor(width));
  if (run.length <= 4 * columns) return run;
  const columnMs = (toMs - fromMs) / columns;
  const kept: DrawnPoint[] = [];
  let start = 0;
  while (start < run.length) {
    const column = Math.floor(((run[start] as DrawnPoint).timeMs - fromMs) / columnMs);
    let end = start;
    let low = start;
    let high = start;
    while (
      end < run.length &&
      Math.floor(((run[end] as DrawnPoint).timeMs - fromMs) / columnMs) === column
    ) {
      if ((run[end] as DrawnPoint).value < (run[low] as DrawnPoint).value) low = end;
      if ((run[end] as DrawnPoint).value > (run[high] as DrawnPoint).value) high = end;
      end++;
    }
    const wanted = new Set([start, low, high, end - 1]);
    for (const at of [...wanted].sort((a, b) => a - b)) kept.push(run[at] as DrawnPoint);
    start = end;
  }
  return kept;
}

/** The least and the greatest of what is drawn and of `others`; 0 and 1 where there is nothing. */
export function rangeOf(
  drawn: readonly DrawnSeries[],
  others: readonly number[],
): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const see = (value: number): void => {
    if (!Number.isFinite(value)) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (const { runs } of drawn) for (const run of runs) for (const { value } of run) see(value);
  for (const value of others) see(value);
  return low > high ? [0, 1] : [low, high];
}

/** Of the whole series, gaps left out; undefined: it has no value. */
export function lastValue({ values }: Series): number | undefined {
  for (let at = values.length - 1; at >= 0; at--) {
    const value = values[at] as number;
    if (!Number.isNaN(value)) return value;
  }
  return undefined;
}
