import {
  type BucketSpan,
  customBucketsSchema,
  type FloatHistogram,
  maxExponentialSchema,
  minExponentialSchema,
} from '#metrics/model';
import type { OtlpBuckets, OtlpExponentialPoint, OtlpHistogramPoint } from '#wire';

/** What counts as zero where the sender does not say, as the reference. */
const defaultZeroThreshold = 1e-128;

/**
 * An exponential histogram of OpenTelemetry as a native one. Finer scales than there are schemas are
 * made coarser. Undefined: the scale is coarser than any schema.
 */
export function nativeHistogramOf(point: OtlpExponentialPoint): FloatHistogram | undefined {
  if (point.scale < minExponentialSchema) return undefined;
  const coarser = Math.max(0, point.scale - maxExponentialSchema);
  const positive = bucketsOf(point.positive, coarser);
  const negative = bucketsOf(point.negative, coarser);
  return {
    schema: point.scale - coarser,
    zeroThreshold: point.zeroThreshold > 0 ? point.zeroThreshold : defaultZeroThreshold,
    zeroCount: point.zeroCount,
    count: point.count,
    sum: point.sum,
    positiveSpans: positive.spans,
    positiveBuckets: positive.counts,
    negativeSpans: negative.spans,
    negativeBuckets: negative.counts,
    customValues: [],
    counterResetHint: 'unknown',
  };
}

/** A histogram with bounds of its own as a native one with just those (`convert_histograms_to_nhcb`). */
export function customHistogramOf(point: OtlpHistogramPoint): FloatHistogram {
  const length = point.bounds.length + 1;
  return {
    schema: customBucketsSchema,
    zeroThreshold: 0,
    zeroCount: 0,
    count: point.count,
    sum: point.sum,
    positiveSpans: [{ offset: 0, length }],
    positiveBuckets: Array.from({ length }, (_, at) => point.bucketCounts[at] ?? 0),
    negativeSpans: [],
    negativeBuckets: [],
    customValues: point.bounds,
    counterResetHint: 'unknown',
  };
}

/** Bucket i of a sender holds (base^i, base^(i+1)], bucket i of a native histogram (base^(i-1), base^i]. */
function bucketsOf(
  { offset, counts }: OtlpBuckets,
  coarser: number,
): { readonly spans: readonly BucketSpan[]; readonly counts: readonly number[] } {
  const merged: number[] = [];
  let first = 0;
  for (const [at, count] of counts.entries()) {
    const index = ((offset + at) >> coarser) + 1;
    if (merged.length === 0) first = index;
    const place = index - first;
    while (merged.length <= place) merged.push(0);
    merged[place]! += count;
  }
  if (merged.length === 0) return { spans: [], counts: [] };
  return { spans: [{ offset: first, length: merged.length }], counts: merged };
}
