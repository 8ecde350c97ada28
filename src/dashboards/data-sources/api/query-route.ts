import { Readable } from 'node:stream';
import { createGzip, constants as zlib } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#base';
import {
  countValues,
  type DataQuery,
  type FramesResult,
  type QueryRequest,
  resultsJson,
} from '#dashboards/data-sources';
import { closeSignal } from '#server';
import { parseDateMath } from '#time';
import type { DataSourcesApiDeps } from './edge.ts';
import { jsonBody } from './errors.ts';

const maxBodyBytes = 8 * 1024 * 1024;
/** Smaller answers are not worth compressing. */
const minGzipValues = 200;

/** `POST /api/ds/query`: what panels ask. */
export function registerQueryRoute(app: FastifyInstance, deps: DataSourcesApiDeps): void {
  const config = { access: 'viewer', maxBodyBytes } as const;
  app.post('/api/ds/query', { config }, async (request, reply) => {
    const asked = readRequest(jsonBody(request.body), deps);
    const user = request.principal.name;
    const results = await deps.sources.query({ ...asked, user }, closeSignal(reply));
    return sendResults(request, reply, results);
  });
}

/** 200; 207 where a query failed: its own result says so. */
function sendResults(
  request: FastifyRequest,
  reply: FastifyReply,
  results: ReadonlyMap<string, FramesResult>,
): FastifyReply {
  const all = [...results.values()];
  reply
    .code(all.every(({ status }) => status === 200) ? 200 : 207)
    .type('application/json')
    .header('vary', 'Accept-Encoding')
    .header('cache-control', 'no-store');
  const values = all.reduce((sum, { frames }) => sum + countValues(frames), 0);
  const plain = Readable.from(resultsJson(results), { objectMode: false });
  if (
    values < minGzipValues ||
    !/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  ) {
    return reply.send(plain);
  }
  const gzip = createGzip({ level: zlib.Z_BEST_SPEED });
  plain.once('error', (error) => gzip.destroy(error));
  gzip.once('close', () => plain.destroy());
  return reply.header('content-encoding', 'gzip').send(plain.pipe(gzip));
}

function readRequest(body: unknown, deps: DataSourcesApiDeps): QueryRequest {
  if (typeof body !== 'object' || body === null) throw invalid('the body must be an object');
  const { from, to, queries } = body as Readonly<Record<string, unknown>>;
  if (!Array.isArray(queries) || queries.length === 0) throw invalid('queries: no queries found');
  return {
    fromMs: timeOf(from ?? 'now-6h', 'from', deps),
    toMs: timeOf(to ?? 'now', 'to', deps),
    queries: queries.map(readQuery),
  };
}

function readQuery(given: unknown, at: number): DataQuery {
  if (typeof given !== 'object' || given === null)
    throw invalid(`queries[${at}] must be an object`);
  const query = given as Readonly<Record<string, unknown>>;
  const { refId = 'A', datasource, datasourceId } = query;
  if (typeof refId !== 'string' || refId.length > 200) {
    throw invalid(`queries[${at}].refId must be a text of at most 200 characters`);
  }
  // Older clients name the number, or the name alone.
  const reference =
    typeof datasource === 'string'
      ? { uid: datasource }
      : ((datasource as DataQuery['datasource'] | null | undefined) ?? undefined);
  return {
    ...query,
    refId,
    ...numberAt(query, 'intervalMs'),
    ...numberAt(query, 'maxDataPoints'),
    ...(reference === undefined ? {} : { datasource: reference }),
    ...(typeof datasourceId === 'number' ? { datasourceId } : {}),
  } as DataQuery;
}

/** Without it where it is no positive number. */
function numberAt(query: Readonly<Record<string, unknown>>, key: string): Record<string, unknown> {
  const value = Number(query[key]);
  return { [key]: Number.isFinite(value) && value > 0 ? value : undefined };
}

/** Ms since the epoch as a number or text, `now-1h/d`, or a date. */
function timeOf(
  given: unknown,
  edge: 'from' | 'to',
  { clock, timeZone }: DataSourcesApiDeps,
): number {
  if (typeof given === 'number' && Number.isFinite(given)) return given;
  const text = String(given).trim();
  if (/^-?\d{1,16}$/.test(text)) return Number(text);
  const zone = timeZone();
  const relative = parseDateMath(text, { nowMs: clock.nowMs(), zone, edge });
  const timeMs = relative ?? Date.parse(text);
  if (Number.isFinite(timeMs)) return timeMs;
  throw invalid(`${edge}: "${text}" is no time (allowed: ms since the epoch, now-1h, a date)`);
}

const invalid = (message: string): AppError => new AppError('DATA_QUERY_INVALID', message);
