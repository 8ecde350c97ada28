import type { Exemplar, FloatHistogram, Labels, MetricMetadata } from '#metrics/model';
import { ProtoWriter } from '#wire';
import { writeHistogram } from './histogram-proto.ts';
import { metricTypes } from './metric-types.ts';
import { writeValue } from './value-proto.ts';

export interface OutgoingSample {
  readonly timeMs: number;
  readonly value: number;
  readonly histogram?: FloatHistogram;
  /** Unix ms, 0: unknown. */
  readonly startTimeMs?: number;
}

export interface OutgoingSeries {
  readonly labels: Labels;
  readonly samples: readonly OutgoingSample[];
  readonly exemplars?: readonly Exemplar[];
  readonly metadata?: MetricMetadata;
}

/** A `prometheus.WriteRequest`, remote write 1.0, not compressed. */
export function encodeWriteV1(
  series: Iterable<OutgoingSeries>,
  metadata: Iterable<readonly [metric: string, metadata: MetricMetadata]> = [],
): Buffer {
  const writer = new ProtoWriter();
  for (const { labels, samples, exemplars } of series) {
    const mark = writer.open(1);
    writeLabelsV1(writer, 1, labels);
    for (const sample of samples) {
      if (sample.histogram !== undefined) continue;
      const inner = writer.open(2);
      writeValue(writer, 1, sample.value);
      writer.int64(2, sample.timeMs);
      writer.close(inner);
    }
    for (const exemplar of exemplars ?? []) {
      const inner = writer.open(3);
      writeLabelsV1(writer, 1, exemplar.labels);
      writer.double(2, exemplar.value);
      writer.int64(3, exemplar.timeMs);
      writer.close(inner);
    }
    for (const sample of samples) {
      if (sample.histogram === undefined) continue;
      const inner = writer.open(4);
      writeHistogram(writer, sample.histogram, sample.timeMs, 0);
      writer.close(inner);
    }
    writer.close(mark);
  }
  for (const [metric, { type, help, unit }] of metadata) {
    const mark = writer.open(3);
    writer.uint(1, metricTypes.indexOf(type));
    writer.string(2, metric);
    writer.string(4, help);
    writer.string(5, unit);
    writer.close(mark);
  }
  return writer.take();
}

export function writeLabelsV1(writer: ProtoWriter, field: number, labels: Labels): void {
  for (let at = 0; at < labels.length; at += 2) {
    const mark = writer.open(field);
    writer.string(1, labels[at]!);
    writer.string(2, labels[at + 1]!);
    writer.close(mark);
  }
}

/** An `io.prometheus.write.v2.Request`, remote write 2.0, not compressed. */
export function encodeWriteV2(series: Iterable<OutgoingSeries>): Buffer {
  const symbols = new Map<string, number>([['', 0]]);
  const symbolOf = (text: string): number => {
    const known = symbols.get(text);
    if (known !== undefined) return known;
    symbols.set(text, symbols.size);
    return symbols.size - 1;
  };
  const writer = new ProtoWriter();
  for (const { labels, samples, exemplars, metadata } of series) {
    const mark = writer.open(5);
    writer.bytes(1, packedVarints(labels.map(symbolOf)));
    for (const sample of samples) {
      if (sample.histogram !== undefined) {
        const inner = writer.open(3);
        writeHistogram(writer, sample.histogram, sample.timeMs, sample.startTimeMs ?? 0);
        writer.close(inner);
        continue;
      }
      const inner = writer.open(2);
      writeValue(writer, 1, sample.value);
      writer.int64(2, sample.timeMs);
      if ((sample.startTimeMs ?? 0) !== 0) writer.int64(3, sample.startTimeMs!);
      writer.close(inner);
    }
    for (const exemplar of exemplars ?? []) {
      const inner = writer.open(4);
      writer.bytes(1, packedVarints(exemplar.labels.map(symbolOf)));
      writer.double(2, exemplar.value);
      writer.int64(3, exemplar.timeMs);
      writer.close(inner);
    }
    if (metadata !== undefined) {
      const inner = writer.open(5);
      writer.uint(1, metricTypes.indexOf(metadata.type));
      writer.uint(3, symbolOf(metadata.help));
      writer.uint(4, symbolOf(metadata.unit));
      writer.close(inner);
    }
    writer.close(mark);
  }
  for (const text of symbols.keys()) writer.string(4, text);
  return writer.take();
}

function packedVarints(values: readonly number[]): Buffer {
  const bytes: number[] = [];
  for (const value of values) {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  }
  return Buffer.from(bytes);
}
