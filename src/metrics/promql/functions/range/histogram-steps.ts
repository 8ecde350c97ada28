import type { FloatHistogram } from '#metrics/model';
import type { SeriesWindows } from '../../engine/series-windows.ts';
import { HistogramAccumulator } from '../../histogram/accumulator.ts';
import { equalHistograms } from '../../histogram/buckets.ts';
import { isReset } from '../../histogram/resets.ts';
import type { HistogramStep, RangeCall } from './kernel.ts';
import {
  informOfIgnored,
  informOfReconciledBounds,
  warnOfMix,
  warnOfResetCollision,
  warnOfSchemas,
} from './notes.ts';
import { isResetByStart } from './start-times.ts';
import { isChange } from './steps.ts';

const floatsIn = ({ low, high }: SeriesWindows, step: number): number => high[step]! - low[step]!;

/** Functions of floats: histograms beside floats are left out. */
export const ignored: HistogramStep = (windows, step, _row, call) => {
  if (floatsIn(windows, step) > 0) informOfIgnored(call);
};

export const countAll: HistogramStep = (windows, step, row) => {
  const { low, high } = windows.histograms!;
  row.setFloat(step, floatsIn(windows, step) + high[step]! - low[step]!);
};

export const presentAll: HistogramStep = (_windows, step, row) => {
  row.setFloat(step, 1);
};

export const firstOfAll: HistogramStep = (windows, step, row) => {
  const found = windows.histograms!;
  const at = found.low[step]!;
  const isFloat =
    floatsIn(windows, step) > 0 && windows.timesMs[windows.low[step]!]! < found.timesMs[at]!;
  if (!isFloat) row.setHistogram(step, found.values[at]!);
};

export const lastOfAll: HistogramStep = (windows, step, row) => {
  const found = windows.histograms!;
  const at = found.high[step]! - 1;
  const isFloat =
    floatsIn(windows, step) > 0 && windows.timesMs[windows.high[step]! - 1]! > found.timesMs[at]!;
  if (!isFloat) row.setHistogram(step, found.values[at]!);
};

export const timeOfFirstAll: HistogramStep = (windows, step, row) => {
  const found = windows.histograms!;
  const time = found.timesMs[found.low[step]!]! / 1000;
  row.setFloat(step, floatsIn(windows, step) > 0 ? Math.min(row.values[step]!, time) : time);
};

export const timeOfLastAll: HistogramStep = (windows, step, row) => {
  const found = windows.histograms!;
  const time = found.timesMs[found.high[step]! - 1]! / 1000;
  row.setFloat(step, floatsIn(windows, step) > 0 ? Math.max(row.values[step]!, time) : time);
};

function histogramsIn(windows: SeriesWindows, step: number): readonly FloatHistogram[] {
  const { values, low, high } = windows.histograms!;
  return values.slice(low[step]!, high[step]!);
}

/** Conflicting hints of all that is summed up are one warning. */
function warnOfHints(histograms: readonly FloatHistogram[], call: RangeCall): void {
  const hints = new Set(histograms.map(({ counterResetHint }) => counterResetHint));
  if (hints.has('reset') && hints.has('notReset')) warnOfResetCollision(call, 'aggregation');
}

export const sumAll: HistogramStep = (windows, step, row, call) => {
  row.remove(step);
  if (floatsIn(windows, step) > 0) return warnOfMix(call);
  const histograms = histogramsIn(windows, step);
  const sum = new HistogramAccumulator(histograms[0]!);
  let isReconciled = false;
  for (const histogram of histograms.slice(1)) {
    const added = sum.add(histogram);
    if (added === undefined) return warnOfSchemas(call);
    isReconciled ||= added.isReconciled;
  }
  warnOfHints(histograms, call);
  if (isReconciled) informOfReconciledBounds(call, 'aggregation');
  row.setHistogram(step, sum.toHistogram());
};

