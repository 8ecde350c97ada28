import type { BucketSpan, CounterResetHint, FloatHistogram } from '#metrics/model';
import type { ByteReader, ByteWriter } from './bytes.ts';
import { encodeInts, maxInt } from './ints.ts';
import { decodeInts } from './read-ints.ts';

const hints: readonly CounterResetHint[] = ['unknown', 'reset', 'notReset', 'gauge'];

/** Flags of a sample. */
const sameLayout = 1;
const integerCounts = 2;

/**
 * A chunk of histogram samples:
 *
 *     | times: integers | has start times u8 | [start times] | samples |
 *     sample: | flags u8 | hint u8 | sum f64 | [layout] | zero count, count, buckets |
 *     layout: | schema varint | zero threshold f64 | spans, spans, custom values |
 *
 * Counts that are integers are differences from the sample before when the layout is the same, as
 * varints; others are f64.
 */
export function encodeHistograms(
  out: ByteWriter,
  timesMs: Float64Array,
  histograms: readonly FloatHistogram[],
  startTimesMs: Float64Array | undefined,
  count: number,
): void {
  encodeInts(out, timesMs, count);
  out.u8(startTimesMs === undefined ? 0 : 1);
  if (startTimesMs !== undefined) encodeInts(out, startTimesMs, count);
  let last: FloatHistogram | undefined;
  let lastCounts: readonly number[] = [];
  for (let at = 0; at < count; at++) {
    const histogram = histograms[at]!;
    const isSame = last !== undefined && hasSameLayout(last, histogram);
    const counts = countsOf(histogram);
    const before = isSame ? lastCounts : [];
    const isWhole = counts.every(isSafeCount) && before.every(isSafeCount);
    out.u8((isSame ? sameLayout : 0) | (isWhole ? integerCounts : 0));
    out.u8(Math.max(0, hints.indexOf(histogram.counterResetHint)));
    out.f64(histogram.sum);
    if (!isSame) writeLayout(out, histogram);
    for (let index = 0; index < counts.length; index++) {
      if (isWhole) out.varint(counts[index]! - (before[index] ?? 0));
      else out.f64(counts[index]!);
    }
    last = histogram;
    lastCounts = counts;
  }
}

const isSafeCount = (value: number): boolean =>
  Number.isInteger(value) && Math.abs(value) <= maxInt && !Object.is(value, -0);

const countsOf = (histogram: FloatHistogram): readonly number[] => [
  histogram.zeroCount,
  histogram.count,
  ...histogram.positiveBuckets,
  ...histogram.negativeBuckets,
];

function hasSameLayout(a: FloatHistogram, b: FloatHistogram): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.zeroThreshold, b.zeroThreshold) &&
    sameSpans(a.positiveSpans, b.positiveSpans) &&
    sameSpans(a.negativeSpans, b.negativeSpans) &&
    a.positiveBuckets.length === b.positiveBuckets.length &&
    a.negativeBuckets.length === b.negativeBuckets.length &&
    a.customValues.length === b.customValues.length &&
    a.customValues.every((value, at) => Object.is(value, b.customValues[at]))
  );
}

const sameSpans = (a: readonly BucketSpan[], b: readonly BucketSpan[]): boolean =>
  a.length === b.length &&
  a.every(({ offset, length }, at) => offset === b[at]!.offset && length === b[at]!.length);

function writeLayout(out: ByteWriter, histogram: FloatHistogram): void {
  out.varint(histogram.schema);
  out.f64(histogram.zeroThreshold);
  for (const spans of [histogram.positiveSpans, histogram.negativeSpans]) {
    out.uvarint(spans.length);
    for (const { offset, length } of spans) {
      out.varint(offset);
      out.uvarint(length);
    }
  }
  out.uvarint(histogram.positiveBuckets.length);
  out.uvarint(histogram.negativeBuckets.length);
  out.uvarint(histogram.customValues.length);
  for (const value of histogram.customValues) out.f64(value);
}

interface Layout {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly positiveSpans: readonly BucketSpan[];
  readonly negativeSpans: readonly BucketSpan[];
  readonly positive: number;
  readonly negative: number;
  readonly customValues: readonly number[];
}

function readLayout(reader: ByteReader): Layout {
  const schema = reader.varint();
  const zeroThreshold = reader.f64();
  const spans = (): BucketSpan[] =>
    Array.from({ length: bounded(reader, reader.uvarint()) }, () => ({
      offset: reader.varint(),
      length: reader.uvarint(),
    }));
  const positiveSpans = spans();
  const negativeSpans = spans();
  const positive = bounded(reader, reader.uvarint());
  const negative = bounded(reader, reader.uvarint());
  const customValues = Array.from({ length: bounded(reader, reader.uvarint()) }, () =>
    reader.f64(),
  );
  return {
    schema,
    zeroThreshold,
    positiveSpans,
    negativeSpans,
    positive,
    negative,
    customValues,
  };
}

/** Damaged bytes must not ask for endless memory: nothing is longer than what holds it. */
const bounded = (reader: ByteReader, length: number): number =>
  Math.min(length, reader.bytes.length);

/** Times go to `timesMs`, start times where there are some to `startTimesMs()`, from `offset` on. */
export function decodeHistograms(
  reader: ByteReader,
  count: number,
  timesMs: Float64Array,
  startTimesMs: () => Float64Array,
  offset: number,
  put: (at: number, histogram: FloatHistogram) => void,
): void {
  decodeInts(reader, count, timesMs, offset, 1);
  if (reader.u8() === 1) decodeInts(reader, count, startTimesMs(), offset, 1);
  let layout: Layout | undefined;
  let last: number[] = [];
  for (let at = 0; at < count; at++) {
    const flags = reader.u8();
    const counterResetHint = hints[reader.u8()] ?? 'unknown';
    const sum = reader.f64();
    if ((flags & sameLayout) === 0 || layout === undefined) {
      layout = readLayout(reader);
      last = [];
    }
    const length = 2 + layout.positive + layout.negative;
    const counts: number[] = new Array(length);
    for (let index = 0; index < length; index++) {
      counts[index] =
        (flags & integerCounts) !== 0 ? (last[index] ?? 0) + reader.varint() : reader.f64();
    }
    last = counts;
    put(offset + at, {
      schema: layout.schema,
      zeroThreshold: layout.zeroThreshold,
      zeroCount: counts[0]!,
      count: counts[1]!,
      sum,
      positiveSpans: layout.positiveSpans,
      positiveBuckets: counts.slice(2, 2 + layout.positive),
      negativeSpans: layout.negativeSpans,
      negativeBuckets: counts.slice(2 + layout.positive),
      customValues: layout.customValues,
      counterResetHint,
    });
  }
}
