import type { BucketSpan, FloatHistogram } from '#metrics/model';

/** Whether two histograms are the same to the bit, hints aside. */
export function equalHistograms(a: FloatHistogram, b: FloatHistogram): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.zeroThreshold, b.zeroThreshold) &&
    Object.is(a.zeroCount, b.zeroCount) &&
    Object.is(a.count, b.count) &&
    Object.is(a.sum, b.sum) &&
    equalSpans(a.positiveSpans, b.positiveSpans) &&
    equalSpans(a.negativeSpans, b.negativeSpans) &&
    equalNumbers(a.positiveBuckets, b.positiveBuckets) &&
    equalNumbers(a.negativeBuckets, b.negativeBuckets) &&
    equalNumbers(a.customValues, b.customValues)
  );
}

const equalNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, at) => Object.is(value, b[at]));

const equalSpans = (a: readonly BucketSpan[], b: readonly BucketSpan[]): boolean =>
  a.length === b.length &&
  a.every((span, at) => span.offset === b[at]!.offset && span.length === b[at]!.length);
