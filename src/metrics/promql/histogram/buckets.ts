import { type BucketSpan, customBucketsSchema, type FloatHistogram } from '#metrics/model';

/** A bucket with its bounds: observations in (lower, upper], mirrored for negative ones. */
export interface Bucket {
  lower: number;
  upper: number;
  count: number;
}

export const usesCustomBuckets = ({ schema }: { readonly schema: number }): boolean =>
  schema === customBucketsSchema;

/** The upper bound of an exponential bucket. Source: the specification of native histograms. */
export function exponentialBound(index: number, schema: number): number {
  if (schema < 0) {
    const exponent = index * 2 ** -schema;
    return exponent === 1024 ? Number.MAX_VALUE : 2 ** exponent;
  }
  const perDoubling = 2 ** schema;
  const doublings = Math.floor(index / perDoubling);
  const rest = index - doublings * perDoubling;
  // The bucket below infinity ends at the largest number.
  if (rest === 0 && doublings === 1024) return Number.MAX_VALUE;
  return 2 ** (rest / perDoubling) * 2 ** doublings;
}

/** Upper bound of a positive bucket of either layout. */
export function upperBound(index: number, schema: number, customValues: readonly number[]): number {
  if (schema !== customBucketsSchema) return exponentialBound(index, schema);
  return index < customValues.length ? customValues[index]! : Number.POSITIVE_INFINITY;
}

export function lowerBound(index: number, schema: number, customValues: readonly number[]): number {
  if (schema !== customBucketsSchema) return exponentialBound(index - 1, schema);
  return index === 0 ? Number.NEGATIVE_INFINITY : customValues[index - 1]!;
}

/** Calls back with index and count of each bucket, in order. */
export function forBuckets(
  spans: readonly BucketSpan[],
  counts: readonly number[],
  visit: (index: number, count: number) => void,
): void {
  let index = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let inSpan = 0; inSpan < length; inSpan++) visit(index++, counts[at++]!);
  }
}

/** The bucket of a coarser schema that a bucket is part of. */
export const coarserIndex = (index: number, schema: number, target: number): number =>
  ((index - 1) >> (schema - target)) + 1;

/** Spans and counts of buckets in order of index; empty ones are left out. */
export function toSpans(buckets: Iterable<readonly [index: number, count: number]>): {
  readonly spans: BucketSpan[];
  readonly counts: number[];
} {
  const spans: { offset: number; length: number }[] = [];
  const counts: number[] = [];
  let next = 0;
  for (const [index, count] of buckets) {
    if (count === 0) continue;
    const last = spans.at(-1);
    if (last !== undefined && index === next) last.length++;
    else spans.push({ offset: index - next, length: 1 });
    next = index + 1;
    counts.push(count);
  }
  return { spans, counts };
}

function sideBuckets(
  spans: readonly BucketSpan[],
  counts: readonly number[],
): [index: number, count: number][] {
  const buckets: [number, number][] = [];
  forBuckets(spans, counts, (index, count) => buckets.push([index, count]));
  return buckets;
}

export const positiveBuckets = (h: FloatHistogram): [index: number, count: number][] =>
  sideBuckets(h.positiveSpans, h.positiveBuckets);
export const negativeBuckets = (h: FloatHistogram): [index: number, count: number][] =>
  sideBuckets(h.negativeSpans, h.negativeBuckets);

/**
 * All buckets from the lowest to the highest. The ones next to the zero bucket end where it begins.
 */
export function allBuckets(histogram: FloatHistogram): Bucket[] {
  const { schema, customValues, zeroThreshold, zeroCount } = histogram;
  const buckets: Bucket[] = [];
  forBuckets(histogram.negativeSpans, histogram.negativeBuckets, (index, count) => {
    const upper = -exponentialBound(index - 1, schema);
    buckets.push({
      lower: -exponentialBound(index, schema),
      upper: upper > -zeroThreshold ? -zeroThreshold : upper,
      count,
    });
  });
  buckets.reverse();
  if (zeroCount > 0)
    buckets.push({ lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount });
  forBuckets(histogram.positiveSpans, histogram.positiveBuckets, (index, count) => {
    const lower = lowerBound(index, schema, customValues);
    const isInZero = lower > 0 && lower < zeroThreshold;
    const upper = upperBound(index, schema, customValues);
    buckets.push({ lower: isInZero ? zeroThreshold : lower, upper, count });
  });
  return buckets;
}

/** Without empty buckets, spans joined where they meet. */
export function compacted(histogram: FloatHistogram): FloatHistogram {
  const positive = toSpans(positiveBuckets(histogram));
  const negative = toSpans(negativeBuckets(histogram));
  return {
    ...histogram,
    positiveSpans: positive.spans,
    positiveBuckets: positive.counts,
    negativeSpans: negative.spans,
    negativeBuckets: negative.counts,
  };
}

const equalNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, at) => Object.is(value, b[at]));

export const equalBounds = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, at) => value === b[at]);

const flat = (buckets: [number, number][]): number[] =>
  buckets.filter(([, count]) => count !== 0).flat();

/** Same counts in the same buckets, whatever the spans. The hint is no part of it. */
export function equalHistograms(a: FloatHistogram, b: FloatHistogram): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.count, b.count) &&
    Object.is(a.sum, b.sum) &&
    (!usesCustomBuckets(a) || equalBounds(a.customValues, b.customValues)) &&
    a.zeroThreshold === b.zeroThreshold &&
    Object.is(a.zeroCount, b.zeroCount) &&
    equalNumbers(flat(negativeBuckets(a)), flat(negativeBuckets(b))) &&
    equalNumbers(flat(positiveBuckets(a)), flat(positiveBuckets(b)))
  );
}
