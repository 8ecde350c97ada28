import type { FloatHistogram } from '#metrics/model';
import {
  type Bucket,
  compacted,
  exponentialBound,
  forBuckets,
  lowerBound,
  upperBound,
  usesCustomBuckets,
} from './buckets.ts';
import { fractionBelow } from './quantile.ts';

/** What is left of a bucket, and where its observations are taken to be. */
interface Part {
  readonly count: number;
  readonly middle: number;
}

/**
 * A histogram of the observations below a bound (`</`) or above it (`>/`). Buckets are cut where the
 * bound is, their observations being spread as for quantiles; sum and count follow from what is left.
 */
export function trimmed(
  histogram: FloatHistogram,
  bound: number,
  keeps: 'below' | 'above',
): FloatHistogram {
  const isCustom = usesCustomBuckets(histogram);
  const { schema, customValues } = histogram;
  let isChanged = false;
  let count = 0;
  let sum = 0;
  const take = (bucket: Bucket, isPositive: boolean): number => {
    const part = partOf(bucket, bound, keeps, isPositive, isCustom);
    if (part.count !== bucket.count) isChanged = true;
    count += part.count;
    sum += part.middle * part.count;
    return part.count;
  };

  let hasPositive = false;
  let hasNegative = false;
  const positive: number[] = [];
  const negative: number[] = [];
  forBuckets(histogram.positiveSpans, histogram.positiveBuckets, (index, own) => {
    if (own !== 0) hasPositive = true;
    const lower = lowerBound(index, schema, customValues);
    const upper = upperBound(index, schema, customValues);
    positive.push(own === 0 ? 0 : take({ lower, upper, count: own }, true));
  });
  forBuckets(histogram.negativeSpans, histogram.negativeBuckets, (index, own) => {
    if (own !== 0) hasNegative = true;
    const lower = -exponentialBound(index, schema);
    const upper = -exponentialBound(index - 1, schema);
    negative.push(own === 0 ? 0 : take({ lower, upper, count: own }, false));
  });
  let { zeroCount } = histogram;
  if (zeroCount > 0) {
    const part = zeroPart(histogram, bound, keeps, hasNegative, hasPositive);
    if (part.count !== zeroCount) isChanged = true;
    zeroCount = part.count;
    count += part.count;
    sum += part.middle * part.count;
  }
  if (!isChanged) return histogram;
  return compacted({
    ...histogram,
    zeroCount,
    count,
    sum,
    positiveBuckets: positive,
    negativeBuckets: negative,
  });
}

function partOf(
  bucket: Bucket,
  bound: number,
  keeps: 'below' | 'above',
  isPositive: boolean,
  isCustom: boolean,
): Part {
  const { lower, upper, count } = bucket;
  const isKept = keeps === 'below' ? upper <= bound : lower >= bound;
  if (isKept) return { count, middle: middleOf(lower, upper, isPositive, isCustom) };
  const isCut = keeps === 'below' ? lower < bound : upper > bound;
  if (!isCut) return { count: 0, middle: 0 };
  if (lower === Number.NEGATIVE_INFINITY || upper === Number.POSITIVE_INFINITY) {
    return openPart(bucket, bound, keeps);
  }
  const below =
    bound <= lower ? 0 : bound >= upper ? count : count * fractionBelow(bucket, bound, isCustom);
  return keeps === 'below'
    ? { count: below, middle: middleOf(lower, bound, isPositive, isCustom) }
    : { count: count - below, middle: middleOf(bound, upper, isPositive, isCustom) };
}

/** Of a bucket without an end nothing is known but what lies on the bounded side of zero. */
function openPart({ lower, upper, count }: Bucket, bound: number, keeps: 'below' | 'above'): Part {
  const finiteOr0 = (value: number): number => (Number.isFinite(value) ? value : 0);
  if (lower === Number.NEGATIVE_INFINITY) {
    const isFromZero = upper > 0 && upper !== Number.POSITIVE_INFINITY;
    if (keeps === 'below') {
      if (bound >= upper) return { count, middle: 0 };
      if (bound > 0 && isFromZero) return { count: (count * bound) / upper, middle: bound / 2 };
      if (upper <= 0) return { count, middle: bound };
      return { count: 0, middle: finiteOr0(upper) };
    }
    if (bound <= lower) return { count, middle: 0 };
    if (bound >= 0 && upper > bound && isFromZero) {
      return { count: count * (1 - bound / upper), middle: (bound + upper) / 2 };
    }
    return { count: 0, middle: finiteOr0(upper) };
  }
  if (keeps === 'above' && bound >= lower) return { count, middle: bound };
  return { count: 0, middle: finiteOr0(lower) };
}

function zeroPart(
  { zeroThreshold, zeroCount }: FloatHistogram,
  bound: number,
  keeps: 'below' | 'above',
  hasNegative: boolean,
  hasPositive: boolean,
): Part {
  const lower = hasPositive && !hasNegative ? 0 : -zeroThreshold;
  const upper = hasNegative && !hasPositive ? 0 : zeroThreshold;
  const whole = { count: zeroCount, middle: (lower + upper) / 2 };
  const nothing = { count: 0, middle: 0 };
  if (keeps === 'below') {
    if (bound <= lower) return nothing;
    if (bound >= upper) return whole;
    return { count: zeroCount * ((bound - lower) / (upper - lower)), middle: (lower + bound) / 2 };
  }
  if (bound <= lower) return whole;
  if (bound >= upper) return nothing;
  return { count: zeroCount * ((upper - bound) / (upper - lower)), middle: (bound + upper) / 2 };
}

function middleOf(lower: number, upper: number, isPositive: boolean, isLinear: boolean): number {
  if (!Number.isFinite(lower)) {
    if (!Number.isFinite(upper)) return 0;
    return upper > 0 ? upper / 2 : upper;
  }
  if (!Number.isFinite(upper)) return lower;
  if (isLinear) return (lower + upper) / 2;
  const middle = Math.sqrt(Math.abs(lower * upper));
  return isPositive ? middle : -middle;
}
