import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { QueryRun } from '#logs/queries';
import { apiRoute } from '#server';
import type { LogsApiDeps } from './contract.ts';
import { queryNotFound } from './errors.ts';
import { exportStream, exportTypes } from './export.ts';
import { queryEventStream } from './query-stream.ts';
import { SavedQueries } from './saved-queries.ts';
import {
  count,
  maxQueryGroups,
  name,
  names,
  queryLanguage,
  queryRequest,
  queryText,
  timeMs,
  wire,
} from './schemas.ts';
import { wireQuery, wireRows } from './translate.ts';
import type { WireDiagnostic, WireField, WireQuery, WireRows, WireSavedQuery } from './wire.ts';

const tag = 'logs';
const byId = z.object({ id: z.string().min(1).max(200) });
const format = z.enum(['csv', 'json', 'parquet']);

/** Rows kept of a query without a limit of its own; exports have no wall. */
const maxRows = 10_000;

/** Queries, their results, exports, fields and saved queries. Whoever may read may query. */
export function registerQueryRoutes(app: FastifyInstance, deps: LogsApiDeps): void {
  const { queries, clock, logger } = deps;
  const saved = new SavedQueries(deps.state);
  const runOf = (id: string): QueryRun => {
    const run = queries.get(id);
    if (run === undefined) throw queryNotFound(id);
    return run;
  };

  apiRoute(
    app,
    {
      method: 'POST',
      url: '/nunchi/logs/queries',
      summary: 'Start a query; follow it at /nunchi/logs/queries/:id/events',
      tag,
      access: 'viewer',
      body: queryRequest,
      response: wire<WireQuery>(),
    },
    ({ body, principal }) => wireQuery(queries.start({ ...body, maxRows, user: principal.name })),
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/queries',
      summary: 'Queries that run or ran lately, newest first',
      tag,
      response: wire<readonly WireQuery[]>(),
    },
    () => queries.list().map(wireQuery),
  );

  apiRoute(
    app,
    {
      method: 'POST',
      url: '/nunchi/logs/queries/check',
      summary: 'Errors and warnings of a query text, with their places',
      tag,
      access: 'viewer',
      body: z.object({ text: queryText, language: queryLanguage }),
      response: wire<readonly WireDiagnostic[]>(),
    },
    ({ body }) => queries.check(body.text, body.language),
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/queries/:id',
      summary: 'State and statistics of a query',
      tag,
      params: byId,
      response: wire<WireQuery>(),
    },
    ({ params }) => wireQuery(runOf(params.id)),
  );

  apiRoute(
    app,
    {
      method: 'DELETE',
      url: '/nunchi/logs/queries/:id',
      summary: 'Stop a query; what it found so far stays',
      tag,
      access: 'viewer',
      params: byId,
    },
    ({ params }) => {
      runOf(params.id).stop();
      return undefined;
    },
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/queries/:id/rows',
      summary: 'A page of the rows kept so far',
      tag,
      params: byId,
      query: z.object({
        offset: z.coerce.number().int().min(0).default(0),
        limit: count(maxRows, 1000),
      }),
      response: wire<WireRows>(),
    },
    ({ params, query }) => wireRows(runOf(params.id).rows(query.offset, query.limit)),
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/queries/:id/events',
      summary: 'Follow a query as server-sent events: columns, rows, progress, end',
      tag,
      params: byId,
      streams: 'text/event-stream',
    },
    ({ params, signal, reply }) => {
      const run = runOf(params.id);
      return reply
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .type('text/event-stream; charset=utf-8')
        .send(queryEventStream(run, signal, logger));
    },
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/queries/:id/export',
      summary: 'Run the query again without a limit on rows and stream them',
      tag,
      params: byId,
      query: z.object({ format: format.default('csv') }),
      streams: 'text/csv',
    },
    async ({ params, query, signal, reply }) => {
      const { request } = runOf(params.id);
      const stream = await exportStream(
        queries,
        { ...request, maxRows: undefined },
        query.format,
        signal,
      );
      const extension = query.format === 'json' ? 'ndjson' : query.format;
      return reply
        .header('cache-control', 'no-store')
        .header('content-disposition', `attachment; filename="nunchi-logs.${extension}"`)
        .type(exportTypes[query.format])
        .send(stream);
    },
  );

  apiRoute(
    app,
    {
      method: 'POST',
      url: '/nunchi/logs/export',
      summary: 'Run a query and stream all its rows as CSV, JSON lines or Parquet',
      tag,
      access: 'viewer',
      query: z.object({ format: format.default('csv') }),
      body: queryRequest,
      streams: 'text/csv',
    },
    async ({ body, query, signal, principal, reply }) =>
      reply
        .header('cache-control', 'no-store')
        .type(exportTypes[query.format])
        .send(
          await exportStream(
            queries,
            { ...body, maxRows: undefined, user: principal.name },
            query.format,
            signal,
          ),
        ),
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/fields',
      summary: 'Fields found in a sample of the newest events, by share of events',
      tag,
      query: z.object({ group: names(maxQueryGroups), fromMs: timeMs, toMs: timeMs }),
      response: wire<readonly WireField[]>(),
    },
    ({ query, signal }) =>
      queries.discoverFields(
        { groups: query.group, fromMs: query.fromMs, toMs: query.toMs },
        signal,
      ),
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/saved-queries',
      summary: 'Saved queries by name',
      tag,
      response: wire<readonly WireSavedQuery[]>(),
    },
    () => saved.list(),
  );

  apiRoute(
    app,
    {
      method: 'POST',
      url: '/nunchi/logs/saved-queries',
      summary: 'Save a query, or save one again under its id',
      tag,
      body: z.object({
        id: z.string().min(1).max(200).optional(),
        name: z.string().trim().min(1).max(255),
        text: queryText,
        language: queryLanguage,
        groups: z.array(name).max(maxQueryGroups),
        version: z.number().int().min(0).optional(),
      }),
      response: wire<WireSavedQuery>(),
    },
    ({ body }) => saved.save(body, clock.nowMs()),
  );

  apiRoute(
    app,
    {
      method: 'DELETE',
      url: '/nunchi/logs/saved-queries/:id',
      summary: 'Delete a saved query',
      tag,
      params: byId,
    },
    async ({ params }) => {
      await saved.delete(params.id);
      return undefined;
    },
  );
}
