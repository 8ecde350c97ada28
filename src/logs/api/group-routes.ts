import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError } from '#base';
import type { LogStore } from '#logs/store';
import { apiRoute } from '#server';
import type { LogsApiDeps } from './contract.ts';
import { groupNotFound } from './errors.ts';
import { readContext, readPage } from './events.ts';
import { countByLevel } from './histogram.ts';
import { listGroups, overview } from './overview.ts';
import type { RateHistory } from './rate-history.ts';
import {
  count,
  filterPattern,
  maxListGroups,
  maxListStreams,
  maxPageEvents,
  maxQueryGroups,
  name,
  names,
  newGroupName,
  timeMs,
  wire,
} from './schemas.ts';
import { wireGroup, wireStream } from './translate.ts';
import type {
  WireContext,
  WireEventPage,
  WireGroup,
  WireGroups,
  WireHistogram,
  WireOverview,
  WireStreams,
} from './wire.ts';

const tag = 'logs';
/** Ten years, the longest that CloudWatch offers, and then some. */
const retentionDays = z.number().int().min(1).max(36_500);
const tags = z.record(z.string().min(1).max(128), z.string().max(256));

const oneGroup = z.object({ group: name });

/** Groups, streams and events. */
export function registerGroupRoutes(
  app: FastifyInstance,
  deps: LogsApiDeps,
  history: RateHistory,
): void {
  const { store, clock } = deps;
  const answer = (group: string): WireGroup => {
    const found = store.group(group);
    if (found === undefined) throw groupNotFound(group);
    const nowMs = clock.nowMs();
    return wireGroup(found, store.ingestRates().get(group), history.group(group, nowMs).events);
  };

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/overview',
      summary: 'What is collected, how fast, where it is stored and what is wrong',
      tag,
      response: wire<WireOverview>(),
    },
    () => overview({ store, history, agents: deps.agents ?? (() => []) }, clock.nowMs()),
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/groups',
      summary: 'List log groups with sizes and rates, in ASCII order of names',
      tag,
      query: z.object({
        contains: z.string().max(512).optional(),
        prefix: z.string().max(512).optional(),
        limit: count(maxListGroups, 1000),
      }),
      response: wire<WireGroups>(),
    },
    ({ query: { contains, prefix, limit } }) =>
      listGroups(
        { store, history },
        {
          ...(contains === undefined ? {} : { contains }),
          ...(prefix === undefined ? {} : { prefix }),
        },
        limit,
        clock.nowMs(),
      ),
  );

  apiRoute(
    app,
    {
      method: 'POST',
      url: '/nunchi/logs/groups',
      summary: 'Create a log group',
      tag,
      body: z.object({
        name: newGroupName,
        retentionDays: retentionDays.optional(),
        tags: tags.optional(),
      }),
      response: wire<WireGroup>(),
    },
    async ({ body }) => {
      await store.createGroup(body.name, {
        ...(body.retentionDays === undefined ? {} : { retentionDays: body.retentionDays }),
        ...(body.tags === undefined ? {} : { tags: body.tags }),
      });
      return answer(body.name);
    },
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/group',
      summary: 'One log group',
      tag,
      query: oneGroup,
      response: wire<WireGroup>(),
    },
    ({ query }) => answer(query.group),
  );

  apiRoute(
    app,
    {
      method: 'PATCH',
      url: '/nunchi/logs/group',
      summary: 'Change retention, tags or deletion protection of a log group',
      tag,
      query: oneGroup,
      body: z.object({
        retentionDays: retentionDays.nullable().optional(),
        deletionProtection: z.boolean().optional(),
        tags: tags.optional(),
      }),
      response: wire<WireGroup>(),
    },
    async ({ query, body }) => {
      await store.updateGroup(query.group, {
        ...(body.retentionDays === undefined ? {} : { retentionDays: body.retentionDays }),
        ...(body.deletionProtection === undefined
          ? {}
          : { deletionProtection: body.deletionProtection }),
        ...(body.tags === undefined ? {} : { tags: body.tags }),
      });
      return answer(query.group);
    },
  );

  apiRoute(
    app,
    {
      method: 'DELETE',
      url: '/nunchi/logs/group',
      summary: 'Delete a log group with its streams and events; the name is given twice',
      tag,
      query: z.object({ group: name, confirm: z.string() }),
    },
    async ({ query }) => {
      if (query.confirm !== query.group) {
        throw new AppError('CONFIRMATION_INVALID', 'The confirmation is not the name of the group');
      }
      await deleteGroup(store, query.group);
      history.forget(query.group);
      return undefined;
    },
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/streams',
      summary: 'List streams of a log group',
      tag,
      query: z.object({
        group: name,
        prefix: z.string().max(512).optional(),
        orderBy: z.enum(['name', 'lastEvent']).default('lastEvent'),
        descending: z.stringbool().default(false),
        after: z.string().max(600).optional(),
        limit: count(maxListStreams, 100),
      }),
      response: wire<WireStreams>(),
    },
    ({ query }) => listStreams(store, query),
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/events',
      summary: 'Read events of a log group, in either direction, through a filter pattern',
      tag,
      query: z.object({
        group: name,
        stream: names(100),
        streamPrefix: z.string().max(512).optional(),
        fromMs: timeMs,
        toMs: timeMs,
        filter: filterPattern,
        direction: z.enum(['forward', 'backward']).default('backward'),
        after: z.string().max(40).optional(),
        limit: count(maxPageEvents, 200),
      }),
      response: wire<WireEventPage>(),
    },
    ({ query, signal }) =>
      readPage(
        store,
        {
          groups: [query.group],
          ...(query.stream.length === 0 ? {} : { streams: query.stream }),
          ...(query.streamPrefix === undefined ? {} : { streamPrefix: query.streamPrefix }),
          fromMs: query.fromMs,
          toMs: query.toMs,
          direction: query.direction,
          after: query.after,
          filter: query.filter,
          limit: query.limit,
        },
        clock,
        signal,
      ),
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/context',
      summary: 'The lines before and after an event in its stream',
      tag,
      query: z.object({
        pointer: z.string().max(2048),
        before: count(500, 20),
        after: count(500, 20),
      }),
      response: wire<WireContext>(),
    },
    ({ query, signal }) => readContext(store, query, signal),
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/logs/histogram',
      summary: 'Count events over time by level; of all groups when none is named',
      tag,
      query: z.object({
        group: names(maxQueryGroups),
        stream: names(100),
        fromMs: timeMs,
        toMs: timeMs,
        bins: count(1000, 120),
        filter: filterPattern,
      }),
      response: wire<WireHistogram>(),
    },
    ({ query, signal }) => {
      if (query.toMs <= query.fromMs) {
        throw new AppError('INVALID_REQUEST', 'toMs must be after fromMs');
      }
      return countByLevel(
        store,
        {
          groups: query.group.length > 0 ? query.group : allGroups(store, query.fromMs),
          ...(query.stream.length === 0 ? {} : { streams: query.stream }),
          fromMs: query.fromMs,
          toMs: query.toMs,
          bins: query.bins,
          filter: query.filter,
        },
        clock,
        signal,
      );
    },
  );
}

