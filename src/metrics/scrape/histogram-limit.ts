import type { ScrapeConfig } from '#metrics/config';
import {
  type BucketSpan,
  customBucketsSchema,
  type FloatHistogram,
  minExponentialSchema,
} from '#metrics/model';
import { limitExceeded } from './sample-labels.ts';

/**
 * A native histogram within `native_histogram_bucket_limit` and `native_histogram_min_bucket_factor`:
 * pairs of neighbouring buckets are joined until it fits.
 * @throws {AppError} SCRAPE_LIMIT when it cannot be made to fit
 */
export function limitHistogram(
  histogram: FloatHistogram,
  config: Pick<ScrapeConfig, 'nativeHistogramBucketLimit' | 'nativeHistogramMinBucketFactor'>,
): FloatHistogram {
  let fitting = histogram;
  if (histogram.schema !== customBucketsSchema) {
    const maxSchema = schemaOfFactor(config.nativeHistogramMinBucketFactor);
    while (fitting.schema > maxSchema) fitting = halved(fitting);
  }
  const limit = config.nativeHistogramBucketLimit;
  if (limit === 0) return fitting;
  while (fitting.positiveBuckets.length + fitting.negativeBuckets.length > limit) {
    if (fitting.schema === customBucketsSchema || fitting.schema <= minExponentialSchema) {
      throw limitExceeded('histogram bucket limit exceeded');
    }
    fitting = halved(fitting);
  }
  return fitting;
}

/** The highest schema whose buckets grow by at least this factor. */
function schemaOfFactor(factor: number): number {
  if (factor <= 1) return Number.POSITIVE_INFINITY;
  return Math.max(minExponentialSchema, Math.floor(-Math.log2(Math.log2(factor))));
}

/** One schema lower: bucket i and its neighbour become bucket ceil(i / 2). */
function halved(histogram: FloatHistogram): FloatHistogram {
  const positive = halvedSide(histogram.positiveSpans, histogram.positiveBuckets);
  const negative = halvedSide(histogram.negativeSpans, histogram.negativeBuckets);
  return {
    ...histogram,
    schema: histogram.schema - 1,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  };
}

function halvedSide(
  spans: readonly BucketSpan[],
  buckets: readonly number[],
): { readonly spans: BucketSpan[]; readonly buckets: number[] } {
  const joined = new Map<number, number>();
  let index = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let end = at + length; at < end; at++, index++) {
      const target = Math.ceil(index / 2);
      joined.set(target, (joined.get(target) ?? 0) + buckets[at]!);
    }
  }
  const result: BucketSpan[] = [];
  let next = 0;
  for (const target of joined.keys()) {
    const last = result.at(-1);
    if (last !== undefined && target === next) {
      result[result.length - 1] = { offset: last.offset, length: last.length + 1 };
    } else result.push({ offset: target - next, length: 1 });
    next = target + 1;
  }
  return { spans: result, buckets: [...joined.values()] };
}
