import type { SeriesWindows } from '../../engine/series-windows.ts';
import { CompensatedSum } from '../../engine/sum.ts';
import type { FloatKernel } from './kernel.ts';
import { floatScratch } from './scratch.ts';

/** Sums of integers are exact below this. */
const maxExact = 2 ** 53;
/** Long windows are summed up by blocks of so many samples: both parts stay short up to days of 15 s. */
const blockSamples = 32;

/** Sums of any range of a series' samples. */
interface RangeSums {
  sum(from: number, to: number): number;
}

function rangeSums(values: Float64Array, count: number): RangeSums {
  return exactSums(values, count) ?? blockSums(values, count);
}

/** Where all values are integers, a range is the difference of two sums. */
function exactSums(values: Float64Array, count: number): RangeSums | undefined {
  const sums = floatScratch(count + 1);
  sums[0] = 0;
  let sum = 0;
  let size = 0;
  for (let at = 0; at < count; at++) {
    const value = values[at]!;
    if (!Number.isInteger(value)) return undefined;
    sum += value;
    size += Math.abs(value);
    if (size >= maxExact) return undefined;
    sums[at + 1] = sum;
  }
  return { sum: (from, to) => sums[to]! - sums[from]! };
}

/** Nothing is ever subtracted, so that infinities and large values end with the window they are in. */
function blockSums(values: Float64Array, count: number): RangeSums {
  const blocks = Math.floor(count / blockSamples);
  const sums = new Float64Array(blocks);
  const losses = new Float64Array(blocks);
  const total = new CompensatedSum();
  for (let block = 0; block < blocks; block++) {
    total.reset();
    const from = block * blockSamples;
    for (let at = from; at < from + blockSamples; at++) total.add(values[at]!);
    sums[block] = total.sum;
    losses[block] = total.lost;
  }
  return {
    sum(from, to) {
      const sum = finiteSum(values, sums, losses, from, to);
      return Number.isFinite(sum) ? sum : anySum(values, sums, losses, from, to);
    },
  };
}

/**
 * The compensated sum as long as it is finite; the error of each addition is exact, in whichever order
 * its two numbers stand.
 */
function finiteSum(
  values: Float64Array,
  sums: Float64Array,
  losses: Float64Array,
  from: number,
  to: number,
): number {
  let sum = 0;
  let lost = 0;
  let at = from;
  while (at < to) {
    const isBlock = at % blockSamples === 0 && at + blockSamples <= to;
    // Samples up to the next block, or to the end.
    const end = isBlock ? at : Math.min(to, at - (at % blockSamples) + blockSamples);
    for (; at < end; at++) {
      const value = values[at]!;
      const total = sum + value;
      const back = total - sum;
      lost += sum - (total - back) + (value - back);
      sum = total;
    }
    if (!isBlock) continue;
    const block = at / blockSamples;
    const value = sums[block]!;
    const total = sum + value;
    const back = total - sum;
    lost += sum - (total - back) + (value - back) + losses[block]!;
    sum = total;
    at += blockSamples;
  }
  return sum + lost;
}

/** The same with infinities and NaN. */
function anySum(
  values: Float64Array,
  sums: Float64Array,
  losses: Float64Array,
  from: number,
  to: number,
): number {
  const total = new CompensatedSum();
  let at = from;
  while (at < to) {
    if (at % blockSamples === 0 && at + blockSamples <= to) {
      const block = at / blockSamples;
      total.add(sums[block]!);
      total.add(losses[block]!);
      at += blockSamples;
    } else {
      total.add(values[at++]!);
    }
  }
  return total.total;
}

export const sumOverTime: FloatKernel = (windows, row) => {
  const { low, high } = windows;
  const sums = rangeSums(windows.values, windows.count);
  for (let step = 0; step < row.steps; step++) {
    const from = low[step]!;
    const to = high[step]!;
    if (to > from) row.setFloat(step, sums.sum(from, to));
  }
};

export const avgOverTime: FloatKernel = (windows, row) => {
  const { low, high, values } = windows;
  const sums = rangeSums(values, windows.count);
  for (let step = 0; step < row.steps; step++) {
    const from = low[step]!;
    const to = high[step]!;
    if (to <= from) continue;
    const sum = sums.sum(from, to);
    const average = Number.isFinite(sum) ? sum / (to - from) : incrementalMean(values, from, to);
    row.setFloat(step, average);
  }
};

/** The mean where the sum is too large for a number: each value is divided before it is added. */
function incrementalMean(values: Float64Array, from: number, to: number): number {
  const total = new CompensatedSum();
  total.add(values[from]!);
  let isIncremental = false;
  for (let at = from + 1; at < to; at++) {
    const value = values[at]!;
    const count = at - from + 1;
    if (!isIncremental) {
      const { sum, lost } = total;
      total.add(value);
      if (Math.abs(total.sum) !== Number.POSITIVE_INFINITY) continue;
      isIncremental = true;
      total.sum = sum / (count - 1);
      total.lost = lost / (count - 1);
    }
    const share = (count - 1) / count;
    total.sum *= share;
    total.lost *= share;
    total.add(value / count);
  }
  if (isIncremental) return total.sum + total.lost;
  return total.sum / (to - from) + total.lost / (to - from);
}

/** Sum of squared distances from the mean, over the number of samples. */
export function variance(values: Float64Array, from: number, to: number): number {
  const count = to - from;
  // Relative to a value of the series: equal values have distance zero exactly.
  const base = values[from]!;
  const total = new CompensatedSum();
  for (let at = from; at < to; at++) total.add(values[at]! - base);
  const mean = total.total / count;
  total.reset();
  for (let at = from; at < to; at++) {
    const distance = values[at]! - base - mean;
    total.add(distance * distance);
  }
  return total.total / count;
}

function variances(ofVariance: (value: number) => number): FloatKernel {
  return ({ low, high, values }: SeriesWindows, row) => {
    for (let step = 0; step < row.steps; step++) {
      const from = low[step]!;
      const to = high[step]!;
      if (to > from) row.setFloat(step, ofVariance(variance(values, from, to)));
    }
  };
}

export const stdvarOverTime: FloatKernel = variances((value) => value);
export const stddevOverTime: FloatKernel = variances(Math.sqrt);
