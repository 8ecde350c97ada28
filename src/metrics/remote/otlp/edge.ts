import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type Clock, type Logger, type MetricsRegistry } from '#base';
import type { OtlpConfig } from '#metrics/config';
import { type IngestStore, refusedSeries, SampleBatch } from '#metrics/tsdb';
import type { Edge } from '#server';
import {
  decodeOtlpMetricsJson,
  decodeOtlpMetricsProto,
  decompress,
  encodeOtlpMetricsResponseJson,
  encodeOtlpMetricsResponseProto,
  type OtlpResourceMetrics,
  parseContentEncoding,
} from '#wire';
import { rejectionText } from '../assembly.ts';
import { answerAsText } from '../write-edge.ts';
import { DeltaAccumulator } from './delta.ts';
import { type DeltaHandling, type TranslatedSink, translateOtlp } from './translate.ts';

const maxCompressedBytes = 16 * 1024 * 1024;
const maxBodyBytes = 64 * 1024 * 1024;

export interface OtlpMetricsDeps {
  readonly store: IngestStore;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly config: () => OtlpConfig;
  readonly clock: Clock;
  /** What becomes of points that are differences: the reference refuses them unless told otherwise. */
  readonly deltas: DeltaHandling;
}

/** OTLP/HTTP metrics, protobuf and JSON: `POST /api/v1/otlp/v1/metrics` and `/v1/metrics`. */
export function otlpMetricsEdge(deps: OtlpMetricsDeps): Edge {
  const received = deps.metrics.counter(
    'nunchi_otlp_metrics_samples_total',
    'Samples of OpenTelemetry metrics, by result',
  );
  const accumulator = new DeltaAccumulator(() => deps.clock.nowMs());
  deps.metrics.collected(
    'nunchi_otlp_metrics_delta_streams',
    'Streams of delta temporality that are added up',
    'gauge',
    () => [{ labels: {}, value: accumulator.size }],
  );
  const receive = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
    const isJson = type === 'application/json';
    if (!isJson && type !== 'application/x-protobuf') {
      throw new AppError(
        'REMOTE_UNSUPPORTED',
        `unsupported content type: ${JSON.stringify(type)}, supported: [application/json, application/x-protobuf]`,
      );
    }
    const body = await unpack(request);
    const resources = decode(body, isJson);
    const collected = new Collected(deps.store);
    translateOtlp(resources, { ...deps.config(), deltas: deps.deltas, accumulator }, collected);
    const { stored, rejected, reason } = await collected.finish();
    received.add(stored, { result: 'stored' });
    if (rejected > 0) received.add(rejected, { result: 'rejected' });
    const partial =
      rejected === 0 ? undefined : { rejectedDataPoints: rejected, errorMessage: reason };
    return isJson
      ? reply.type('application/json').send(encodeOtlpMetricsResponseJson(partial))
      : reply.type('application/x-protobuf').send(encodeOtlpMetricsResponseProto(partial));
  };
  return {
    name: 'otlp-metrics',
    register: async (app) => {
      await app.register(async (scope) => {
        scope.removeAllContentTypeParsers();
        scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, given, done) =>
          done(null, given),
        );
        answerAsText(scope, deps.log);
        for (const path of ['/api/v1/otlp/v1/metrics', '/v1/metrics']) {
          scope.post(
            path,
            { config: { access: 'agent', maxBodyBytes: maxCompressedBytes } },
            receive,
          );
        }
      });
    },
  };
}

async function unpack(request: FastifyRequest): Promise<Uint8Array> {
  const header = request.headers['content-encoding'];
  const encoding = parseContentEncoding(header);
  if (encoding === undefined) {
    throw new AppError('REMOTE_UNSUPPORTED', `Content-Encoding "${header}" is not supported`, {
      hint: 'Send gzip, zstd, deflate or snappy, or no encoding',
    });
  }
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
  return decompress(encoding, body, maxBodyBytes);
}

function decode(body: Uint8Array, isJson: boolean): OtlpResourceMetrics[] {
  if (!isJson) return decodeOtlpMetricsProto(body);
  return decodeOtlpMetricsJson(
    Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'),
  );
}

/** Samples of one request on their way to the store. */
class Collected implements TranslatedSink {
  readonly #store: IngestStore;
  readonly #batch = new SampleBatch();
  #rejected = 0;
  #reason = '';

  constructor(store: IngestStore) {
    this.#store = store;
  }

  sample(...[labels, timeMs, value, startMs]: Parameters<TranslatedSink['sample']>): void {
    this.#add(labels, timeMs, value, startMs);
  }

  histogram(
    ...[labels, timeMs, histogram, startMs]: Parameters<TranslatedSink['histogram']>
  ): void {
    const at = this.#add(labels, timeMs, histogram.sum, startMs);
    if (at < 0) return;
    this.#batch.histograms ??= new Map();
    this.#batch.histograms.set(at, histogram);
  }

  metadata(...[metric, metadata]: Parameters<TranslatedSink['metadata']>): void {
    this.#store.setMetadata(metric, metadata);
  }

  reject(points: number, reason: string): void {
    this.#rejected += points;
    this.#reason ||= reason;
  }

  /** @throws {AppError} STORE_FULL, STORE_CLOSED */
  async finish(): Promise<{
    readonly stored: number;
    readonly rejected: number;
    readonly reason: string;
  }> {
    const result = await this.#store.append(this.#batch, { durable: true });
    const refused = this.#batch.length - result.appended - (result.unwantedSamples ?? 0);
    if (result.first !== undefined) this.reject(refused, rejectionText(result.first.reason));
    return { stored: result.appended, rejected: this.#rejected, reason: this.#reason };
  }

  #add(...[labels, timeMs, value, startMs]: Parameters<TranslatedSink['sample']>): number {
    const ref = this.#store.seriesRef(labels);
    if (ref === refusedSeries) {
      this.reject(1, this.#store.seriesLimit() ?? 'the limit of series is reached');
      return -1;
    }
    const at = this.#batch.length;
    this.#batch.add(ref, timeMs, value);
    if (startMs > 0) {
      this.#batch.startTimesMs ??= new Float64Array(this.#batch.refs.length);
      this.#batch.startTimesMs[at] = startMs;
    }
    return at;
  }
}
