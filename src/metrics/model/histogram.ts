/** Consecutive buckets: `offset` skips buckets since the end of the span before (or from index 0). */
export interface BucketSpan {
  readonly offset: number;
  readonly length: number;
}

/** What is known of whether a counter histogram was reset just before this sample. */
export type CounterResetHint = 'unknown' | 'reset' | 'notReset' | 'gauge';

/** Schema of histograms whose bounds are given one by one (`customValues`). */
export const customBucketsSchema = -53;
export const minExponentialSchema = -4;
export const maxExponentialSchema = 8;

/**
 * A native histogram, counts as floats and absolute (not as differences). Bucket i of schema s holds
 * observations in (base^(i-1), base^i], base = 2^(2^-s); schema -53 has upper bounds in
 * `customValues` and no negative or zero bucket. Values are never changed after they were made.
 *
 * Source: the native histogram specification of Prometheus.
 */
export interface FloatHistogram {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  /** The marker of staleness for a histogram series is a `sum` that is a staleness marker. */
  readonly sum: number;
  readonly positiveSpans: readonly BucketSpan[];
  readonly positiveBuckets: readonly number[];
  readonly negativeSpans: readonly BucketSpan[];
  readonly negativeBuckets: readonly number[];
  readonly customValues: readonly number[];
  readonly counterResetHint: CounterResetHint;
}
