import type { FloatHistogram } from '#metrics/model';
import { allBuckets, type Bucket, usesCustomBuckets } from './buckets.ts';

/** An answer, and what its reader should know: observations that are NaN have no place in a bucket. */
export interface Estimate {
  readonly value: number;
  readonly note?: 'nanResult' | 'nanSkew' | 'nanExcluded';
}

/**
 * The quantile of a native histogram: linear within custom buckets and the zero bucket, exponential
 * within exponential ones.
 *
 * Source: `histogram_quantile` in the reference's documentation of functions.
 */
export function histogramQuantile(q: number, histogram: FloatHistogram): Estimate {
  if (q < 0) return { value: Number.NEGATIVE_INFINITY };
  if (q > 1) return { value: Number.POSITIVE_INFINITY };
  if (histogram.count === 0 || Number.isNaN(q)) return { value: Number.NaN };
  const isCustom = usesCustomBuckets(histogram);
  const hasNan = Number.isNaN(histogram.sum);
  // From the nearer end, which is more exact; with NaN among the observations the upper end is open.
  const isForward = hasNan || q < 0.5;
  const buckets = allBuckets(histogram);
  if (!isForward) buckets.reverse();
  let rank = isForward ? q * histogram.count : (1 - q) * histogram.count;

  let bucket: Bucket = { lower: 0, upper: 0, count: 0 };
  let count = 0;
  let at = 0;
  while (at < buckets.length) {
    const next = buckets[at++]!;
    bucket = next;
    if (next.count === 0) continue;
    count += next.count;
    if (count >= rank) break;
  }
  bucket = { ...bucket };
  if (isCustom) {
    if (bucket.lower === Number.NEGATIVE_INFINITY) {
      if (bucket.upper <= 0) return { value: bucket.upper };
      bucket.lower = 0;
    } else if (bucket.upper === Number.POSITIVE_INFINITY) return { value: bucket.lower };
  } else if (bucket.lower < 0 && bucket.upper > 0) clampZero(bucket, histogram);
  count = Math.min(count, histogram.count);
  if (count < rank)
    return hasNan ? { value: Number.NaN, note: 'nanResult' } : { value: bucket.upper };

  rank = isForward ? rank - (count - bucket.count) : count - rank;
  const skewed = hasNan && isCountedLess(buckets.slice(at), count, histogram.count);
  const value = within(bucket, rank / bucket.count, isCustom);
  return skewed ? { value, note: 'nanSkew' } : { value };
}

const isCountedLess = (rest: readonly Bucket[], counted: number, all: number): boolean =>
  rest.reduce((sum, { count }) => sum + count, counted) < all;

/** A zero bucket of a histogram with one side only is taken to lie on that side. */
function clampZero(bucket: Bucket, histogram: FloatHistogram): void {
  const hasNegative = histogram.negativeBuckets.length > 0;
  const hasPositive = histogram.positiveBuckets.length > 0;
  if (!hasNegative && hasPositive) bucket.lower = 0;
  else if (!hasPositive && hasNegative) bucket.upper = 0;
}

function within({ lower, upper }: Bucket, fraction: number, isCustom: boolean): number {
  if (isCustom || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction;
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * fraction);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)));
}

/** The share of a bucket's width at or below a value strictly within its finite bounds. */
export function fractionBelow({ lower, upper }: Bucket, value: number, isLinear: boolean): number {
  if (isLinear) return (value - lower) / (upper - lower);
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const logValue = Math.log2(Math.abs(value));
  if (value > 0) return (logValue - logLower) / (logUpper - logLower);
  return 1 - (logValue - logUpper) / (logLower - logUpper);
}

/** The share of observations between two values. */
export function histogramFraction(
  lower: number,
  upper: number,
  histogram: FloatHistogram,
): Estimate {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper))
    return { value: Number.NaN };
  if (lower >= upper) return { value: 0 };
  const isCustom = usesCustomBuckets(histogram);
  const buckets = allBuckets(histogram);
  let rank = 0;
  let lowerRank: number | undefined;
  let upperRank: number | undefined;
  for (const bucket of buckets) {
    const isZero = bucket.lower <= 0 && bucket.upper >= 0;
    if (isZero) clampZero(bucket, histogram);
    if (bucket.lower >= lower) lowerRank ??= rank;
    if (bucket.lower >= upper) upperRank ??= rank;
    if (lowerRank !== undefined && upperRank !== undefined) break;
    const rankAt = (value: number): number => {
      const isLinear = isCustom || isZero;
      // Nothing is known of the inside of a bucket without an end.
      if (isLinear && bucket.lower === Number.NEGATIVE_INFINITY) return bucket.count;
      return rank + bucket.count * fractionBelow(bucket, value, isLinear);
    };
    if (bucket.lower < lower && bucket.upper > lower) lowerRank ??= rankAt(lower);
    if (bucket.lower < upper && bucket.upper > upper) upperRank ??= rankAt(upper);
    if (lowerRank !== undefined && upperRank !== undefined) break;
    rank += bucket.count;
  }
  const hasNan = Number.isNaN(histogram.sum);
  const counted = hasNan ? buckets.reduce((sum, bucket) => sum + bucket.count, 0) : histogram.count;
  const from = Math.min(lowerRank ?? counted, counted);
  const to = Math.min(upperRank ?? counted, counted);
  const value = (to - from) / histogram.count;
  return hasNan && counted < histogram.count ? { value, note: 'nanExcluded' } : { value };
}

/** Variance of the observations, each taken to be in the middle of its bucket. */
export function histogramVariance(histogram: FloatHistogram): number {
  const mean = histogram.sum / histogram.count;
  const isCustom = usesCustomBuckets(histogram);
  let sum = 0;
  for (const { lower, upper, count } of allBuckets(histogram)) {
    if (count === 0) continue;
    let middle: number;
    if (isCustom) middle = (upper + lower) / 2;
    else if (lower <= 0 && upper >= 0) middle = 0;
    else middle = Math.sqrt(upper * lower) * (upper < 0 ? -1 : 1);
    sum += count * (middle - mean) ** 2;
  }
  return sum / histogram.count;
}
