import { type Exemplar, labelsOfMap, type MetricMetadata } from '#metrics/model';
import type { WriteAssembly } from './assembly.ts';
import { readHistogram } from './histogram-proto.ts';
import { metricTypes } from './metric-types.ts';
import { WireCursor } from './wire-cursor.ts';

type SetMetadata = (metric: string, metadata: MetricMetadata) => void;

/**
 * Reads a `prometheus.WriteRequest` (remote write 1.0).
 * @throws {AppError} REMOTE_INVALID
 */
export function decodeWriteV1(body: Buffer, into: WriteAssembly, setMetadata: SetMetadata): void {
  const cursor = new WireCursor(body);
  while (cursor.at < body.length) {
    const key = cursor.varint(body.length);
    if (key === 10) readSeries(cursor, cursor.open(body.length), into);
    else if (key === 26) readMetadata(cursor, cursor.open(body.length), setMetadata);
    else cursor.skip(key & 7, body.length);
  }
}

function readSeries(cursor: WireCursor, end: number, into: WriteAssembly): void {
  const { bytes, view } = cursor;
  const start = cursor.at;
  const known = into.nextSeries(view, start, end);
  let isWanted = true;
  if (known > 0 && (start + known === end || bytes[start + known] !== labelKey)) {
    cursor.at = start + known;
  } else {
    // Every writer puts the labels first and together.
    while (cursor.at < end && bytes[cursor.at] === labelKey) {
      cursor.at++;
      cursor.at = cursor.open(end);
    }
    isWanted = into.series(view, start, cursor.at);
  }
  while (cursor.at < end) {
    if (isWanted && readPlainSample(cursor, end, into)) continue;
    const key = cursor.varint(end);
    if (!isWanted) {
      cursor.skip(key & 7, end);
      continue;
    }
    if (key === 18) readSample(cursor, cursor.open(end), into);
    else if (key === 26) readExemplar(cursor, cursor.open(end), into);
    else if (key === 34) {
      const { histogram, timeMs, startTimeMs } = readHistogram(cursor, cursor.open(end));
      into.histogram(timeMs, histogram, startTimeMs);
    } else cursor.skip(key & 7, end);
  }
}

const labelKey = 10;
/** `| 18 | 16 | 9 | value f64 | 16 | time in six bytes |`: times from 1971 to 2109. */
const plainSampleBytes = 18;

/** A sample as all senders write it, in 1.0 and (without a start time) in 2.0. @returns false: it is not one, nothing was read */
export function readPlainSample(cursor: WireCursor, end: number, into: WriteAssembly): boolean {
  const { bytes, at } = cursor;
  if (
    at + plainSampleBytes > end ||
    bytes[at] !== 18 ||
    bytes[at + 1] !== plainSampleBytes - 2 ||
    bytes[at + 2] !== 9 ||
    bytes[at + 11] !== 16
  ) {
    return false;
  }
  const one = bytes[at + 12]!;
  const two = bytes[at + 13]!;
  const three = bytes[at + 14]!;
  const four = bytes[at + 15]!;
  const five = bytes[at + 16]!;
  const six = bytes[at + 17]!;
  if ((one & two & three & four & five) < 128 || six > 127) return false;
  const low = (one & 127) | ((two & 127) << 7) | ((three & 127) << 14) | ((four & 127) << 21);
  const timeMs = low + ((five & 127) | (six << 7)) * 2 ** 28;
  cursor.at = at + plainSampleBytes;
  into.sample(timeMs, cursor.view.getFloat64(at + 3, true), 0);
  return true;
}

function readSample(cursor: WireCursor, end: number, into: WriteAssembly): void {
  let value = 0;
  let timeMs = 0;
  while (cursor.at < end) {
    const key = cursor.varint(end);
    if (key === 9) value = cursor.double(end);
    else if (key === 16) timeMs = cursor.int64(end);
    else cursor.skip(key & 7, end);
  }
  into.sample(timeMs, value, 0);
}

function readExemplar(cursor: WireCursor, end: number, into: WriteAssembly): void {
  const labels = new Map<string, string>();
  let value = 0;
  let timeMs = 0;
  while (cursor.at < end) {
    const key = cursor.varint(end);
    if (key === 10) {
      const stop = cursor.open(end);
      let name = '';
      let text = '';
      while (cursor.at < stop) {
        const inner = cursor.varint(stop);
        if (inner === 10) name = cursor.text(stop);
        else if (inner === 18) text = cursor.text(stop);
        else cursor.skip(inner & 7, stop);
      }
      labels.set(name, text);
    } else if (key === 17) value = cursor.double(end);
    else if (key === 24) timeMs = cursor.int64(end);
    else cursor.skip(key & 7, end);
  }
  into.exemplar({ labels: labelsOfMap(labels), value, timeMs } satisfies Exemplar);
}

function readMetadata(cursor: WireCursor, end: number, setMetadata: SetMetadata): void {
  let type = 0;
  let metric = '';
  let help = '';
  let unit = '';
  while (cursor.at < end) {
    const key = cursor.varint(end);
    if (key === 8) type = cursor.varint(end);
    else if (key === 18) metric = cursor.text(end);
    else if (key === 34) help = cursor.text(end);
    else if (key === 42) unit = cursor.text(end);
    else cursor.skip(key & 7, end);
  }
  if (metric !== '') setMetadata(metric, { type: metricTypes[type] ?? 'unknown', help, unit });
}
