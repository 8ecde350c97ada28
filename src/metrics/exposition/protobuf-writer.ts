import {
  type BucketSpan,
  type Exemplar,
  type FloatHistogram,
  labelsKey,
  labelValue,
  type MetricType,
  metricNameLabel,
  pickLabels,
} from '#metrics/model';
import { ProtoWriter } from '#wire';
import { type EscapingScheme, escapeName } from './escaping.ts';
import { parseGoFloat } from './number.ts';
import type { WrittenFamily, WrittenSample } from './writer.ts';

const typeNumbers: Readonly<Record<MetricType, number>> = {
  counter: 0,
  gauge: 1,
  summary: 2,
  unknown: 3,
  histogram: 4,
  gaugehistogram: 5,
  info: 1,
  stateset: 1,
};

/** One length-delimited `MetricFamily`. */
export function encodeFamily(family: WrittenFamily, escaping: EscapingScheme): Uint8Array {
  const { metadata } = family;
  const type = metadata?.type ?? 'unknown';
  const writer = new ProtoWriter();
  writer.string(1, escapeName(family.name, escaping, true));
  if (metadata !== undefined && metadata.help !== '') writer.string(2, metadata.help);
  writer.uint(3, typeNumbers[type]);
  for (const group of groupsOf(family, type)) {
    const mark = writer.open(4);
    const [first] = group;
    writeLabels(writer, first!, type, escaping);
    writeGroup(writer, family.name, type, group);
    if (first!.timeMs !== undefined) writer.int64(6, first!.timeMs);
    writer.close(mark);
  }
  if (metadata !== undefined && metadata.unit !== '') writer.string(5, metadata.unit);
  const message = writer.take();
  return Buffer.concat([lengthPrefix(message.length), message]);
}

const isComposed = (type: MetricType): boolean =>
  type === 'histogram' || type === 'gaugehistogram' || type === 'summary';

const boundaryLabel = (type: MetricType): string => (type === 'summary' ? 'quantile' : 'le');

/** Samples that make one metric: of a histogram its buckets, sum and count. */
function groupsOf(family: WrittenFamily, type: MetricType): Iterable<readonly WrittenSample[]> {
  const samples = [...family.samples];
  if (!isComposed(type)) return samples.map((sample) => [sample]);
  const groups = new Map<string, WrittenSample[]>();
  const without = new Set([metricNameLabel, boundaryLabel(type)]);
  for (const sample of samples) {
    const key = labelsKey(pickLabels(sample.labels, without, false));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [sample]);
    else group.push(sample);
  }
  return groups.values();
}

function writeLabels(
  writer: ProtoWriter,
  { labels }: WrittenSample,
  type: MetricType,
  escaping: EscapingScheme,
): void {
  for (let at = 0; at < labels.length; at += 2) {
    const name = labels[at]!;
    if (name === metricNameLabel || (isComposed(type) && name === boundaryLabel(type))) continue;
    const mark = writer.open(1);
    writer.string(1, escapeName(name, escaping, false));
    writer.string(2, labels[at + 1]!);
    writer.close(mark);
  }
}

function writeGroup(
  writer: ProtoWriter,
  family: string,
  type: MetricType,
  group: readonly WrittenSample[],
): void {
  const [first] = group;
  if (!isComposed(type)) {
    if (first!.histogram !== undefined) {
      const mark = writer.open(7);
      writeNative(writer, first!.histogram);
      writer.close(mark);
      return;
    }
    const mark = writer.open(type === 'counter' ? 3 : type === 'unknown' ? 5 : 2);
    writer.double(1, first!.value);
    if (type === 'counter') {
      if (first!.exemplar !== undefined) writeExemplar(writer, 2, first!.exemplar);
      if (first!.startTimeMs !== undefined) writeTimestamp(writer, 3, first!.startTimeMs);
    }
    writer.close(mark);
    return;
  }
  const isSummary = type === 'summary';
  const mark = writer.open(isSummary ? 4 : 7);
  const native = group.find((sample) => sample.histogram !== undefined)?.histogram;
  if (native !== undefined) writeNative(writer, native);
  for (const sample of group) {
    const name = labelValue(sample.labels, metricNameLabel);
    if (sample.histogram !== undefined) continue;
    if (name === `${family}_count` || name === `${family}_gcount`) {
      if (native === undefined) writeCount(writer, 1, 4, sample.value);
    } else if (name === `${family}_sum` || name === `${family}_gsum`) {
      if (native === undefined) writer.double(2, sample.value);
    } else {
      const bound = boundOf(labelValue(sample.labels, boundaryLabel(type)));
      const inner = writer.open(3);
      if (isSummary) {
        writer.double(1, bound);
        writer.double(2, sample.value);
      } else {
        writeCount(writer, 1, 4, sample.value);
        writer.double(2, bound);
        if (sample.exemplar !== undefined) writeExemplar(writer, 3, sample.exemplar);
      }
      writer.close(inner);
    }
  }
  if (first!.startTimeMs !== undefined) {
    writeTimestamp(writer, isSummary ? 4 : 15, first!.startTimeMs);
  }
  writer.close(mark);
}

/** Counts are whole nearly always; the others have a field of their own. */
function writeCount(writer: ProtoWriter, whole: number, float: number, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) writer.uint(whole, value);
  else writer.double(float, value);
}

function boundOf(text: string): number {
  try {
    return parseGoFloat(text);
  } catch {
    return Number.NaN;
  }
}

function writeNative(writer: ProtoWriter, histogram: FloatHistogram): void {
  writer.double(4, histogram.count);
  writer.double(2, histogram.sum);
  writer.int64(5, histogram.schema < 0 ? -histogram.schema * 2 - 1 : histogram.schema * 2);
  writer.double(6, histogram.zeroThreshold);
  writer.double(8, histogram.zeroCount);
  writeSpans(writer, 9, histogram.negativeSpans);
  for (const bucket of histogram.negativeBuckets) writer.double(11, bucket);
  writeSpans(writer, 12, histogram.positiveSpans);
  for (const bucket of histogram.positiveBuckets) writer.double(14, bucket);
  // A histogram without observations is told from a classic one by an empty span.
  if (histogram.positiveSpans.length === 0 && histogram.negativeSpans.length === 0) {
    writeSpans(writer, 12, [{ offset: 0, length: 0 }]);
  }
}

function writeSpans(writer: ProtoWriter, field: number, spans: readonly BucketSpan[]): void {
  for (const { offset, length } of spans) {
    const mark = writer.open(field);
    writer.uint(1, offset < 0 ? -offset * 2 - 1 : offset * 2);
    writer.uint(2, length);
    writer.close(mark);
  }
}

function writeExemplar(writer: ProtoWriter, field: number, exemplar: Exemplar): void {
  const mark = writer.open(field);
  for (let at = 0; at < exemplar.labels.length; at += 2) {
    const inner = writer.open(1);
    writer.string(1, exemplar.labels[at]!);
    writer.string(2, exemplar.labels[at + 1]!);
    writer.close(inner);
  }
  writer.double(2, exemplar.value);
  writeTimestamp(writer, 3, exemplar.timeMs);
  writer.close(mark);
}

function writeTimestamp(writer: ProtoWriter, field: number, timeMs: number): void {
  const mark = writer.open(field);
  writer.int64(1, Math.floor(timeMs / 1000));
  writer.int64(2, (((timeMs % 1000) + 1000) % 1000) * 1e6);
  writer.close(mark);
}

function lengthPrefix(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  while (rest >= 0x80) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}