export const averageAll: HistogramStep = (windows, step, row, call) => {
  row.remove(step);
  if (floatsIn(windows, step) > 0) return warnOfMix(call);
  const histograms = histogramsIn(windows, step);
  const mean = new HistogramMean(histograms[0]!);
  let isReconciled = false;
  for (const histogram of histograms.slice(1)) {
    const added = mean.add(histogram);
    if (added === undefined) return warnOfSchemas(call);
    isReconciled ||= added.isReconciled;
  }
  warnOfHints(histograms, call);
  if (isReconciled) informOfReconciledBounds(call, 'aggregation');
  row.setHistogram(step, mean.toHistogram());
};

/** The mean of histograms: their sum over their number, or step by step where the sum is too large. */
export class HistogramMean {
  #sum: HistogramAccumulator;
  #count = 1;
  #isIncremental = false;

  constructor(first: FloatHistogram) {
    this.#sum = new HistogramAccumulator(first);
  }

  add(histogram: FloatHistogram): ReturnType<HistogramAccumulator['add']> {
    const count = this.#count + 1;
    if (!this.#isIncremental) {
      const before = this.#sum.toHistogram();
      const added = this.#sum.add(histogram);
      if (added === undefined) return undefined;
      if (!this.#sum.hasOverflow()) {
        this.#count = count;
        return added;
      }
      this.#isIncremental = true;
      this.#sum = new HistogramAccumulator(before);
      this.#sum.divide(this.#count);
    }
    this.#count = count;
    this.#sum.multiply((count - 1) / count);
    const part = new HistogramAccumulator(histogram);
    part.divide(count);
    return this.#sum.add(part.toHistogram());
  }

  toHistogram(): FloatHistogram {
    if (!this.#isIncremental) this.#sum.divide(this.#count);
    return this.#sum.toHistogram();
  }
}

/** Floats and histograms of a window in order of time. */
export interface MixedSample {
  readonly timeMs: number;
  readonly startMs: number;
  readonly value: number;
  readonly histogram: FloatHistogram | undefined;
}

export function mixedSamples(windows: SeriesWindows, step: number): MixedSample[] {
  const found = windows.histograms;
  const samples: MixedSample[] = [];
  for (let at = windows.low[step]!; at < windows.high[step]!; at++) {
    const startMs = windows.startTimesMs?.[at] ?? 0;
    const [timeMs, value] = [windows.timesMs[at]!, windows.values[at]!];
    samples.push({ timeMs, startMs, value, histogram: undefined });
  }
  if (found === undefined) return samples;
  for (let at = found.low[step]!; at < found.high[step]!; at++) {
    const startMs = found.startTimesMs[at] ?? 0;
    samples.push({ timeMs: found.timesMs[at]!, startMs, value: 0, histogram: found.values[at]! });
  }
  return samples.sort((a, b) => a.timeMs - b.timeMs);
}

export function countChanges(samples: readonly MixedSample[]): number {
  return countPairs(samples, (before, after) => {
    if (before.histogram === undefined && after.histogram === undefined) {
      return isChange(before.value, after.value);
    }
    if (before.histogram === undefined || after.histogram === undefined) return true;
    return !equalHistograms(after.histogram, before.histogram);
  });
}

export function countResets(samples: readonly MixedSample[]): number {
  return countPairs(samples, (before, after) => {
    if ((before.histogram === undefined) !== (after.histogram === undefined)) return true;
    const isByStart = isResetByStart({
      previousStartMs: before.startMs,
      previousMs: before.timeMs,
      startMs: after.startMs,
      timeMs: after.timeMs,
    });
    if (before.histogram === undefined || after.histogram === undefined) {
      return isByStart || after.value < before.value;
    }
    return isByStart || isReset(after.histogram, before.histogram);
  });
}

function countPairs(
  samples: readonly MixedSample[],
  isCounted: (before: MixedSample, after: MixedSample) => boolean,
): number {
  let count = 0;
  for (let at = 1; at < samples.length; at++) {
    if (isCounted(samples[at - 1]!, samples[at]!)) count++;
  }
  return count;
}

export const changesOfAll: HistogramStep = (windows, step, row) => {
  row.setFloat(step, countChanges(mixedSamples(windows, step)));
};

export const resetsOfAll: HistogramStep = (windows, step, row) => {
  row.setFloat(step, countResets(mixedSamples(windows, step)));
};
