import type { Exemplar, FloatHistogram, MetricMetadata, MetricType } from '#metrics/model';
import { ByteReader, ByteWriter } from '../codec/bytes.ts';
import { decodeHistograms, encodeHistograms } from '../codec/histograms.ts';
import type { SampleBatch, SeriesRef } from '../contract.ts';

/** Types of frames. The numbers are on disk. */
export const frameTypes = {
  series: 1,
  samples: 2,
  exemplars: 3,
  metadata: 4,
  tombstones: 5,
  /** Encoded chunks, in checkpoints. */
  chunks: 6,
  /** What a checkpoint is of. */
  state: 7,
  /** The last frame of a whole checkpoint. */
  end: 8,
} as const;

const sameTime = 1;
const withHistograms = 2;
const withStartTimes = 4;
/** References follow each other: only the first is written. */
const isRun = 8;

const bytesOf = (column: Uint32Array | Float64Array, count: number): Uint8Array =>
  new Uint8Array(column.buffer, column.byteOffset, count * column.BYTES_PER_ELEMENT);

/**
 * A batch as pieces that point into its own columns:
 *
 *     | count u32 | flags u8 | refs u32… or first | times f64… or one | values f64… |
 *     | [start times f64…] | [histograms: count, (index, length, chunk of one)…] |
 */
export function samplePieces(batch: SampleBatch): Uint8Array[] {
  const { length, refs, timesMs, values, histograms, startTimesMs } = batch;
  let isSameTime = true;
  for (let at = 1; isSameTime && at < length; at++) isSameTime = timesMs[at] === timesMs[0];
  let areRefsRun = true;
  for (let at = 1; areRefsRun && at < length; at++) areRefsRun = refs[at] === refs[0]! + at;
  const head = new ByteWriter(8);
  head.u32(length);
  const hasHistograms = histograms !== undefined && histograms.size > 0;
  head.u8(
    (isSameTime ? sameTime : 0) |
      (areRefsRun ? isRun : 0) |
      (hasHistograms ? withHistograms : 0) |
      (startTimesMs !== undefined ? withStartTimes : 0),
  );
  const pieces = [
    head.written(),
    bytesOf(refs, areRefsRun ? Math.min(1, length) : length),
    bytesOf(timesMs, isSameTime ? Math.min(1, length) : length),
    bytesOf(values, length),
  ];
  if (startTimesMs !== undefined) pieces.push(bytesOf(startTimesMs, length));
  if (hasHistograms) {
    const out = new ByteWriter(1024);
    const one = new ByteWriter(1024);
    const time = new Float64Array(1);
    const kept = [...histograms].filter(([at]) => at < length);
    out.uvarint(kept.length);
    for (const [at, histogram] of kept) {
      one.reset();
      encodeHistograms(one, time, [histogram], undefined, 1);
      out.uvarint(at);
      out.uvarint(one.at);
      out.copy(one.written());
    }
    pieces.push(out.written());
  }
  return pieces;
}

/** Reads a batch into columns of its own, which are used again by the next call with them. */
export function readSamples(payload: Uint8Array, into: SampleBatch): void {
  const reader = new ByteReader(payload);
  const count = reader.u32();
  const flags = reader.u8();
  into.clear();
  while (into.refs.length < count) {
    into.length = into.refs.length;
    into.add(0, 0, 0);
  }
  into.length = count;
  if ((flags & isRun) !== 0) {
    const first = count > 0 ? reader.u32() : 0;
    for (let at = 0; at < count; at++) into.refs[at] = first + at;
  } else {
    bytesOf(into.refs, count).set(reader.take(count * 4));
  }
  if ((flags & sameTime) !== 0) {
    into.timesMs.fill(count > 0 ? reader.f64() : 0, 0, count);
  } else {
    bytesOf(into.timesMs, count).set(reader.take(count * 8));
  }
  bytesOf(into.values, count).set(reader.take(count * 8));
  if ((flags & withStartTimes) !== 0) {
    into.startTimesMs = new Float64Array(into.refs.length);
    bytesOf(into.startTimesMs, count).set(reader.take(count * 8));
  }
  if ((flags & withHistograms) !== 0) {
    const histograms = new Map<number, FloatHistogram>();
    const time = new Float64Array(1);
    const some = reader.uvarint();
    for (let index = 0; index < some; index++) {
      const at = reader.uvarint();
      const size = reader.uvarint();
      const one = new ByteReader(reader.take(size));
      decodeHistograms(
        one,
        1,
        time,
        () => time,
        0,
        (_, histogram) => histograms.set(at, histogram),
      );
    }
    into.histograms = histograms;
  }
}

