import { Readable } from 'node:stream';
import { createGzip, gzipSync, constants as zlib } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError, isAbortError, isAppError, type Logger } from '#base';
import { closeSignal } from '#server';
import { Parameters } from './parameters.ts';

/** A query with many values of a variable is long; a longer form than this is none. */
export const maxFormBytes: number = 8 * 1024 * 1024;
/** Smaller answers are not worth compressing. */
const minGzipBytes = 1400;
/** Compressed bytes of one write to the socket: each costs two turns of the event loop. */
const gzipChunkBytes = 128 * 1024;

/** The error types of the Prometheus API and their status. */
const statusOfType: Readonly<Record<string, number>> = {
  bad_data: 400,
  execution: 422,
  canceled: 499,
  timeout: 503,
  internal: 500,
  unavailable: 500,
  not_found: 404,
  not_acceptable: 406,
};

const typeOfCode: Readonly<Record<string, string>> = {
  METRICS_BAD_DATA: 'bad_data',
  METRICS_PATTERN_INVALID: 'bad_data',
  PROMQL_PARSE: 'bad_data',
  PROMQL_EXECUTION: 'execution',
  PROMQL_TOO_MANY_SAMPLES: 'execution',
  PROMQL_TIMEOUT: 'timeout',
  PROMQL_CANCELED: 'canceled',
  QUERY_TOO_LARGE: 'execution',
  METRICS_UNAVAILABLE: 'unavailable',
  STORE_STARTING: 'unavailable',
  METRICS_NOT_FOUND: 'not_found',
};

export interface ApiCall {
  readonly parameters: Parameters;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

/** What a handler answers: JSON for `data`, or that it has sent the reply itself. */
export type ApiAnswer =
  | { readonly data: unknown; readonly warnings?: readonly string[] }
  | typeof sent;

/** The handler has sent the reply itself. */
export const sent: 'sent' = 'sent';

type Method = 'GET' | 'POST' | 'PUT';

export interface ApiRouteOptions {
  readonly methods?: readonly Method[];
  readonly access?: 'viewer' | 'editor' | 'admin' | 'agent';
}

/** Registers an operation under `/api/v1`, answered in the envelope of the Prometheus API. */
export function prometheusRoute(
  app: FastifyInstance,
  path: string,
  { methods = ['GET'], access = 'viewer' }: ApiRouteOptions,
  handler: (call: ApiCall) => ApiAnswer | Promise<ApiAnswer>,
): void {
  app.route({
    method: [...methods],
    url: path,
    config: { access, maxBodyBytes: maxFormBytes },
    handler: async (request, reply) => {
      const queryStart = request.url.indexOf('?');
      const form = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
      const answer = await handler({
        parameters: new Parameters(queryStart < 0 ? '' : request.url.slice(queryStart + 1), form),
        request,
        reply,
        signal: closeSignal(reply),
      });
      if (answer === sent) return reply;
      const { data, warnings } = answer;
      const body = { status: 'success', data, ...(warnings?.length ? { warnings } : {}) };
      return sendText(request, reply, JSON.stringify(body), 'application/json');
    },
  });
}

/** Errors of the routes of this scope, in the envelope. */
export function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    const { type, message, status } = explain(error);
    if (status >= 500 && type === 'internal') {
      log.error('A request to the Prometheus API failed', {
        path: request.url.split('?')[0],
        err: error,
      });
    }
    if (type === 'unavailable') reply.header('retry-after', '5');
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="nunchi"');
    // As bytes: to a text the framework would add a charset, which answers that succeed do not have.
    const body = Buffer.from(JSON.stringify({ status: 'error', errorType: type, error: message }));
    return reply.code(status).type('application/json').send(body);
  });
}

function explain(error: unknown): {
  readonly type: string;
  readonly message: string;
  readonly status: number;
} {
  if (isAbortError(error)) {
    return { type: 'canceled', message: 'query was canceled in query execution', status: 499 };
  }
  const isOurs = isAppError(error);
  // The program's own refusals (login, roles, sizes) have a status of their own.
  const given = (error as { statusCode?: number }).statusCode;
  const own = isOurs ? accessStatus[error.code] : undefined;
  if (own !== undefined) return { type: 'bad_data', message: messageOf(error), status: own };
  if (given !== undefined && given >= 400 && given < 500) {
    return { type: 'bad_data', message: describeError(error), status: given };
  }
  const type = (isOurs ? typeOfCode[error.code] : undefined) ?? 'internal';
  // The reference's own server answers 503 to everything until it is ready.
  const status = isAppError(error, 'STORE_STARTING') ? 503 : statusOfType[type]!;
  return { type, message: messageOf(error), status };
}

const accessStatus: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  HOST_REFUSED: 403,
  ORIGIN_REFUSED: 403,
  TOO_MANY_REQUESTS: 429,
};

/** Messages of ours are whole sentences of the protocol; causes stay in the log. */
export const messageOf = (error: unknown): string =>
  isAppError(error) ? error.message : describeError(error);

const takesGzip = (request: FastifyRequest): boolean =>
  /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(String(request.headers['accept-encoding'] ?? ''));

/** Sends a text, compressed where the client takes it and it is worth it. */
export function sendText(
  request: FastifyRequest,
  reply: FastifyReply,
  text: string,
  type: string,
): FastifyReply {
  reply.type(type).header('vary', 'Accept-Encoding').header('cache-control', 'no-store');
  const body = Buffer.from(text, 'utf8');
  if (body.length < minGzipBytes || !takesGzip(request)) return reply.send(body);
  return reply
    .header('content-encoding', 'gzip')
    .send(gzipSync(body, { level: zlib.Z_BEST_SPEED }));
}

/** Sends chunks as they are made. */
export function sendChunks(
  request: FastifyRequest,
  reply: FastifyReply,
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  type: string,
): FastifyReply {
  reply.type(type).header('vary', 'Accept-Encoding').header('cache-control', 'no-store');
  const plain = Readable.from(chunks, { objectMode: false, highWaterMark: 256 * 1024 });
  if (!takesGzip(request)) return reply.send(plain);
  const gzip = createGzip({ level: zlib.Z_BEST_SPEED, chunkSize: gzipChunkBytes });
  plain.once('error', (error) => gzip.destroy(error));
  gzip.once('close', () => plain.destroy());
  return reply.header('content-encoding', 'gzip').send(plain.pipe(gzip));
}
