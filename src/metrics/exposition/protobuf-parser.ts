import { isAppError } from '#base';
import type { FloatHistogram, MetricType } from '#metrics/model';
import { ProtoReader } from '#wire';
import type { ExpositionEntry, ParsedExemplar, ParsedSample, ParseOptions } from './entries.ts';
import { expositionInvalid } from './errors.ts';
import { formatBoundary } from './number.ts';
import { NativeParts } from './protobuf-histogram.ts';

const types: readonly MetricType[] = [
  'counter',
  'gauge',
  'summary',
  'unknown',
  'histogram',
  'gaugehistogram',
];

interface Bucket {
  readonly count: number;
  readonly bound: number;
  readonly exemplar: ParsedExemplar | undefined;
}

interface Metric {
  readonly pairs: string[];
  timeMs: number | undefined;
  value: number | undefined;
  exemplar: ParsedExemplar | undefined;
  startTimeMs: number | undefined;
  count: number;
  sum: number;
  readonly quantiles: { readonly quantile: number; readonly value: number }[];
  readonly buckets: Bucket[];
  native: NativeParts | undefined;
}

/**
 * A stream of length-delimited `io.prometheus.client.MetricFamily` messages.
 * @throws {AppError} EXPOSITION_INVALID; `details.line` is the number of the family, from 1
 */
export function* parseProtobuf(
  body: Uint8Array,
  options: ParseOptions = {},
): Generator<ExpositionEntry> {
  let at = 0;
  let number = 0;
  while (at < body.length) {
    number++;
    try {
      let length = 0;
      let scale = 1;
      for (let bytes = 1; ; bytes++) {
        const byte = body[at++];
        if (byte === undefined || bytes > 8) {
          throw expositionInvalid('the length of a metric family is cut off', number);
        }
        length += (byte & 0x7f) * scale;
        if (byte < 0x80) break;
        scale *= 128;
      }
      if (length > body.length - at) {
        throw expositionInvalid(
          `metric family ${number} has ${length} bytes, and only ${body.length - at} follow`,
          number,
        );
      }
      yield* family(new ProtoReader(body, at, at + length), options);
      at += length;
    } catch (error) {
      if (isAppError(error, 'WIRE_INVALID')) throw expositionInvalid(error.message, number, error);
      throw error;
    }
  }
}

function* family(reader: ProtoReader, options: ParseOptions): Generator<ExpositionEntry> {
  let name = '';
  let help = '';
  let unit = '';
  let type: MetricType = 'counter';
  const metrics: Metric[] = [];
  while (reader.nextField()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) help = reader.string();
    else if (reader.field === 3) type = types[reader.uint()] ?? 'unknown';
    else if (reader.field === 4) metrics.push(readMetric(reader.message()));
    else if (reader.field === 5) unit = reader.string();
    else reader.skip();
  }
  if (name === '') throw expositionInvalid('metric family without a name', 0);
  yield { kind: 'help', family: name, text: help };
  yield { kind: 'type', family: name, text: type };
  if (unit !== '') yield { kind: 'unit', family: name, text: unit };
  for (const metric of metrics) yield* samples(name, type, metric, options);
}

function* samples(
  name: string,
  type: MetricType,
  metric: Metric,
  options: ParseOptions,
): Generator<ParsedSample> {
  const make = (
    suffix: string,
    value: number,
    more: { readonly label?: readonly [string, string]; readonly exemplar?: ParsedExemplar } = {},
  ): ParsedSample => ({
    kind: 'sample',
    pairs: ['__name__', name + suffix, ...metric.pairs, ...(more.label ?? [])],
    value,
    timeMs: metric.timeMs,
    ...(metric.startTimeMs === undefined ? {} : { startTimeMs: metric.startTimeMs }),
    ...(more.exemplar === undefined ? {} : { exemplars: [more.exemplar] }),
  });
  if (type === 'summary') {
    for (const { quantile, value } of metric.quantiles) {
      yield make('', value, { label: ['quantile', formatBoundary(quantile)] });
    }
    yield make('_sum', metric.sum);
    yield make('_count', metric.count);
    return;
  }
  if (type !== 'histogram' && type !== 'gaugehistogram') {
    const { exemplar } = metric;
    yield make('', metric.value ?? 0, exemplar === undefined ? {} : { exemplar });
    return;
  }
  const native = options.nativeHistograms === true ? metric.native : undefined;
  if (native?.isNative === true) {
    const exemplars = native.exemplars.length > 0 ? native.exemplars : classicExemplars(metric);
    const histogram: FloatHistogram = native.histogram({
      count: metric.count,
      sum: metric.sum,
      isGauge: type === 'gaugehistogram',
    });
    yield { ...make('', 0), histogram, ...(exemplars.length === 0 ? {} : { exemplars }) };
    if (options.keepClassicHistograms !== true || metric.buckets.length === 0) return;
  }
  yield make('_count', metric.count);
  yield make('_sum', metric.sum);
  let hasLast = false;
  for (const { bound, count, exemplar } of metric.buckets) {
    hasLast ||= bound === Number.POSITIVE_INFINITY;
    const label = ['le', formatBoundary(bound)] as const;
    yield make('_bucket', count, { label, ...(exemplar === undefined ? {} : { exemplar }) });
  }
  if (!hasLast) yield make('_bucket', metric.count, { label: ['le', '+Inf'] });
}

