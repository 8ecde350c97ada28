import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { SectionBuilder } from '#logs/batch';
import { createQueryService } from '#logs/queries';
import { type LogStore, openLogStore } from '#logs/store';
import { type NunchiServer, startServer } from '#server';
import { openStateStore } from '#state';
import { logsApiEdge } from './edge.ts';
import type {
  WireContext,
  WireEventPage,
  WireGroup,
  WireGroups,
  WireHistogram,
  WireOverview,
  WireQuery,
  WireQueryEvent,
  WireRows,
  WireSavedQuery,
  WireStreams,
  WireTailMessage,
} from './wire.ts';

const group = '/test/앱';
const startMs = Date.now() - 600_000;

describe('the logs API over HTTP', () => {
  const parts = new AsyncDisposableStack();
  let server: NunchiServer;
  let store: LogStore;

  before(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'nunchi-logs-api-'));
    parts.defer(() => rmSync(dataDir, { recursive: true, force: true }));
    const metrics = new MetricsRegistry();
    const common = { metrics, clock: systemClock, log: silentLogger };
    const state = parts.use(await openStateStore({ dataDir }));
    store = parts.use(await openLogStore({ directory: join(dataDir, 'logs'), ...common }));
    const queries = parts.use(createQueryService({ store, ...common, accountId: '000000000000' }));
    server = parts.use(
      await startServer({ listen: '127.0.0.1:0' }, { state, log: silentLogger, metrics }, [
        logsApiEdge({ store, queries, state, clock: systemClock, logger: silentLogger, metrics }),
      ]),
    );
    const sections = ['a', 'b'].map((stream) => {
      const builder = new SectionBuilder(group, stream);
      for (let i = 0; i < 100; i++) {
        const level = i % 10 === 0 ? 'ERROR' : 'INFO';
        builder.add(startMs + i * 1000, `${level} line ${i} of ${stream}`);
      }
      return builder.finish();
    });
    await store.append({ sections });
  });
  after(() => parts.disposeAsync());

  const url = (path: string, query: Record<string, string> = {}): string =>
    `${server.url}/nunchi/logs/${path}?${new URLSearchParams(query)}`;
  const get = async <T>(path: string, query: Record<string, string> = {}): Promise<T> => {
    const response = await fetch(url(path, query));
    assert.equal(response.status, 200, await response.clone().text());
    return (await response.json()) as T;
  };
  const send = async <T>(
    method: string,
    path: string,
    query: Record<string, string> = {},
    body?: unknown,
  ): Promise<{ status: number; json: T }> => {
    const response = await fetch(url(path, query), {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return { status: response.status, json: (text === '' ? undefined : JSON.parse(text)) as T };
  };
  const range = { fromMs: String(startMs - 1), toMs: String(startMs + 600_000) };

  it('lists groups and streams', async () => {
    const { groups, total } = await get<WireGroups>('groups', { contains: '앱' });
    assert.equal(total, 1);
    assert.equal(groups[0]?.events, 200);
    const first = await get<WireStreams>('streams', { group, orderBy: 'name', limit: '1' });
    assert.deepEqual(
      first.streams.map((stream) => stream.name),
      ['a'],
    );
    const second = await get<WireStreams>('streams', {
      group,
      orderBy: 'name',
      limit: '1',
      after: first.next!,
    });
    assert.deepEqual(
      second.streams.map((stream) => stream.name),
      ['b'],
    );
    assert.equal(second.next, null);
  });

  it('pages through events in both directions without a gap or a repeat', async () => {
    for (const direction of ['forward', 'backward']) {
      const seen: string[] = [];
      let after = '';
      for (;;) {
        const page = await get<WireEventPage>('events', {
          group,
          ...range,
          direction,
          limit: '37',
          ...(after === '' ? {} : { after }),
        });
        const messages = page.events.map((event) => event.message);
        if (direction === 'forward') seen.push(...messages);
        else seen.unshift(...messages);
        if (page.next === null) break;
        after = page.next;
      }
      assert.equal(seen.length, 200);
      assert.equal(new Set(seen).size, 200);
      assert.match(seen[0]!, /line 0 of/);
    }
  });

  it('filters by pattern and stream', async () => {
    const page = await get<WireEventPage>('events', {
      group,
      ...range,
      stream: 'b',
      filter: 'ERROR',
    });
    assert.equal(page.events.length, 10);
    assert.ok(page.events.every((event) => event.stream === 'b'));
  });

  it('names what is wrong with a request', async () => {
    const bad = await send<{ code: string; message: string }>('GET', 'events', {
      group,
      ...range,
      filter: '{ $.a = ',
    });
    assert.equal(bad.status, 400);
    const missing = await send<{ code: string }>('GET', 'group', { group: '/none' });
    assert.equal(missing.status, 404);
    assert.equal(missing.json.code, 'LOG_GROUP_NOT_FOUND');
    const position = await send<{ code: string }>('GET', 'events', { group, ...range, after: 'x' });
    assert.equal(position.json.code, 'POSITION_INVALID');
  });

  it('shows an event with its neighbours in the stream', async () => {
    const { events } = await get<WireEventPage>('events', {
      group,
      ...range,
      filter: '"line 50"',
      stream: 'a',
    });
    const context = await get<WireContext>('context', {
      pointer: events[0]!.pointer,
      before: '2',
      after: '2',
    });
    assert.deepEqual(
      [...context.before, context.event, ...context.after].map((event) => event.message),
      [48, 49, 50, 51, 52].map((i) => `${i % 10 === 0 ? 'ERROR' : 'INFO'} line ${i} of a`),
    );
  });

  it('counts by level, the same in the engine and through a filter', async () => {
    const sum = (histogram: WireHistogram, level: 'error' | 'info'): number =>
      (histogram.levels[level] ?? []).reduce((total, value) => total + value, 0);
    for (const filter of ['', 'line']) {
      const histogram = await get<WireHistogram>('histogram', { group, ...range, filter });
      assert.equal(sum(histogram, 'error'), 20, filter);
      assert.equal(sum(histogram, 'info'), 180, filter);
      assert.ok(histogram.complete);
    }
  });

  it('creates, changes and deletes a group; the name is given twice', async () => {
    const created = await send<WireGroup>('POST', 'groups', {}, { name: '/new', retentionDays: 7 });
    assert.equal(created.json.retentionDays, 7);
    const again = await send('POST', 'groups', {}, { name: '/new' });
    assert.equal(again.status, 409);
    const changed = await send<WireGroup>(
      'PATCH',
      'group',
      { group: '/new' },
      { retentionDays: null },
    );
    assert.equal(changed.json.retentionDays, null);
    const refused = await send('DELETE', 'group', { group: '/new', confirm: '/old' });
    assert.equal(refused.status, 400);
    const deleted = await send('DELETE', 'group', { group: '/new', confirm: '/new' });
    assert.equal(deleted.status, 204);
    assert.equal(store.group('/new'), undefined);
  });

  it('tells the overview', async () => {
    const overview = await get<WireOverview>('overview');
    assert.deepEqual(overview.problems, []);
    assert.equal(overview.groups[0]?.name, group);
    assert.ok(overview.eventsPerSecond > 0);
  });

  it('runs a query, streams its events, pages its rows and exports it', async () => {
    const started = await send<WireQuery>(
      'POST',
      'queries',
      {},
      {
        text: 'stats count(*) as n by @logStream | sort @logStream asc',
        language: 'CWLI',
        groups: [group],
        fromMs: startMs - 1,
        toMs: startMs + 600_000,
      },
    );
    assert.equal(started.status, 200, JSON.stringify(started.json));
    const { id } = started.json;
    const response = await fetch(url(`queries/${id}/events`));
    assert.match(response.headers.get('content-type') ?? '', /event-stream/);
    const events = (await response.text())
      .split('\n\n')
      .filter((block) => block.startsWith('data: '))
      .map((block) => JSON.parse(block.slice(6)) as WireQueryEvent);
    assert.deepEqual(events.at(-1), { type: 'end', status: 'Complete' });
    const rows = await get<WireRows>(`queries/${id}/rows`);
    assert.equal(rows.rowCount, 2);
    const csv = await (await fetch(url(`queries/${id}/export`, { format: 'csv' }))).text();
    assert.match(csv, /a,100\r\nb,100\r\n/);
    const parquet = await fetch(url(`queries/${id}/export`, { format: 'parquet' }));
    assert.equal(
      Buffer.from(await parquet.arrayBuffer())
        .subarray(0, 4)
        .toString(),
      'PAR1',
    );
    assert.equal((await get<WireQuery[]>('queries'))[0]?.id, id);
  });

  it('refuses a query that does not compile, with the place', async () => {
    const refused = await send<{ details: { diagnostics: unknown[] } }>(
      'POST',
      'queries',
      {},
      {
        text: 'filter (',
        language: 'CWLI',
        groups: [group],
        fromMs: 0,
        toMs: 1,
      },
    );
    assert.equal(refused.status, 400);
    const checked = await send<unknown[]>(
      'POST',
      'queries/check',
      {},
      { text: 'filter (', language: 'CWLI' },
    );
    assert.ok(checked.json.length > 0);
  });

  it('saves queries and refuses to overwrite what somebody else changed', async () => {
    const query = {
      name: 'ops/errors',
      text: 'fields @message',
      language: 'CWLI',
      groups: [group],
    };
    const saved = await send<WireSavedQuery>('POST', 'saved-queries', {}, query);
    const { id, version } = saved.json;
    const next = await send(
      'POST',
      'saved-queries',
      {},
      { ...query, id, version, name: 'ops/all' },
    );
    assert.equal(next.status, 200);
    const stale = await send('POST', 'saved-queries', {}, { ...query, id, version });
    assert.equal(stale.status, 409);
    assert.equal((await send('DELETE', `saved-queries/${id}`)).status, 204);
    assert.deepEqual(await get('saved-queries'), []);
  });

  it('follows new events live, and only those asked for', async () => {
    const socket = new WebSocket(url('tail').replace('http', 'ws'));
    const messages: WireTailMessage[] = [];
    const waiting: (() => void)[] = [];
    socket.on('message', (data) => {
      messages.push(JSON.parse(String(data)) as WireTailMessage);
      for (const wake of waiting.splice(0)) wake();
    });
    const until = async (test: (message: WireTailMessage) => boolean): Promise<WireTailMessage> => {
      for (;;) {
        const found = messages.find(test);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    };
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send('nonsense');
    await until((message) => message.type === 'error');
    socket.send(JSON.stringify({ type: 'subscribe', groups: [group], filterPattern: 'ERROR' }));
    await until((message) => message.type === 'subscribed');
    const builder = new SectionBuilder(group, 'a');
    builder.add(Date.now(), 'INFO not wanted');
    builder.add(Date.now(), 'ERROR wanted');
    await store.append({ sections: [builder.finish()] });
    const batch = await until((message) => message.type === 'events');
    assert.ok(batch.type === 'events');
    assert.deepEqual(
      batch.events.map((event) => event[3]),
      ['ERROR wanted'],
    );
    assert.deepEqual(batch.groups, [group]);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close();
    await closed;
  });
});