export interface RefExemplar {
  readonly ref: SeriesRef;
  readonly exemplar: Exemplar;
}

export function writeExemplars(out: ByteWriter, exemplars: readonly RefExemplar[]): void {
  out.uvarint(exemplars.length);
  for (const { ref, exemplar } of exemplars) {
    out.uvarint(ref);
    out.f64(exemplar.timeMs);
    out.f64(exemplar.value);
    out.uvarint(exemplar.labels.length);
    for (const text of exemplar.labels) out.text(text);
  }
}

export function readExemplars(payload: Uint8Array): RefExemplar[] {
  const reader = new ByteReader(payload);
  return Array.from({ length: reader.uvarint() }, () => {
    const ref = reader.uvarint();
    const timeMs = reader.f64();
    const value = reader.f64();
    const labels = Array.from({ length: reader.uvarint() }, () => reader.text());
    return { ref, exemplar: { labels, value, timeMs } };
  });
}

export function writeMetadata(out: ByteWriter, metric: string, metadata: MetricMetadata): void {
  for (const text of [metric, metadata.type, metadata.help, metadata.unit]) out.text(text);
}

export function readMetadata(payload: Uint8Array): [metric: string, metadata: MetricMetadata] {
  const reader = new ByteReader(payload);
  const [metric, type, help, unit] = [reader.text(), reader.text(), reader.text(), reader.text()];
  return [metric, { type: type as MetricType, help, unit }];
}

export interface Deletion {
  readonly fromMs: number;
  readonly toMs: number;
  readonly refs: readonly SeriesRef[];
}

export function writeDeletion(out: ByteWriter, { fromMs, toMs, refs }: Deletion): void {
  out.f64(fromMs);
  out.f64(toMs);
  out.uvarint(refs.length);
  for (const ref of refs) out.uvarint(ref);
}

export function readDeletion(payload: Uint8Array): Deletion {
  const reader = new ByteReader(payload);
  const fromMs = reader.f64();
  const toMs = reader.f64();
  return { fromMs, toMs, refs: Array.from({ length: reader.uvarint() }, () => reader.uvarint()) };
}

export interface ChunkRecord {
  readonly ref: SeriesRef;
  readonly kind: number;
  readonly isLate: boolean;
  readonly count: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly payload: Uint8Array;
}

export function writeChunk(out: ByteWriter, chunk: ChunkRecord): void {
  out.uvarint(chunk.ref);
  out.u8(chunk.kind | (chunk.isLate ? 128 : 0));
  out.uvarint(chunk.count);
  out.f64(chunk.minTimeMs);
  out.f64(chunk.maxTimeMs);
  out.uvarint(chunk.payload.length);
  out.copy(chunk.payload);
}

/** `payload` of what is visited points into the frame. */
export function readChunks(frame: Uint8Array, visit: (chunk: ChunkRecord) => void): void {
  const reader = new ByteReader(frame);
  while (reader.at < frame.length) {
    const ref = reader.uvarint();
    const packed = reader.u8();
    const count = reader.uvarint();
    const minTimeMs = reader.f64();
    const maxTimeMs = reader.f64();
    const payload = reader.take(reader.uvarint());
    visit({
      ref,
      kind: packed & 127,
      isLate: packed > 127,
      count,
      minTimeMs,
      maxTimeMs,
      payload,
    });
  }
}
