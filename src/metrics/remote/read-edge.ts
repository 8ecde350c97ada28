import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { compress, uncompress } from 'snappy';
import { AppError, type Logger } from '#base';
import {
  chunkEncodings,
  crc32c,
  encodeFloatHistogramChunk,
  encodeXorChunk,
  fitsChunk,
  maxXorSamples,
} from '#metrics/chunks';
import {
  type FloatHistogram,
  type LabelMatcher,
  labelMatcher,
  type MatchOperator,
  type Queryable,
  SampleColumns,
  type SeriesSelection,
} from '#metrics/model';
import { closeSignal, type Edge } from '#server';
import { ProtoReader, ProtoWriter } from '#wire';
import { writeLabelsV1 } from './encode.ts';
import { withExternalLabels, withoutExternalMatchers } from './external-labels.ts';
import { writeHistogram } from './histogram-proto.ts';
import { writeValue } from './value-proto.ts';
import { answerAsText } from './write-edge.ts';

const maxRequestBytes = 32 * 1024 * 1024;
/** What one answer of the unstreamed form may hold, as the reference. */
const maxSamples = 50_000_000;
/** One frame of the streamed form. */
const maxFrameBytes = 1024 * 1024;

export interface RemoteReadDeps {
  readonly store: Queryable;
  readonly log: Logger;
  readonly externalLabels: () => Readonly<Record<string, string>>;
}

interface ReadQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly matchers: readonly LabelMatcher[];
  /** Only which series there are. */
  readonly wantsLabelsOnly: boolean;
}

const operators: readonly MatchOperator[] = ['=', '!=', '=~', '!~'];

/** `POST /api/v1/read`: remote read, samples in one message or XOR chunks streamed. */
export function remoteReadEdge(deps: RemoteReadDeps): Edge {
  return {
    name: 'remote-read',
    register: async (app) => {
      await app.register(async (scope) => {
        scope.removeAllContentTypeParsers();
        scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
          done(null, body),
        );
        answerAsText(scope, deps.log);
        scope.post(
          '/api/v1/read',
          { config: { access: 'viewer', maxBodyBytes: maxRequestBytes } },
          (request, reply) => read(request, reply, deps),
        );
      });
    },
  };
}

async function read(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: RemoteReadDeps,
): Promise<FastifyReply> {
  const packed = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  let body: Buffer;
  try {
    body = (await uncompress(packed, { asBuffer: true })) as Buffer;
  } catch (error) {
    throw new AppError('REMOTE_INVALID', 'The body is not a snappy block', { cause: error });
  }
  const { queries, accepted } = decodeRequest(body);
  const external = deps.externalLabels();
  const signal = closeSignal(reply);
  // The first form that we have counts; a client that names none knows only samples.
  const form = accepted.length === 0 ? 0 : accepted.find((type) => type === 0 || type === 1);
  if (form === undefined) {
    throw new AppError(
      'REMOTE_INVALID',
      `server does not support any of the requested response types: ${accepted.join(', ')}; supported: SAMPLES, STREAMED_XOR_CHUNKS`,
    );
  }
  if (form === 1) {
    return reply
      .type('application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse')
      .send(Readable.from(frames(queries, deps.store, external, signal), { objectMode: false }));
  }
  const answer = await samplesAnswer(queries, deps.store, external, signal);
  return reply
    .type('application/x-protobuf')
    .header('content-encoding', 'snappy')
    .send(await compress(answer));
}

function decodeRequest(body: Buffer): {
  readonly queries: readonly ReadQuery[];
  readonly accepted: readonly number[];
} {
  const queries: ReadQuery[] = [];
  const accepted: number[] = [];
  const reader = new ProtoReader(body);
  while (reader.nextField()) {
    if (reader.field === 1) queries.push(decodeQuery(reader.message()));
    else if (reader.field === 2) {
      if (reader.wireType === 0) accepted.push(reader.uint());
      else for (const byte of reader.bytes()) accepted.push(byte);
    } else reader.skip();
  }
  return { queries, accepted };
}

function decodeQuery(reader: ProtoReader): ReadQuery {
  let fromMs = 0;
  let toMs = 0;
  let wantsLabelsOnly = false;
  const matchers: LabelMatcher[] = [];
  while (reader.nextField()) {
    if (reader.field === 1) fromMs = Number(reader.int64());
    else if (reader.field === 2) toMs = Number(reader.int64());
    else if (reader.field === 3) matchers.push(decodeMatcher(reader.message()));
    else if (reader.field === 4) wantsLabelsOnly = functionOf(reader.message()) === 'series';
    else reader.skip();
  }
  return { fromMs, toMs, matchers, wantsLabelsOnly };
}

/** The function of the hints; `series` stands for the endpoint of that name. */
function functionOf(hints: ProtoReader): string {
  let name = '';
  while (hints.nextField()) {
    if (hints.field === 2) name = hints.string();
    else hints.skip();
  }
  return name;
}

