import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { uncompress } from 'snappy';
import { AppError, type Clock, isAppError, type Logger, type MetricsRegistry } from '#base';
import type { IngestStore } from '#metrics/tsdb';
import type { Edge } from '#server';
import { type AssemblyResult, WriteAssembly } from './assembly.ts';
import { labelsV1, labelsV2 } from './decode-labels.ts';
import { decodeWriteV1 } from './decode-v1.ts';
import { decodeWriteV2 } from './decode-v2.ts';
import { SeriesTable } from './series-table.ts';
import { SnappyBlocks, snappyLength } from './snappy-block.ts';

/** Senders put at most 2,000 to 10,000 samples into a request; agents of others a few times that. */
const maxCompressedBytes = 32 * 1024 * 1024;
/** A snappy block states its length first: one that states more is refused unread. */
const maxBodyBytes = 256 * 1024 * 1024;
/** Larger bodies are unpacked on another thread: this one has others to serve. */
const maxUnpackedHereBytes = 4 * 1024 * 1024;
/** A store without room is asked again by its senders after this. */
const retryAfterSeconds = 5;

/** Requests that are under way at once, mostly, and their samples: 20 bytes each. */
const maxIdleAssemblies = 8;
const maxIdleSamples = 65_536;

const messageV1 = 'prometheus.WriteRequest';
const messageV2 = 'io.prometheus.write.v2.Request';

export interface RemoteWriteDeps {
  readonly store: IngestStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

/**
 * Prometheus remote write, 1.0 and 2.0, the receiver: `POST /api/v1/write`. 204 once all is durable.
 * Samples that cannot be stored (out of order, too old, a second value) are left out, the others are
 * stored, and the answer is 400 with the first reason, so that the sender counts it and goes on.
 */
export function remoteWriteEdge({ store, clock, log, metrics }: RemoteWriteDeps): Edge {
  const tables = { v1: new SeriesTable(), v2: new SeriesTable() };
  const assemblies = {
    v1: new AssemblyPool(() => new WriteAssembly(store, tables.v1, labelsV1)),
    v2: new AssemblyPool(() => new WriteAssembly(store, tables.v2, labelsV2)),
  };
  const blocks = new SnappyBlocks();
  const received = metrics.counter(
    'nunchi_remote_write_received_samples_total',
    'Samples stored of remote write, by version',
  );
  const requests = metrics.counter(
    'nunchi_remote_write_received_requests_total',
    'Requests of remote write, by version and result',
  );
  metrics.collected(
    'nunchi_remote_write_series_table_bytes',
    'Memory that knows the series of remote write by their bytes',
    'gauge',
    () =>
      Object.entries(tables).map(([version, { bytes }]) => ({ labels: { version }, value: bytes })),
  );

  const receive = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const version = versionOf(request);
    const packed = packedBody(request);
    const isSmall = snappyLength(packed) <= maxUnpackedHereBytes;
    // What `blocks` answers is good until it is asked again: nothing may wait before it is decoded.
    const body = isSmall ? blocks.unpack(packed) : await unpackElsewhere(packed);
    const isV1 = version === 'v1';
    const pool = assemblies[version];
    const assembly = pool.take();
    assembly.begin(clock.nowMs());
    const decode = isV1 ? decodeWriteV1 : decodeWriteV2;
    decode(body, assembly, (metric, metadata) => store.setMetadata(metric, metadata));
    const result = await assembly.finish();
    // After an error it is not used again: nobody knows how far it came.
    pool.give(assembly);
    received.add(result.samples + result.histograms - result.dropped, { version });
    if (!isV1) writtenHeaders(reply, result);
    if (result.invalidSeries > 0) {
      log.debug('Series of a remote write request have no valid labels', {
        series: result.invalidSeries,
      });
    }
    const problem =
      result.problem ??
      // 1.0 counts them and goes on; 2.0 tells its sender.
      (result.invalidSeries > 0 && !isV1 ? 'invalid metric name or label names' : undefined);
    requests.add(1, { version, result: problem === undefined ? 'stored' : 'partial' });
    if (problem === undefined) return reply.code(204).send();
    return reply.code(400).type('text/plain; charset=utf-8').send(`${problem}\n`);
  };

