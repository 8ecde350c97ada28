import type { BucketSpan, CounterResetHint, FloatHistogram } from '#metrics/model';
import type { ProtoWriter } from '#wire';
import { writeValue } from './value-proto.ts';
import type { WireCursor } from './wire-cursor.ts';

const hints: readonly CounterResetHint[] = ['unknown', 'reset', 'notReset', 'gauge'];

/**
 * A `Histogram` message of remote write, 1.0 and 2.0 alike. Whole-number histograms travel as
 * differences from bucket to bucket; here all are floats and absolute.
 */
export function readHistogram(
  cursor: WireCursor,
  end: number,
): { readonly histogram: FloatHistogram; readonly timeMs: number; readonly startTimeMs: number } {
  let count = 0;
  let sum = 0;
  let schema = 0;
  let zeroThreshold = 0;
  let zeroCount = 0;
  let hint = 0;
  let timeMs = 0;
  let startTimeMs = 0;
  let positiveDeltas: number[] | undefined;
  let negativeDeltas: number[] | undefined;
  const positiveSpans: BucketSpan[] = [];
  const negativeSpans: BucketSpan[] = [];
  const positiveCounts: number[] = [];
  const negativeCounts: number[] = [];
  const customValues: number[] = [];
  while (cursor.at < end) {
    const key = cursor.varint(end);
    const wireType = key & 7;
    switch (key >>> 3) {
      case 1:
        count = cursor.varint(end);
        break;
      case 2:
        count = cursor.double(end);
        break;
      case 3:
        sum = cursor.double(end);
        break;
      case 4:
        schema = cursor.sint(end);
        break;
      case 5:
        zeroThreshold = cursor.double(end);
        break;
      case 6:
        zeroCount = cursor.varint(end);
        break;
      case 7:
        zeroCount = cursor.double(end);
        break;
      case 8:
        negativeSpans.push(readSpan(cursor, end));
        break;
      case 9:
        negativeDeltas ??= [];
        readSints(cursor, wireType, end, negativeDeltas);
        break;
      case 10:
        readDoubles(cursor, wireType, end, negativeCounts);
        break;
      case 11:
        positiveSpans.push(readSpan(cursor, end));
        break;
      case 12:
        positiveDeltas ??= [];
        readSints(cursor, wireType, end, positiveDeltas);
        break;
      case 13:
        readDoubles(cursor, wireType, end, positiveCounts);
        break;
      case 14:
        hint = cursor.varint(end);
        break;
      case 15:
        timeMs = cursor.int64(end);
        break;
      case 16:
        readDoubles(cursor, wireType, end, customValues);
        break;
      case 17:
        startTimeMs = cursor.int64(end);
        break;
      default:
        cursor.skip(wireType, end);
    }
  }
  return {
    timeMs,
    startTimeMs,
    histogram: {
      schema,
      zeroThreshold,
      zeroCount,
      count,
      sum,
      positiveSpans,
      positiveBuckets: positiveDeltas === undefined ? positiveCounts : summed(positiveDeltas),
      negativeSpans,
      negativeBuckets: negativeDeltas === undefined ? negativeCounts : summed(negativeDeltas),
      customValues,
      counterResetHint: hints[hint] ?? 'unknown',
    },
  };
}

/** Writes the fields of a histogram as a float histogram; the caller has opened the message. */
export function writeHistogram(
  writer: ProtoWriter,
  histogram: FloatHistogram,
  timeMs: number,
  startTimeMs: number,
): void {
  writer.double(2, histogram.count);
  // A histogram's marker of staleness is its sum.
  writeValue(writer, 3, histogram.sum);
  if (histogram.schema !== 0) writer.uint(4, zigzag(histogram.schema));
  writer.double(5, histogram.zeroThreshold);
  writer.double(7, histogram.zeroCount);
  writeSpans(writer, 8, histogram.negativeSpans);
  writeDoubles(writer, 10, histogram.negativeBuckets);
  writeSpans(writer, 11, histogram.positiveSpans);
  writeDoubles(writer, 13, histogram.positiveBuckets);
  const hint = hints.indexOf(histogram.counterResetHint);
  if (hint > 0) writer.uint(14, hint);
  writer.int64(15, timeMs);
  writeDoubles(writer, 16, histogram.customValues);
  if (startTimeMs !== 0) writer.int64(17, startTimeMs);
}

function readSpan(cursor: WireCursor, end: number): BucketSpan {
  const stop = cursor.open(end);
  let offset = 0;
  let length = 0;
  while (cursor.at < stop) {
    const key = cursor.varint(stop);
    if (key === 8) offset = cursor.sint(stop);
    else if (key === 16) length = cursor.varint(stop);
    else cursor.skip(key & 7, stop);
  }
  return { offset, length };
}

/** Packed or one by one: a reader must take both. */
function readSints(cursor: WireCursor, wireType: number, end: number, into: number[]): void {
  if (wireType !== 2) {
    into.push(cursor.sint(end));
    return;
  }
  const stop = cursor.open(end);
  while (cursor.at < stop) into.push(cursor.sint(stop));
}

function readDoubles(cursor: WireCursor, wireType: number, end: number, into: number[]): void {
  if (wireType !== 2) {
    into.push(cursor.double(end));
    return;
  }
  const stop = cursor.open(end);
  while (cursor.at < stop) into.push(cursor.double(stop));
}

function summed(deltas: readonly number[]): number[] {
  let value = 0;
  return deltas.map((delta) => {
    value += delta;
    return value;
  });
}

function writeSpans(writer: ProtoWriter, field: number, spans: readonly BucketSpan[]): void {
  for (const { offset, length } of spans) {
    const mark = writer.open(field);
    if (offset !== 0) writer.uint(1, zigzag(offset));
    writer.uint(2, length);
    writer.close(mark);
  }
}

function writeDoubles(writer: ProtoWriter, field: number, values: readonly number[]): void {
  if (values.length === 0) return;
  const packed = Buffer.alloc(values.length * 8);
  for (const [at, value] of values.entries()) packed.writeDoubleLE(value, at * 8);
  writer.bytes(field, packed);
}

const zigzag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1);
