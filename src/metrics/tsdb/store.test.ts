import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '#base';
import { formatLabels, type Labels, labelMatcher, SampleColumns } from '#metrics/model';
import { SampleBatch } from './contract.ts';
import type { MetricStoreOptions } from './options.ts';
import { type DiskMetricStore, openMetricStore } from './store.ts';
import { baseMs, dump, histogramOf, metric, metricStoreCases, put } from './store-cases.fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'nunchi-tsdb-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => join(root, String(++folders));
const hourMs = 3_600_000;
const signal = new AbortController().signal;

const openAt = (
  directory: string,
  more: Partial<MetricStoreOptions> = {},
): Promise<DiskMetricStore> =>
  openMetricStore({
    directory,
    outOfOrderWindowMs: Number.POSITIVE_INFINITY,
    retentionMs: 1e15,
    maintenanceEveryMs: 0,
    syncEveryMs: 0,
    reserveBytes: 0,
    ...more,
  });

/** As a process that is killed: nothing is closed in order. What was acknowledged is on disk. */
async function reopened(store: DiskMetricStore, directory: string): Promise<DiskMetricStore> {
  await store[Symbol.asyncDispose]();
  return openAt(directory);
}

describe('the metric store on disk', () => {
  metricStoreCases(() => openAt(newFolder()));

  it('has after a restart what it had, from log, checkpoint and blocks', async () => {
    const directory = newFolder();
    let store = await openAt(directory);
    const ref = store.seriesRef(metric('h'));
    const batch = new SampleBatch();
    batch.histograms = new Map();
    for (let at = 0; at < 200; at++) {
      batch.add(ref, baseMs + at * 60_000, at / 10);
      if (at % 50 > 30) batch.histograms.set(at, histogramOf(at));
    }
    batch.exemplars = [{ ref, exemplar: { labels: ['trace_id', 'x'], value: 1, timeMs: baseMs } }];
    await store.append(batch, { durable: true });
    store.setMetadata('h', { type: 'histogram', help: 'a', unit: '' });
    await store.deleteSeries(
      [[labelMatcher('__name__', '=', 'h')]],
      baseMs + 60_000,
      baseMs + 120_000,
    );
    await put(store, [[metric('h'), baseMs - 5000, 7]]);
    const want = await dump(store);
    assert.equal(want['h']?.length, 199);
    const check = async (): Promise<void> => {
      store = await reopened(store, directory);
      assert.deepEqual(await dump(store), want);
      assert.equal(store.exemplars([], 0, 2e12)[0]?.exemplars.length, 1);
      assert.deepEqual(store.metadata('h').get('h'), [{ type: 'histogram', help: 'a', unit: '' }]);
    };
    await check();
    await store.checkpoint();
    assert.equal(readdirSync(join(directory, 'wal')).length, 0);
    await check();
    await store.cutHead(Math.floor(baseMs / (2 * hourMs) + 1) * 2 * hourMs);
    assert.deepEqual(await dump(store), want);
    await check();
    assert.ok(store.blocks().length >= 1);
    await store.maintain();
    assert.deepEqual(await dump(store), want);
    await check();
    await store[Symbol.asyncDispose]();
  });

  it('joins blocks in which one series fills many groups of chunks', async () => {
    const store = await openAt(newFolder());
    const ref = store.seriesRef(metric('noise'));
    const count = 400_000;
    const values = Float64Array.from({ length: count }, () => Math.random());
    const batch = new SampleBatch();
    // Eight bytes each, whatever the codec does: some 560 kB in two hours.
    for (let at = 0; at < count; at++) batch.add(ref, baseMs + at * 100, values[at]!);
    await store.append(batch);
    await store.maintain();
    assert.ok(store.blocks().some((block) => block.level > 1));
    {
      using selection = await store.select(
        { matchers: [labelMatcher('__name__', '=', 'noise')], fromMs: 0, toMs: 2e12 },
        signal,
      );
      const columns = new SampleColumns();
      selection.read(0, columns);
      assert.equal(columns.count, count);
      let wrong = 0;
      for (let at = 0; at < count; at++) if (columns.values[at] !== values[at]) wrong++;
      assert.equal(wrong, 0);
    }
    await store[Symbol.asyncDispose]();
  });

  it('cuts what is due, joins blocks, forgets series that ended and finds them in blocks', async () => {
    const directory = newFolder();
    let store = await openAt(directory);
    const ended = metric('ended');
    for (let at = 0; at < 24 * 12; at++) {
      const timeMs = baseMs + at * 300_000;
      const rows: [Labels, number, number][] = [[metric('m', { n: '1' }), timeMs, at]];
      if (at < 12) rows.push([ended, timeMs, -at]);
      await put(store, rows);
    }
    const want = await dump(store);
    assert.deepEqual(Object.keys(want), ['ended', 'm{n="1"}']);
    await store.maintain();
    assert.equal(store.headStats().series, 1);
    assert.ok(store.blocks().some((block) => block.level > 1));
    assert.ok(store.blocks().length < 8, `${store.blocks().length} blocks`);
    assert.deepEqual(await dump(store), want);
    store = await reopened(store, directory);
    assert.deepEqual(await dump(store), want);
    const query = { matcherSets: [], fromMs: 0, toMs: 2e12 };
    assert.deepEqual(await store.labelValues('__name__', query, signal), ['ended', 'm']);
    assert.deepEqual(
      await store.labelNames(
        { ...query, matcherSets: [[labelMatcher('__name__', '=', 'ended')]] },
        signal,
      ),
      ['__name__'],
    );
    // It comes again under another number.
    await put(store, [[ended, baseMs + 25 * hourMs, 5]]);
    assert.equal((await dump(store))['ended']?.length, 13);
    store = await reopened(store, directory);
    assert.equal((await dump(store))['ended']?.length, 13);
    await store.deleteSeries([[labelMatcher('__name__', '=', 'ended')]], 0, 2e12);
    assert.deepEqual(Object.keys(await dump(store)), ['m{n="1"}']);
    await store.cleanTombstones();
    store = await reopened(store, directory);
    assert.deepEqual(Object.keys(await dump(store)), ['m{n="1"}']);
    assert.deepEqual(
      await store
        .series({ ...query, toMs: baseMs + hourMs }, signal)
        .then((all) => all.map(formatLabels)),
      ['m{n="1"}'],
    );
    await store[Symbol.asyncDispose]();
  });

  it('deletes blocks by age and by size, the log counted', async () => {
    const fill = async (store: DiskMetricStore): Promise<void> => {
      for (let at = 0; at < 30 * 12; at++) {
        const rows = Array.from({ length: 20 }, (_, n): [Labels, number, number] => [
          metric('m', { n: String(n) }),
          baseMs + at * 300_000,
          Math.sin(at * n),
        ]);
        await put(store, rows);
        if (at % 12 === 0) await store.maintain();
      }
      await store.maintain();
    };
    await using byAge = await openAt(newFolder(), { retentionMs: 10 * hourMs });
    await fill(byAge);
    const oldest = Math.min(...byAge.blocks().map((block) => block.minTimeMs));
    assert.ok(oldest >= baseMs + 12 * hourMs, `${(oldest - baseMs) / hourMs} h`);
    const limit = 60_000;
    await using bySize = await openAt(newFolder(), {
      retentionMs: undefined,
      retentionBytes: limit,
      checkpointBytes: 1,
    });
    await fill(bySize);
    assert.ok(bySize.blocks().length > 0);
    assert.ok(bySize.diskBytes() <= limit, `${bySize.diskBytes()} bytes`);
  });

  it('cuts a torn tail, steps over damage in the middle and tells', async () => {
    const directory = newFolder();
    let store = await openAt(directory);
    for (let at = 0; at < 10; at++) await put(store, [[metric('m'), baseMs + at, at]]);
    await store[Symbol.asyncDispose]();
    const [name] = readdirSync(join(directory, 'wal'));
    const path = join(directory, 'wal', name!);
    const bytes = readFileSync(path);
    const middle = bytes.indexOf('NMF1', bytes.length / 2);
    bytes[middle + 20]! ^= 255;
    writeFileSync(path, Buffer.concat([bytes, bytes.subarray(middle, middle + 25)]));
    store = await openAt(directory);
    assert.equal((await dump(store))['m']?.length, 9);
    assert.deepEqual(readdirSync(join(directory, 'damaged')), [name]);
    await store[Symbol.asyncDispose]();
    store = await openAt(directory);
    assert.equal((await dump(store))['m']?.length, 9);
    await store[Symbol.asyncDispose]();
  });

  it('sets a damaged block aside and serves the rest', async () => {
    const directory = newFolder();
    const store = await openAt(directory);
    const start = Math.floor(baseMs / (2 * hourMs)) * 2 * hourMs;
    for (let at = 0; at < 6 * 60; at++) await put(store, [[metric('m'), start + at * 60_000, at]]);
    await store.cutHead(start + 2 * hourMs);
    await store.cutHead(start + 4 * hourMs);
    const [first, second] = store.blocks();
    assert.ok(first !== undefined && second !== undefined);
    const path = join(directory, 'blocks', first.id, 'chunks');
    const bytes = readFileSync(path);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(path, bytes);
    assert.equal((await dump(store))['m']?.length, 240);
    assert.deepEqual(
      store.blocks().map((block) => block.id),
      [second.id],
    );
    assert.deepEqual(readdirSync(join(directory, 'damaged')), [first.id]);
    await store[Symbol.asyncDispose]();
  });

  it('snapshot() is a store of its own', async () => {
    const directory = newFolder();
    await using store = await openAt(directory);
    const start = Math.floor(baseMs / (2 * hourMs)) * 2 * hourMs;
    for (let at = 0; at < 3 * 60; at++) await put(store, [[metric('m'), start + at * 60_000, at]]);
    await store.cutHead(start + 2 * hourMs);
    const name = await store.snapshot({ skipHead: false });
    assert.match(name, /^\d{8}T\d{6}Z-[0-9a-f]{16}$/);
    const copy = newFolder();
    const { cpSync } = await import('node:fs');
    cpSync(join(directory, 'snapshots', name), join(copy, 'blocks'), { recursive: true });
    await using other = await openAt(copy);
    assert.deepEqual(await dump(other), await dump(store));
  });

  it('follow() gives every batch once, across restarts', async () => {
    const directory = newFolder();
    let store = await openAt(directory);
    await put(store, [[metric('m'), baseMs, 0]]);
    const stop = new AbortController();
    const seen: number[] = [];
    let cursor = '0:0';
    const read = async (from: DiskMetricStore, until: number): Promise<void> => {
      for await (const { batch, cursor: at, labels } of from.follow(cursor, stop.signal)) {
        for (let index = 0; index < batch.length; index++) {
          assert.deepEqual(labels(batch.refs[index]!), metric('m'));
          seen.push(batch.values[index]!);
        }
        cursor = at;
        if (seen.at(-1) === until) return;
      }
    };
    const reading = read(store, 2);
    await put(store, [[metric('m'), baseMs + 1, 1]]);
    await put(store, [[metric('m'), baseMs + 2, 2]]);
    await reading;
    await put(store, [[metric('m'), baseMs + 3, 3]]);
    store = await reopened(store, directory);
    const more = read(store, 4);
    await put(store, [[metric('m'), baseMs + 4, 4]]);
    await more;
    assert.deepEqual(seen, [0, 1, 2, 3, 4]);
    await store[Symbol.asyncDispose]();
  });

  const take = async (
    store: DiskMetricStore,
    name: string,
    timeMs: number,
    value = 1,
  ): Promise<string> => {
    const { appended, first } = await put(store, [[metric(name), timeMs, value]]);
    return appended === 1 ? 'taken' : (first?.reason ?? 'none');
  };

  it('without a window refuses as the reference does', async () => {
    const clock = new ManualClock(baseMs);
    await using store = await openAt(newFolder(), { outOfOrderWindowMs: 0, clock });
    const f = async (name: string, atMs: number, want: string, value = 1): Promise<void> =>
      assert.equal(await take(store, name, baseMs + atMs, value), want, `${name} at ${atMs}`);
    await f('a', 0, 'taken');
    await f('a', 0, 'taken');
    await f('a', 0, 'duplicate', 2);
    await f('a', -1, 'outOfOrder');
    await f('b', -hourMs, 'taken');
    await f('c', -hourMs - 1, 'outOfBounds');
    await f('a', 600_000, 'taken');
    await f('a', 600_001, 'outOfBounds');
  });

  it('with a window takes late samples, also after the clock was wrong for a while', async () => {
    const clock = new ManualClock(baseMs);
    const directory = newFolder();
    const options = { outOfOrderWindowMs: 2 * hourMs, clock };
    let store = await openAt(directory, options);
    const f = async (name: string, atMs: number, want: string): Promise<void> =>
      assert.equal(await take(store, name, baseMs + atMs), want, `${name} at ${atMs}`);
    await f('a', 0, 'taken');
    await f('a', -2 * hourMs, 'taken');
    await f('a', -2 * hourMs - 1, 'tooOld');
    await f('b', -hourMs, 'taken');
    // A day ahead, and back again: samples of the true time must not be refused for a day.
    clock.jumpTo(baseMs + 24 * hourMs);
    await f('a', 24 * hourMs, 'taken');
    clock.jumpTo(baseMs + 60_000);
    await f('a', 60_000, 'taken');
    await f('b', 60_000, 'taken');
    await f('c', 60_000, 'taken');
    await store.maintain();
    await f('a', 120_000, 'taken');
    await f('c', 120_000, 'taken');
    const want = await dump(store);
    assert.deepEqual(
      want['c'],
      [60_000, 120_000].map((at) => `${baseMs + at}=1`),
    );
    assert.equal(want['a']?.length, 5);
    await store[Symbol.asyncDispose]();
    store = await openAt(directory, options);
    assert.deepEqual(await dump(store), want);
    // To the year 2000: nothing that is there is lost, old samples are too old.
    clock.jumpTo(946_684_800_000);
    await f('a', -3 * hourMs, 'outOfBounds');
    await store.maintain();
    assert.deepEqual(await dump(store), want);
    await store[Symbol.asyncDispose]();
  });

  it('holds what a plain map would hold through restarts, cuts, merges and deletions', async () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('put' as const),
          from: fc.integer({ min: -300, max: 60 }),
          count: fc.integer({ min: 1, max: 90 }),
          series: fc.integer({ min: 0, max: 3 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant('delete' as const),
          from: fc.integer({ min: -400, max: 0 }),
          count: fc.integer({ min: 1, max: 100 }),
          series: fc.integer({ min: 0, max: 3 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          { do: 'restart' as const },
          { do: 'checkpoint' as const },
          { do: 'cut' as const },
          { do: 'maintain' as const },
        ),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const directory = newFolder();
        let store = await openAt(directory);
        const model = new Map<string, Map<number, number>>();
        let nowMinutes = 0;
        let next = 0;
        for (const each of steps) {
          if (each.do === 'restart') store = await reopened(store, directory);
          else if (each.do === 'checkpoint') await store.checkpoint();
          else if (each.do === 'maintain') await store.maintain();
          else if (each.do === 'cut') {
            const { minTimeMs } = store.headStats();
            if (minTimeMs !== undefined)
              await store.cutHead((Math.floor(minTimeMs / (2 * hourMs)) + 1) * 2 * hourMs);
          } else if (each.do === 'delete') {
            const from = baseMs + (nowMinutes + each.from) * 60_000;
            const to = from + each.count * 60_000;
            const name = `s${each.series}`;
            await store.deleteSeries([[labelMatcher('__name__', '=', name)]], from, to);
            const known = model.get(name);
            // Deleting to the future is told apart below only for what is there now.
            for (const timeMs of known?.keys() ?? [])
              if (timeMs >= from && timeMs <= to) known!.set(timeMs, Number.NaN);
          } else {
            nowMinutes += 20;
            const known = model.get(`s${each.series}`) ?? new Map<number, number>();
            model.set(`s${each.series}`, known);
            const rows: [Labels, number, number][] = [];
            for (let at = 0; at < each.count; at++) {
              const timeMs = baseMs + (nowMinutes + each.from + at) * 60_000;
              if (known.has(timeMs)) continue;
              known.set(timeMs, next / 4);
              rows.push([metric(`s${each.series}`), timeMs, next++ / 4]);
            }
            const result = await put(store, rows);
            assert.equal(result.appended, rows.length);
          }
          const want: Record<string, string[]> = {};
          for (const [name, samples] of [...model].sort(([a], [b]) => (a < b ? -1 : 1))) {
            const left = [...samples].filter(([, number]) => !Number.isNaN(number));
            if (left.length > 0)
              want[name] = left
                .sort(([a], [b]) => a - b)
                .map(([timeMs, number]) => `${timeMs}=${number}`);
          }
          const have = await dump(store);
          // Samples that came late into a deleted range may be hidden with it.
          for (const [name, lines] of Object.entries(want)) {
            const seen = new Set(have[name]);
            for (const line of lines)
              assert.ok(seen.has(line) || deletedAround(steps), `${name} lost ${line}`);
          }
          for (const [name, lines] of Object.entries(have)) {
            const wanted = new Set(want[name]);
            for (const line of lines) assert.ok(wanted.has(line), `${name} has ${line}`);
          }
        }
        await store[Symbol.asyncDispose]();
        rmSync(directory, { recursive: true, force: true });
      }),
      { numRuns: 25 },
    );
  });
});

const deletedAround = (steps: readonly { readonly do: string }[]): boolean =>
  steps.some((step) => step.do === 'delete');