  return {
    name: 'remote-write',
    register: async (app) => {
      await app.register(async (scope) => {
        scope.removeAllContentTypeParsers();
        scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
          done(null, body),
        );
        answerAsText(scope, log);
        scope.post(
          '/api/v1/write',
          { config: { access: 'agent', maxBodyBytes: maxCompressedBytes } },
          receive,
        );
      });
    },
  };
}

/** Assemblies between two requests: their columns need not be made anew. */
class AssemblyPool {
  readonly #make: () => WriteAssembly;
  readonly #idle: WriteAssembly[] = [];

  constructor(make: () => WriteAssembly) {
    this.#make = make;
  }

  take(): WriteAssembly {
    return this.#idle.pop() ?? this.#make();
  }

  give(assembly: WriteAssembly): void {
    if (this.#idle.length >= maxIdleAssemblies || assembly.capacity > maxIdleSamples) return;
    this.#idle.push(assembly);
  }
}

function versionOf(request: FastifyRequest): 'v1' | 'v2' {
  const type = request.headers['content-type'] ?? 'application/x-protobuf';
  const [media, ...parameters] = type.split(';').map((part) => part.trim());
  if (media?.toLowerCase() !== 'application/x-protobuf') {
    throw unsupported(
      `expected application/x-protobuf as the first (media) part, got ${JSON.stringify(media)} content-type`,
    );
  }
  const proto = parameters.find((part) => part.startsWith('proto='))?.slice('proto='.length);
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'snappy') {
    throw unsupported(
      `${String(encoding)} encoding (compression) is not accepted by this server; only snappy is acceptable`,
    );
  }
  if (proto === undefined || proto === messageV1) return 'v1';
  if (proto === messageV2) return 'v2';
  throw unsupported(
    `unknown remote write protobuf message ${proto}; expected ${messageV1} or ${messageV2}`,
  );
}

const unsupported = (message: string): AppError => new AppError('REMOTE_UNSUPPORTED', message);

/** The body as it came. @throws {AppError} REMOTE_INVALID: it would unpack to too much */
function packedBody(request: FastifyRequest): Buffer {
  const { body } = request;
  const packed = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const length = snappyLength(packed);
  if (length <= maxBodyBytes) return packed;
  throw new AppError(
    'REMOTE_INVALID',
    `The body unpacks to ${length} bytes; ${maxBodyBytes} are allowed`,
  );
}

async function unpackElsewhere(packed: Buffer): Promise<Buffer> {
  try {
    return (await uncompress(packed, { asBuffer: true })) as Buffer;
  } catch (error) {
    throw new AppError('REMOTE_INVALID', 'The body is not a snappy block', { cause: error });
  }
}

function writtenHeaders(reply: FastifyReply, result: AssemblyResult): void {
  reply.headers({
    'x-prometheus-remote-write-samples-written': String(result.samples),
    'x-prometheus-remote-write-histograms-written': String(result.histograms),
    'x-prometheus-remote-write-exemplars-written': String(result.exemplars),
  });
}

const statusOfCode: Readonly<Record<string, number>> = {
  REMOTE_INVALID: 400,
  REMOTE_UNSUPPORTED: 415,
  QUERY_TOO_LARGE: 400,
  METRICS_BAD_DATA: 400,
  METRICS_PATTERN_INVALID: 400,
  PROMQL_PARSE: 400,
  WIRE_INVALID: 400,
  WIRE_TOO_LARGE: 413,
  STORE_FULL: 503,
  STORE_CLOSED: 503,
  STORE_STARTING: 503,
};

/** Errors of a scope as plain text, which is what the remote protocols have. */
export function answerAsText(scope: FastifyInstance, log: Logger): void {
  const fallback = scope.errorHandler;
  scope.setErrorHandler((error, request, reply) => {
    const status = isAppError(error) ? statusOfCode[error.code] : undefined;
    if (status === undefined) return fallback(error, request, reply);
    if (status === 503) reply.header('retry-after', String(retryAfterSeconds));
    log.debug('A remote request was refused', { err: error });
    const message = error instanceof Error ? error.message : String(error);
    return reply.code(status).type('text/plain; charset=utf-8').send(`${message}\n`);
  });
}