const classicExemplars = (metric: Metric): ParsedExemplar[] =>
  metric.buckets.flatMap(({ exemplar }) => (exemplar === undefined ? [] : [exemplar]));

function readMetric(reader: ProtoReader): Metric {
  const metric: Metric = {
    pairs: [],
    timeMs: undefined,
    value: undefined,
    exemplar: undefined,
    startTimeMs: undefined,
    count: 0,
    sum: 0,
    quantiles: [],
    buckets: [],
    native: undefined,
  };
  while (reader.nextField()) {
    switch (reader.field) {
      case 1:
        metric.pairs.push(...readLabel(reader.message()));
        break;
      case 2:
      case 3:
      case 5:
        readValue(reader.message(), metric);
        break;
      case 4:
        readSummary(reader.message(), metric);
        break;
      case 6: {
        const time = Number(reader.int64());
        if (time !== 0) metric.timeMs = time;
        break;
      }
      case 7:
        readHistogram(reader.message(), metric);
        break;
      default:
        reader.skip();
    }
  }
  return metric;
}

function readLabel(reader: ProtoReader): [string, string] {
  let name = '';
  let value = '';
  while (reader.nextField()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) value = reader.string();
    else reader.skip();
  }
  return [name, value];
}

/** Counter, gauge and untyped: all have the value first. */
function readValue(reader: ProtoReader, metric: Metric): void {
  while (reader.nextField()) {
    if (reader.field === 1) metric.value = reader.double();
    else if (reader.field === 2) metric.exemplar = readExemplar(reader.message());
    else if (reader.field === 3) metric.startTimeMs = readTimestamp(reader.message());
    else reader.skip();
  }
}

function readSummary(reader: ProtoReader, metric: Metric): void {
  while (reader.nextField()) {
    if (reader.field === 1) metric.count = reader.uint();
    else if (reader.field === 2) metric.sum = reader.double();
    else if (reader.field === 3) {
      const inner = reader.message();
      let quantile = 0;
      let value = 0;
      while (inner.nextField()) {
        if (inner.field === 1) quantile = inner.double();
        else if (inner.field === 2) value = inner.double();
        else inner.skip();
      }
      metric.quantiles.push({ quantile, value });
    } else if (reader.field === 4) metric.startTimeMs = readTimestamp(reader.message());
    else reader.skip();
  }
}

function readHistogram(reader: ProtoReader, metric: Metric): void {
  const native = new NativeParts();
  while (reader.nextField()) {
    const { field } = reader;
    if (field === 1) metric.count = reader.uint() || metric.count;
    else if (field === 2) metric.sum = reader.double();
    else if (field === 3) metric.buckets.push(readBucket(reader.message()));
    else if (field === 4) metric.count = reader.double() || metric.count;
    else if (field === 15) metric.startTimeMs = readTimestamp(reader.message());
    else if (field === 16) {
      const exemplar = readExemplar(reader.message());
      // Exemplars without a time cannot be put in order with others.
      if (exemplar.timeMs !== undefined) native.exemplars.push(exemplar);
    } else if (!native.readField(reader)) reader.skip();
  }
  metric.native = native;
}

function readBucket(reader: ProtoReader): Bucket {
  let count = 0;
  let bound = 0;
  let exemplar: ParsedExemplar | undefined;
  while (reader.nextField()) {
    if (reader.field === 1) count = reader.uint() || count;
    else if (reader.field === 2) bound = reader.double();
    else if (reader.field === 3) exemplar = readExemplar(reader.message());
    else if (reader.field === 4) count = reader.double() || count;
    else reader.skip();
  }
  return { count, bound, exemplar };
}

function readExemplar(reader: ProtoReader): ParsedExemplar {
  const pairs: string[] = [];
  let value = 0;
  let timeMs: number | undefined;
  while (reader.nextField()) {
    if (reader.field === 1) pairs.push(...readLabel(reader.message()));
    else if (reader.field === 2) value = reader.double();
    else if (reader.field === 3) timeMs = readTimestamp(reader.message());
    else reader.skip();
  }
  return { pairs, value, timeMs };
}

/** google.protobuf.Timestamp, to Unix ms. */
function readTimestamp(reader: ProtoReader): number {
  let seconds = 0;
  let nanos = 0;
  while (reader.nextField()) {
    if (reader.field === 1) seconds = Number(reader.int64());
    else if (reader.field === 2) nanos = Number(reader.int64());
    else reader.skip();
  }
  return seconds * 1000 + Math.trunc(nanos / 1e6);
}
