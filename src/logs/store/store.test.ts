import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '#base';
import { SectionBuilder } from '#logs/batch';
import type { EventPageRequest, LogEvent } from './contract.ts';
import { type LocalLogStore, openLogStore } from './index.ts';
import { ModelStore } from './model.fixture.ts';
import type { LogStoreOptions } from './options.ts';

const root = mkdtempSync(join(tmpdir(), 'nunchi-store-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => join(root, String(++folders));
const signal = new AbortController().signal;
const never = { maintenanceEveryMs: 0, reserveBytes: 0 };
const open = (directory: string, options: Partial<LogStoreOptions> = {}): Promise<LocalLogStore> =>
  openLogStore({ directory, ...never, queryThreads: 1, ...options });

async function put(
  store: LocalLogStore,
  group: string,
  stream: string,
  events: readonly (readonly [timestampMs: number, message: string])[],
  source?: { id: string; number: number },
): Promise<LogEvent[]> {
  const section = new SectionBuilder(group, stream);
  for (const [timestampMs, message] of events) section.add(timestampMs, message);
  const sections = [section.finish()];
  const { firstSequence } = await store.append(source ? { sections, source } : { sections });
  return events.map(([timestampMs, message], i) => ({
    group,
    stream,
    timestampMs,
    ingestionMs: 0,
    sequence: firstSequence + i,
    message,
  }));
}

const all = (groups: readonly string[]): EventPageRequest => ({
  groups,
  fromMs: 0,
  toMs: 1e13,
  direction: 'forward',
  maxEvents: 1000,
});

async function readAll(store: LocalLogStore, request: EventPageRequest): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  let next = request.after;
  for (let page = 0; page < 1000; page++) {
    const found = await store.readEvents(next ? { ...request, after: next } : request, signal);
    assert.ok(found.events.length <= request.maxEvents);
    events.push(...found.events.map((event) => ({ ...event, ingestionMs: 0 })));
    next = found.next;
    if (next === undefined) return events;
  }
  throw new Error('Paging does not end');
}

const text = fc.oneof(
  fc.constantFrom('GET /healthz 200', 'needle here', '한국어 로그 메시지', "it's \\ \0 odd", ''),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
);
const group = fc.constantFrom('/a', '/b');
const stream = fc.constantFrom('s1', 's2', "s'3");
const events = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), text), { maxLength: 12 });
const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('append' as const), group, stream, events }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('seal' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteGroup' as const), group }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('deleteStream' as const), group, stream }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      stream: fc.option(stream),
      prefix: fc.option(fc.constantFrom('s', "s'")),
      contains: fc.option(fc.constantFrom('needle', '로그 메시지', "it's \\ \0", 'zz zz zz')),
      fromMs: fc.integer({ min: 0, max: 30 }),
      toMs: fc.integer({ min: 20, max: 60 }),
      direction: fc.constantFrom('forward' as const, 'backward' as const),
      maxEvents: fc.integer({ min: 1, max: 9 }),
      filtered: fc.boolean(),
    }),
  },
);

it('agrees with a plain array under random appends, seals, merges, restarts and deletions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 4, maxLength: 25 }), async (operations) => {
      const folder = newFolder();
      const model = new ModelStore();
      let store = await open(folder);
      try {
        for (const op of operations) {
          if (op.kind === 'append') {
            model.append(await put(store, op.group, op.stream, op.events));
            if (op.events.length === 0 && !model.groups.has(op.group)) {
              model.groups.set(op.group, new Set());
            }
          } else if (op.kind === 'seal') {
            await store.seal();
          } else if (op.kind === 'restart') {
            await store[Symbol.asyncDispose]();
            store = await open(folder);
          } else if (op.kind === 'deleteGroup') {
            if (model.groups.has(op.group)) await store.deleteGroup(op.group);
            model.deleteGroup(op.group);
          } else if (op.kind === 'deleteStream') {
            if (model.groups.get(op.group)?.has(op.stream) === true) {
              await store.deleteStream(op.group, op.stream);
            }
            model.deleteStream(op.group, op.stream);
          } else {
            const request: EventPageRequest = {
              groups: [...model.groups.keys()],
              fromMs: op.fromMs,
              toMs: op.toMs,
              direction: op.direction,
              maxEvents: op.maxEvents,
              ...(op.stream === null ? {} : { streams: [op.stream] }),
              ...(op.prefix === null ? {} : { streamPrefix: op.prefix }),
              ...(op.contains === null ? {} : { contains: [op.contains] }),
              ...(op.filtered ? { accept: (message: string) => message.length % 2 === 0 } : {}),
            };
            assert.deepEqual(await readAll(store, request), model.read(request));
          }
          checkFacts(store, model);
        }
        const request = all([...model.groups.keys()]);
        assert.deepEqual(await readAll(store, request), model.read(request));
      } finally {
        await store[Symbol.asyncDispose]();
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: 25 },
  );
});

