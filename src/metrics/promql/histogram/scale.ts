import type { FloatHistogram } from '#metrics/model';
import { compacted } from './buckets.ts';

const gaugeIf = (isGauge: boolean, { counterResetHint }: FloatHistogram) =>
  isGauge ? ('gauge' as const) : counterResetHint;

/** All counts and the sum times a factor. A negative one makes a gauge of it. */
export function multiplied(histogram: FloatHistogram, factor: number): FloatHistogram {
  return compacted(scaled(histogram, (value) => value * factor, factor < 0));
}

/** All counts and the sum divided; by zero no buckets are left. */
export function divided(histogram: FloatHistogram, divisor: number): FloatHistogram {
  const result = scaled(histogram, (value) => value / divisor, divisor < 0);
  if (divisor !== 0) return compacted(result);
  return {
    ...result,
    positiveSpans: [],
    positiveBuckets: [],
    negativeSpans: [],
    negativeBuckets: [],
  };
}

/** The same histogram with other numbers. */
function scaled(
  histogram: FloatHistogram,
  scale: (value: number) => number,
  isGauge: boolean,
): FloatHistogram {
  return {
    ...histogram,
    zeroCount: scale(histogram.zeroCount),
    count: scale(histogram.count),
    sum: scale(histogram.sum),
    positiveBuckets: histogram.positiveBuckets.map(scale),
    negativeBuckets: histogram.negativeBuckets.map(scale),
    counterResetHint: gaugeIf(isGauge, histogram),
  };
}

/** Negated without being compacted: `-h`. */
export const negated = (histogram: FloatHistogram): FloatHistogram =>
  scaled(histogram, (value) => value * -1, true);

/** The same with another hint. */
export const withHint = (
  histogram: FloatHistogram,
  counterResetHint: FloatHistogram['counterResetHint'],
): FloatHistogram =>
  histogram.counterResetHint === counterResetHint ? histogram : { ...histogram, counterResetHint };