function decodeMatcher(reader: ProtoReader): LabelMatcher {
  let type = 0;
  let name = '';
  let value = '';
  while (reader.nextField()) {
    if (reader.field === 1) type = reader.uint();
    else if (reader.field === 2) name = reader.string();
    else if (reader.field === 3) value = reader.string();
    else reader.skip();
  }
  const operator = operators[type];
  if (operator === undefined) {
    throw new AppError('REMOTE_INVALID', `invalid matcher type ${type}`);
  }
  return labelMatcher(name, operator, value);
}

async function open(
  query: ReadQuery,
  store: Queryable,
  external: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<SeriesSelection> {
  const matchers = withoutExternalMatchers(query.matchers, external);
  return store.select({ matchers, fromMs: query.fromMs, toMs: query.toMs }, signal);
}

async function samplesAnswer(
  queries: readonly ReadQuery[],
  store: Queryable,
  external: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Buffer> {
  const writer = new ProtoWriter();
  const columns = new SampleColumns();
  let samples = 0;
  for (const query of queries) {
    using selection = await open(query, store, external, signal);
    const result = writer.open(1);
    for (let at = 0; at < selection.count; at++) {
      selection.read(at, columns);
      if (columns.count === 0) continue;
      samples += columns.count;
      if (samples > maxSamples) {
        throw new AppError('QUERY_TOO_LARGE', `exceeded sample limit (${maxSamples})`);
      }
      const series = writer.open(1);
      writeLabelsV1(writer, 1, withExternalLabels(selection.labels(at), external));
      if (!query.wantsLabelsOnly) writeSamples(writer, columns);
      writer.close(series);
    }
    writer.close(result);
  }
  return writer.take();
}

function writeSamples(writer: ProtoWriter, columns: SampleColumns): void {
  for (let row = 0; row < columns.count; row++) {
    if (columns.histograms?.[row] !== undefined) continue;
    const mark = writer.open(2);
    writeValue(writer, 1, columns.values[row]!);
    writer.int64(2, columns.timesMs[row]!);
    writer.close(mark);
  }
  for (let row = 0; row < columns.count; row++) {
    const histogram = columns.histograms?.[row];
    if (histogram === undefined) continue;
    const mark = writer.open(4);
    writeHistogram(writer, histogram, columns.timesMs[row]!, 0);
    writer.close(mark);
  }
}

/** Frames of the streamed form: uvarint length, CRC-32C of the message, the message. */
async function* frames(
  queries: readonly ReadQuery[],
  store: Queryable,
  external: Readonly<Record<string, string>>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const columns = new SampleColumns();
  for (const [index, query] of queries.entries()) {
    using selection = await open(query, store, external, signal);
    for (let at = 0; at < selection.count; at++) {
      selection.read(at, columns);
      if (columns.count === 0) continue;
      const labels = withExternalLabels(selection.labels(at), external);
      let writer = new ProtoWriter();
      let series = writer.open(1);
      let bytes = 0;
      writeLabelsV1(writer, 1, labels);
      for (const chunk of chunksOf(columns)) {
        if (bytes + chunk.data.length > maxFrameBytes) {
          writer.close(series);
          yield frame(writer, index);
          writer = new ProtoWriter();
          series = writer.open(1);
          bytes = 0;
          writeLabelsV1(writer, 1, labels);
        }
        bytes += chunk.data.length;
        const mark = writer.open(2);
        writer.int64(1, chunk.minMs);
        writer.int64(2, chunk.maxMs);
        writer.uint(3, chunk.encoding);
        writer.bytes(4, chunk.data);
        writer.close(mark);
      }
      writer.close(series);
      if (bytes > 0) yield frame(writer, index);
    }
  }
}

function frame(writer: ProtoWriter, queryIndex: number): Buffer {
  if (queryIndex > 0) writer.uint(2, queryIndex);
  const message = writer.take();
  const head: number[] = [];
  let length = message.length;
  for (; length >= 0x80; length = Math.floor(length / 128)) head.push((length % 128) | 0x80);
  head.push(length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32c(message));
  return Buffer.concat([Buffer.from(head), sum, message]);
}

interface Chunk {
  readonly minMs: number;
  readonly maxMs: number;
  readonly encoding: number;
  readonly data: Buffer;
}

/** Runs of samples that can stand in one chunk: floats, or histograms of one layout without a reset. */
function* chunksOf(columns: SampleColumns): Generator<Chunk> {
  const { timesMs, values, histograms } = columns;
  for (let start = 0; start < columns.count; ) {
    const first = histograms?.[start];
    let end = start + 1;
    while (end < columns.count && end - start < maxXorSamples) {
      const next = histograms?.[end];
      const fits =
        first === undefined || next === undefined
          ? first === next
          : fitsChunk(histograms![end - 1]!, next);
      if (!fits) break;
      end++;
    }
    const range = { minMs: timesMs[start]!, maxMs: timesMs[end - 1]! };
    yield first === undefined
      ? {
          ...range,
          encoding: chunkEncodings.xor,
          data: encodeXorChunk(timesMs, values, start, end),
        }
      : {
          ...range,
          encoding: chunkEncodings.floatHistogram,
          data: encodeFloatHistogramChunk(
            [...timesMs.subarray(start, end)],
            histograms!.slice(start, end) as FloatHistogram[],
          ),
        };
    start = end;
  }
}