function checkFacts(store: LocalLogStore, model: ModelStore): void {
  assert.deepEqual(
    store.groups().map((each) => each.name),
    [...model.groups.keys()].sort(),
  );
  for (const [name, streams] of model.groups) {
    const own = model.events.filter((event) => event.group === name);
    const found = store.group(name)!;
    assert.equal(found.events, own.length);
    assert.equal(
      found.messageBytes,
      own.reduce((sum, event) => sum + Buffer.byteLength(event.message), 0),
    );
    for (const streamName of streams) {
      const times = own.filter((e) => e.stream === streamName).map((e) => e.timestampMs);
      const facts = store.stream(name, streamName)!;
      assert.equal(facts.firstEventMs, times.length > 0 ? Math.min(...times) : undefined);
      assert.equal(facts.lastEventMs, times.length > 0 ? Math.max(...times) : undefined);
    }
  }
}

describe('append()', () => {
  it('stores a numbered batch once, also after a restart and when sent twice at once', async () => {
    const folder = newFolder();
    let store = await open(folder);
    const source = { id: 'node-1', number: 1 };
    await Promise.all([
      put(store, '/a', 's', [[1, 'once']], source),
      put(store, '/a', 's', [[1, 'once']], source),
    ]);
    await store[Symbol.asyncDispose]();
    store = await open(folder);
    await put(store, '/a', 's', [[1, 'once']], source);
    await store.seal();
    await store[Symbol.asyncDispose]();
    store = await open(folder);
    await put(store, '/a', 's', [[1, 'once']], source);
    await put(store, '/a', 's', [[2, 'twice']], { id: 'node-1', number: 2 });
    assert.equal(store.storedUpTo('node-1'), 2);
    assert.equal(store.storedUpTo('node-2'), 0);
    const found = await readAll(store, all(['/a']));
    assert.deepEqual(
      found.map((event) => event.message),
      ['once', 'twice'],
    );
    await store[Symbol.asyncDispose]();
  });

  it('keeps sequences growing when the clock jumps back', async () => {
    const clock = new ManualClock(1_000_000);
    const folder = newFolder();
    let store = await open(folder, { clock });
    const [first] = await put(store, '/a', 's', [[999, 'before']]);
    clock.jumpTo(500);
    await store[Symbol.asyncDispose]();
    store = await open(folder, { clock });
    const [second] = await put(store, '/a', 's', [[400, 'after']]);
    assert.ok(second!.sequence > first!.sequence);
    const found = await store.readEvents(all(['/a']), signal);
    assert.deepEqual(
      found.events.map((event) => event.timestampMs),
      [400, 999],
    );
    assert.ok(found.events.every((event) => event.ingestionMs >= 1_000_000));
    await store[Symbol.asyncDispose]();
  });

  const badTimes = [Number.NaN, -1, 1.5, 1e300, Number.POSITIVE_INFINITY];
  for (const time of badTimes) {
    it(`refuses the timestamp ${time}`, async () => {
      const store = await open(newFolder());
      await assert.rejects(put(store, '/a', 's', [[time, 'x']]), { code: 'BATCH_INVALID' });
      assert.deepEqual(store.groups(), []);
      await store[Symbol.asyncDispose]();
    });
  }

  it('refuses everything once closed, and closing twice is harmless', async () => {
    const store = await open(newFolder());
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await assert.rejects(put(store, '/a', 's', [[1, 'x']]), { code: 'STORE_CLOSED' });
  });
});

describe('readEvent()', () => {
  it('finds an event by its pointer through seals and merges', async () => {
    const store = await open(newFolder());
    const stored: LogEvent[] = [];
    for (let i = 0; i < 6; i++) {
      stored.push(...(await put(store, '/a', `s${i % 2}`, [[i, `message ${i}`]])));
      await store.seal();
    }
    assert.ok(store.stats().segments < 6, 'small segments were merged');
    for (const event of stored) {
      const found = await store.readEvent(event, signal);
      assert.equal(found?.message, event.message);
      assert.equal(found?.stream, event.stream);
    }
    const missing = { group: '/a', timestampMs: 1, sequence: 999 };
    assert.equal(await store.readEvent(missing, signal), undefined);
    await store[Symbol.asyncDispose]();
  });
});