/** Enough for one glance; the others are too many to draw anyway. */
const maxHistogramGroups = 1000;

function allGroups(store: LogStore, fromMs: number): readonly string[] {
  return store
    .groups()
    .filter((group) => (group.lastEventMs ?? 0) >= fromMs)
    .slice(0, maxHistogramGroups)
    .map((group) => group.name);
}

async function deleteGroup(store: LogStore, group: string): Promise<void> {
  const found = store.group(group);
  if (found === undefined) throw groupNotFound(group);
  if (found.deletionProtection) {
    throw new AppError('LOG_GROUP_PROTECTED', `The log group ${group} is protected from deletion`, {
      hint: 'Turn its deletion protection off first',
    });
  }
  await store.deleteGroup(group);
}

interface StreamsQuery {
  readonly group: string;
  readonly prefix?: string | undefined;
  readonly orderBy: 'name' | 'lastEvent';
  readonly descending: boolean;
  readonly after?: string | undefined;
  readonly limit: number;
}

function listStreams(store: LogStore, query: StreamsQuery): WireStreams {
  if (store.group(query.group) === undefined) throw groupNotFound(query.group);
  const after = query.after === undefined ? undefined : parseAfter(query.after);
  const streams = store.streams(query.group, {
    orderBy: query.orderBy,
    descending: query.descending,
    // One more than asked for tells whether there is a next page.
    limit: query.limit + 1,
    ...(query.prefix === undefined ? {} : { prefix: query.prefix }),
    ...(after === undefined ? {} : { after }),
  });
  const page = streams.slice(0, query.limit);
  const last = page.at(-1);
  return {
    streams: page.map(wireStream),
    next:
      streams.length > query.limit && last !== undefined
        ? `${last.lastEventMs ?? ''}|${last.name}`
        : null,
  };
}

function parseAfter(text: string): { name: string; lastEventMs?: number } {
  const at = text.indexOf('|');
  const lastEventMs = text.slice(0, Math.max(0, at));
  const after = { name: text.slice(at + 1) };
  return /^\d+$/.test(lastEventMs) ? { ...after, lastEventMs: Number(lastEventMs) } : after;
}
