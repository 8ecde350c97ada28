import { wireInvalid } from './errors.ts';
import { formatLokiLabels, type LokiLabels, parseLokiLabels, sortedLabels } from './loki-labels.ts';
import { ProtoReader, ProtoWriter } from './protobuf.ts';

export interface LokiEntry {
  readonly timestampNs: bigint;
  readonly line: string;
  /** Structured metadata, in the sender's order. */
  readonly metadata: ReadonlyMap<string, string> | undefined;
}

export interface LokiStream {
  readonly labels: LokiLabels;
  readonly entries: readonly LokiEntry[];
}

/** Bound on the streams of one push. */
const maxStreams = 100_000;

/**
 * A decompressed protobuf PushRequest: `streams=1 {labels=1 text, entries=2 {timestamp=1 {seconds=1,
 * nanos=2}, line=2, structuredMetadata=3 {name=1, value=2}}, hash=3}`.
 * @throws {AppError} WIRE_INVALID
 */
export function decodeLokiProto(bytes: Uint8Array): LokiStream[] {
  const reader = new ProtoReader(bytes);
  const streams: LokiStream[] = [];
  while (reader.nextField()) {
    if (reader.field !== 1) reader.skip();
    else {
      if (streams.length >= maxStreams) throw tooManyStreams();
      streams.push(readStream(reader.message()));
    }
  }
  return streams;
}

function readStream(reader: ProtoReader): LokiStream {
  let labels: LokiLabels = new Map();
  const entries: LokiEntry[] = [];
  while (reader.nextField()) {
    if (reader.field === 1) labels = parseLokiLabels(reader.string());
    else if (reader.field === 2) entries.push(readEntry(reader.message()));
    else reader.skip();
  }
  return { labels, entries };
}

function readEntry(reader: ProtoReader): LokiEntry {
  let timestampNs = 0n;
  let line = '';
  let metadata: Map<string, string> | undefined;
  while (reader.nextField()) {
    if (reader.field === 1) timestampNs = readTimestamp(reader.message());
    else if (reader.field === 2) line = reader.string();
    else if (reader.field === 3) {
      const [name, value] = readPair(reader.message());
      metadata ??= new Map();
      metadata.set(name, value);
    } else reader.skip();
  }
  return { timestampNs, line, metadata };
}

function readTimestamp(reader: ProtoReader): bigint {
  let seconds = 0n;
  let nanos = 0n;
  while (reader.nextField()) {
    if (reader.field === 1) seconds = BigInt(reader.int64());
    else if (reader.field === 2) nanos = BigInt(reader.int64());
    else reader.skip();
  }
  return seconds * 1_000_000_000n + nanos;
}

function readPair(reader: ProtoReader): [string, string] {
  let name = '';
  let value = '';
  while (reader.nextField()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) value = reader.string();
    else reader.skip();
  }
  return [name, value];
}

/** The same message; the caller compresses it as one snappy block. */
export function encodeLokiProto(streams: readonly LokiStream[]): Buffer {
  const writer = new ProtoWriter();
  for (const { labels, entries } of streams) {
    const stream = writer.open(1);
    writer.string(1, formatLokiLabels(labels));
    for (const { timestampNs, line, metadata } of entries) {
      const entry = writer.open(2);
      const timestamp = writer.open(1);
      // Floor division, so that nanos is never negative.
      const nanos = ((timestampNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
      const seconds = (timestampNs - nanos) / 1_000_000_000n;
      if (seconds !== 0n) writer.int64(1, seconds);
      if (nanos !== 0n) writer.int64(2, nanos);
      writer.close(timestamp);
      writer.string(2, line);
      for (const [name, value] of metadata ?? []) {
        const pair = writer.open(3);
        writer.string(1, name);
        writer.string(2, value);
        writer.close(pair);
      }
      writer.close(entry);
    }
    writer.close(stream);
  }
  return writer.take();
}

/**
 * JSON push body: `{"streams":[{"stream":{…},"values":[["ns","line",{…}?],…]}]}`, and the older
 * `{"streams":[{"labels":"{…}","entries":[{"ts":"RFC 3339","line":"…"}]}]}`.
 * @throws {AppError} WIRE_INVALID naming the place in the document
 */
export function decodeLokiJson(text: string): LokiStream[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw wireInvalid('The body is not valid JSON', -1, error);
  }
  const streams = isObject(body) ? body['streams'] : undefined;
  if (!Array.isArray(streams)) throw wireInvalid('The body has no array "streams"', -1);
  if (streams.length > maxStreams) throw tooManyStreams();
  return streams.map((stream: unknown, index) => {
    if (!isObject(stream)) throw wireInvalid(`streams[${index}] is not an object`, -1);
    if (Array.isArray(stream['entries'])) return oldStream(stream, index);
    const values = stream['values'];
    if (!Array.isArray(values)) throw wireInvalid(`streams[${index}] has no array "values"`, -1);
    return {
      labels: textMap(stream['stream'] ?? {}, `streams[${index}].stream`),
      entries: values.map((value: unknown, row) => jsonEntry(value, index, row)),
    };
  });
}

function jsonEntry(value: unknown, stream: number, row: number): LokiEntry {
  const place = `streams[${stream}].values[${row}]`;
  if (!Array.isArray(value) || value.length < 2 || typeof value[1] !== 'string') {
    throw wireInvalid(`${place} is not [timestamp, line]`, -1);
  }
  const [time, line, metadata] = value as [unknown, string, unknown];
  return {
    timestampNs: nanoseconds(time, place),
    line,
    metadata: metadata === undefined || metadata === null ? undefined : textMap(metadata, place),
  };
}

function oldStream(stream: Record<string, unknown>, index: number): LokiStream {
  const entries = (stream['entries'] as unknown[]).map((entry, row) => {
    const place = `streams[${index}].entries[${row}]`;
    if (!isObject(entry) || typeof entry['line'] !== 'string') {
      throw wireInvalid(`${place} has no text "line"`, -1);
    }
    const time = entry['ts'] ?? entry['timestamp'];
    const parsedMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
    const timestampNs = Number.isNaN(parsedMs)
      ? nanoseconds(time, place)
      : BigInt(parsedMs) * 1_000_000n;
    return { timestampNs, line: entry['line'], metadata: undefined };
  });
  return { labels: parseLokiLabels(String(stream['labels'] ?? '{}')), entries };
}

/** The JSON push body; labels and metadata as objects, timestamps as text of nanoseconds. */
export function encodeLokiJson(streams: readonly LokiStream[]): string {
  return JSON.stringify({
    streams: streams.map(({ labels, entries }) => ({
      stream: Object.fromEntries(labels),
      values: entries.map(({ timestampNs, line, metadata }) =>
        metadata === undefined
          ? [String(timestampNs), line.toWellFormed()]
          : [String(timestampNs), line.toWellFormed(), Object.fromEntries(metadata)],
      ),
    })),
  });
}

function nanoseconds(value: unknown, place: string): bigint {
  // 20 digits is past the year 5000: longer text is not worth a BigInt.
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  throw wireInvalid(`${place} has a timestamp that is no whole number of nanoseconds`, -1);
}

function textMap(value: unknown, place: string): LokiLabels {
  if (!isObject(value)) throw wireInvalid(`${place} is not an object`, -1);
  return sortedLabels(
    Object.entries(value).map(([name, item]) => [
      name,
      typeof item === 'string' ? item : JSON.stringify(item),
    ]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const tooManyStreams = (): Error => wireInvalid(`A push has more than ${maxStreams} streams`, -1);