describe('openScan()', () => {
  it('shows the events of its opening, whatever happens afterwards', async () => {
    const store = await open(newFolder());
    await put(store, '/a', 's', [[1, 'one']]);
    const scan = await store.openScan({ groups: ['/a'], fromMs: 0, toMs: 10 }, signal);
    await put(store, '/a', 's', [[2, 'two']]);
    await store.seal();
    await store.deleteGroup('/a');
    const sql = `SELECT count(*) FROM ${scan.relationOf(scan.parts)}`;
    for await (const rows of scan.run(sql, { signal })) assert.deepEqual(rows.columns, [[1]]);
    await scan[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  it('stops the engine when the signal aborts', async () => {
    const store = await open(newFolder());
    await put(store, '/a', 's', [[1, 'one']]);
    await using scan = await store.openScan({ groups: ['/a'], fromMs: 0, toMs: 10 }, signal);
    const abort = new AbortController();
    const slow =
      'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 11';
    const run = (async () => {
      for await (const _ of scan.run(slow, { signal: abort.signal }));
    })();
    setTimeout(() => abort.abort(), 50);
    await assert.rejects(run, { name: 'AbortError' });
    for await (const rows of scan.run('SELECT $1 || $2', { params: ["it's", '?'], signal })) {
      assert.deepEqual(rows.columns, [["it's?"]]);
    }
    await store[Symbol.asyncDispose]();
  });

  it('ends with STORE_CLOSED when the store closes under it', async () => {
    const store = await open(newFolder());
    await store.createGroup('/a');
    const scan = await store.openScan({ groups: ['/a'], fromMs: 0, toMs: 10 }, signal);
    const slow =
      'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 11';
    const run = (async () => {
      for await (const _ of scan.run(slow, { signal }));
    })();
    const refused = assert.rejects(run, { code: 'STORE_CLOSED' });
    setTimeout(() => void store[Symbol.asyncDispose](), 50);
    await refused;
    await scan[Symbol.asyncDispose]();
  });

  const outside = ["read_text('/etc/hostname')", "read_csv('/etc/passwd')"];
  for (const source of outside) {
    it(`keeps SQL away from other files: ${source}`, async () => {
      const store = await open(newFolder());
      await store.createGroup('/a');
      await using scan = await store.openScan({ groups: ['/a'], fromMs: 0, toMs: 10 }, signal);
      const run = async (): Promise<void> => {
        for await (const _ of scan.run(`SELECT * FROM ${source}`, { signal }));
      };
      await assert.rejects(run(), { code: 'QUERY_FAILED' });
      await store[Symbol.asyncDispose]();
    });
  }

  it('exports rows as Parquet', async () => {
    const folder = newFolder();
    const store = await open(folder);
    await put(store, '/a', 's', [
      [1, 'one'],
      [2, 'two'],
    ]);
    await using scan = await store.openScan({ groups: ['/a'], fromMs: 0, toMs: 10 }, signal);
    const path = join(folder, 'out.parquet');
    await scan.copyToParquet(`SELECT message FROM ${scan.relationOf(scan.parts)}`, path, signal);
    const { readFileSync } = await import('node:fs');
    assert.equal(readFileSync(path).toString('latin1', 0, 4), 'PAR1');
    await store[Symbol.asyncDispose]();
  });
});

describe('groups and streams', () => {
  it('have options, and clear errors', async () => {
    const store = await open(newFolder());
    await store.createGroup('/b', { retentionDays: 3, tags: { team: 'x' } });
    await store.createGroup('/a');
    await assert.rejects(store.createGroup('/a'), { code: 'LOG_GROUP_EXISTS' });
    await assert.rejects(store.deleteGroup('/c'), { code: 'LOG_GROUP_NOT_FOUND' });
    await assert.rejects(store.createStream('/c', 's'), { code: 'LOG_GROUP_NOT_FOUND' });
    await store.createStream('/a', 's');
    await assert.rejects(store.createStream('/a', 's'), { code: 'LOG_STREAM_EXISTS' });
    await assert.rejects(store.deleteStream('/a', 't'), { code: 'LOG_STREAM_NOT_FOUND' });
    assert.deepEqual(
      store.groups().map((each) => each.name),
      ['/a', '/b'],
    );
    assert.equal(store.group('/b')?.retentionDays, 3);
    await store.updateGroup('/b', { retentionDays: null });
    assert.equal(store.group('/b')?.retentionDays, undefined);
    assert.deepEqual(store.group('/b')?.tags, { team: 'x' });
    await store[Symbol.asyncDispose]();
  });

  it('are paged in either order', async () => {
    const store = await open(newFolder());
    for (const [name, time] of [
      ['a', 30],
      ['b', 10],
      ['c', 20],
    ] as const) {
      await put(store, '/a', name, [[time, 'x']]);
    }
    await store.createStream('/a', 'd');
    const names = (options: Parameters<LocalLogStore['streams']>[1]): string[] =>
      store.streams('/a', options).map((each) => each.name);
    assert.deepEqual(names({}), ['a', 'b', 'c', 'd']);
    assert.deepEqual(names({ limit: 2, after: { name: 'a' } }), ['b', 'c']);
    assert.deepEqual(names({ orderBy: 'lastEvent', descending: true }), ['a', 'c', 'b', 'd']);
    const after = { name: 'c', lastEventMs: 20 };
    assert.deepEqual(names({ orderBy: 'lastEvent', descending: true, after }), ['b', 'd']);
    await store[Symbol.asyncDispose]();
  });
});

describe('retention', () => {
  it('hides what is too old at once and drops whole segments', async () => {
    const day = 86_400_000;
    const clock = new ManualClock(100 * day);
    const store = await open(newFolder(), { clock });
    await put(store, '/a', 'old', [[90 * day, 'old']]);
    await store.seal();
    await put(store, '/a', 'new', [[99 * day, 'new']]);
    await store.seal();
    await store.updateGroup('/a', { retentionDays: 5 });
    assert.deepEqual(
      (await readAll(store, all(['/a']))).map((event) => event.message),
      ['new'],
    );
    await store.seal();
    assert.equal(store.stats().segments, 1);
    assert.equal(store.group('/a')?.events, 1);
    assert.equal(store.stream('/a', 'old')?.firstEventMs, undefined);
    await store[Symbol.asyncDispose]();
  });

  it('gives new groups the retention of the store, and leaves those that have one', async () => {
    const day = 86_400_000;
    const clock = new ManualClock(100 * day);
    const folder = newFolder();
    const before = await open(folder, { clock });
    await put(before, '/before', 's', [[90 * day, 'kept']]);
    await before[Symbol.asyncDispose]();
    const store = await open(folder, { clock, retentionDays: 5 });
    await put(store, '/appended', 's', [
      [90 * day, 'old'],
      [99 * day, 'new'],
    ]);
    await store.createGroup('/created');
    await store.createGroup('/own', { retentionDays: 20 });
    await put(store, '/own', 's', [[90 * day, 'kept']]);
    assert.deepEqual(
      store.groups().map(({ name, retentionDays }) => [name, retentionDays]),
      [
        ['/appended', 5],
        ['/before', undefined],
        ['/created', 5],
        ['/own', 20],
      ],
    );
    const messages = async (): Promise<string[]> =>
      (await readAll(store, all(['/appended', '/before', '/own']))).map(({ message }) => message);
    assert.deepEqual(await messages(), ['kept', 'kept', 'new']);
    await store.updateGroup('/appended', { retentionDays: null });
    assert.equal(store.group('/appended')?.retentionDays, undefined);
    assert.deepEqual(await messages(), ['kept', 'old', 'kept', 'new']);
    await store[Symbol.asyncDispose]();
  });

  it('drops the oldest segments beyond the total size', async () => {
    const folder = newFolder();
    const first = await open(folder);
    await put(first, '/a', 's', [[0, 'message 0']]);
    await first.seal();
    const oneSegment = first.stats().diskBytes;
    await first[Symbol.asyncDispose]();
    const store = await open(folder, { maxDiskBytes: Math.round(oneSegment * 2.5) });
    for (let i = 1; i < 3; i++) {
      await put(store, '/a', 's', [[i, `message ${i}`]]);
      await store.seal();
    }
    const left = await readAll(store, all(['/a']));
    assert.ok(left.length < 3 && left.length > 0);
    assert.equal(left.at(-1)?.message, 'message 2');
    assert.equal(store.group('/a')?.events, left.length);
    await store[Symbol.asyncDispose]();
  });
});

describe('tail()', () => {
  it('gives what is acknowledged from the call on, and ends with the signal', async () => {
    const store = await open(newFolder());
    const abort = new AbortController();
    const batches = store.tail(
      { groups: ['/a'], streamPrefixes: ['s'], accept: (message) => message !== 'no' },
      abort.signal,
    );
    await put(store, '/a', 's1', [
      [1, 'yes'],
      [2, 'no'],
      [3, '한국'],
    ]);
    await put(store, '/a', 'other', [[1, 'not here']]);
    const seen: string[] = [];
    for await (const { events: found, dropped } of batches) {
      seen.push(...found.map((event) => event.message));
      assert.equal(dropped, 0);
      abort.abort();
    }
    assert.deepEqual(seen, ['yes', '한국']);
    await store[Symbol.asyncDispose]();
  });

  it('counts what a slow listener misses', async () => {
    const store = await open(newFolder());
    const abort = new AbortController();
    const batches = store.tail({ groups: ['/a'] }, abort.signal);
    const many = Array.from({ length: 30_000 }, (_, i) => [i, 'x'] as const);
    await put(store, '/a', 's', many);
    for await (const batch of batches) {
      assert.equal(batch.events.length + batch.dropped, 30_000);
      assert.ok(batch.dropped > 0);
      abort.abort();
    }
    await store[Symbol.asyncDispose]();
  });
});
