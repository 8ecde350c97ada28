import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { ManualClock, MetricsRegistry, silentLogger, systemClock } from '#base';
import { SectionBuilder } from '#logs/batch';
import { linePattern } from '#logs/insights';
import { createQueryService, type QueryService } from '#logs/queries';
import { type LocalLogStore, openLogStore } from '#logs/store';
import { openStateStore, type StateStore } from '#state';
import type { Subject, Trouble } from '../contract.ts';
import { isErrorLine, podOfStream, queryOf } from './error-lines.ts';
import type { SavedWorkload } from './known-errors.ts';
import { LogErrors, type LogErrorsRules } from './log-errors.ts';

const group = '/aws/containerinsights/prod/application';
const startMs = Date.UTC(2026, 2, 1);
const hourMs = 3_600_000;
const rules: LogErrorsRules = {
  learnMs: hourMs,
  threshold: 3,
  withinMs: 60_000,
  quietMs: 10 * 60_000,
  maxWorkloads: 100,
};
const id = 'a'.repeat(64);
const streamOf = (pod: string): string =>
  `node-1-application.var.log.containers.${pod}_shop_main-${id}.log`;
const record = (log: string): string =>
  JSON.stringify({
    log,
    stream: 'stderr',
    kubernetes: { pod_name: 'web-1', namespace_name: 'shop' },
  });

class Bench implements AsyncDisposable {
  readonly clock: ManualClock = new ManualClock(startMs);
  readonly told: Map<string, readonly Trouble[]> = new Map();
  readonly store: LocalLogStore;
  readonly state: StateStore;
  errors: LogErrors | undefined;

  private constructor(store: LocalLogStore, state: StateStore) {
    this.store = store;
    this.state = state;
  }

  static async open(test: TestContext): Promise<Bench> {
    const directory = mkdtempSync(join(tmpdir(), 'nunchi-log-errors-'));
    test.after(() => rmSync(directory, { recursive: true, force: true }));
    const store = await openLogStore({ directory: join(directory, 'logs'), reserveBytes: 0 });
    return new Bench(store, await openStateStore({ dataDir: directory }));
  }

  /** The program starts, or starts again. */
  async start(more: Partial<LogErrorsRules> = {}): Promise<LogErrors> {
    await this.errors?.[Symbol.asyncDispose]();
    this.told.clear();
    const ownerOf = ({
      namespace,
      pod,
    }: {
      namespace: string;
      pod: string;
    }): Subject | undefined =>
      pod.startsWith('gone')
        ? undefined
        : { kind: 'Deployment', namespace, name: pod.split('-')[0]! };
    this.errors = await LogErrors.open(
      { ...rules, ...more },
      {
        logs: this.store,
        clock: this.clock,
        log: silentLogger,
        metrics: new MetricsRegistry(),
        saved: this.state.collection<SavedWorkload>('watch-log-errors'),
        ownerOf,
        hear: ({ name }, troubles) => this.told.set(name, troubles),
      },
    );
    this.errors.start();
    return this.errors;
  }

  async write(pod: string, ...lines: readonly string[]): Promise<void> {
    const section = new SectionBuilder(group, streamOf(pod));
    for (const line of lines) section.add(this.clock.nowMs(), record(line));
    await this.store.append({ sections: [section.finish()] });
  }

  get(name = 'Deployment/web'): readonly Trouble[] {
    return this.told.get(name) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.errors?.[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
    await this.state[Symbol.asyncDispose]();
  }
}

describe('LogErrors over the log store', () => {
  it('learns, tells of a new kind once it comes often enough, and remembers over restarts', async (test) => {
    await using bench = await Bench.open(test);
    await bench.start();
    const usual = (at: number): string => `ERROR order ${at} was refused by the bank`;
    const fresh = (at: number): string => `ERROR cannot open "book ${at}": password=hunter2`;
    await bench.write('web-1', 'INFO ready', ...[1, 2, 3, 4].map(usual));
    await bench.errors?.pass();
    bench.clock.skip(2 * hourMs);

    let errors = await bench.start();
    await bench.write('web-2', ...[5, 6, 7].map(usual), 'INFO 3 orders failed', fresh(1));
    assert.deepEqual(bench.get(), [], 'known kinds, and one line alone');
    bench.clock.skip(5 * 60_000);
    await bench.write('web-1', fresh(2), fresh(3));
    assert.deepEqual(bench.get(), [], 'not often enough in a minute');
    await bench.write('web-2', fresh(4));
    const [trouble, ...others] = bench.get();
    assert.deepEqual(others, []);
    assert.equal(trouble?.reason, 'NewErrorPattern');
    assert.deepEqual(trouble?.owner, { kind: 'Deployment', namespace: 'shop', name: 'web' });
    assert.match(trouble?.message ?? '', /cannot open "book <Number-1>"/);
    assert.doesNotMatch(JSON.stringify(trouble), /hunter2/);

    // It goes on, the program starts anew meanwhile, and it ends.
    await errors.pass();
    errors = await bench.start();
    assert.equal(bench.get().length, 1, 'told again by itself');
    bench.clock.skip(5 * 60_000);
    await bench.write('web-1', ...[5, 6].map(fresh));
    await errors.pass();
    assert.equal(bench.get()[0]?.lines?.count, 5);
    bench.clock.skip(9 * 60_000);
    await errors.pass();
    assert.equal(bench.get().length, 1);
    bench.clock.skip(60_000);
    await errors.pass();
    assert.deepEqual(bench.get(), []);

    // From then on it is known.
    await bench.start();
    await bench.write('web-1', ...[7, 8, 9, 10].map(fresh));
    assert.deepEqual(bench.get(), []);
    await bench.write('gone-1', ...[1, 2, 3, 4].map(fresh));
    assert.deepEqual(
      [...bench.told.keys()].filter((name) => name.includes('gone')),
      [],
    );
  });

  it('gives a query that finds the lines, in the store that has them', async (test) => {
    await using bench = await Bench.open(test);
    await bench.start({ learnMs: 0 });
    const lines = [1, 2, 3].map((at) => `panic: cannot open "ledger-${at}" of the order book`);
    await bench.write('web-1', ...lines, 'INFO nothing of the kind');
    const [trouble] = bench.get();
    assert.ok(trouble?.lines !== undefined);
    await using queries = createQueryService({
      store: bench.store,
      clock: systemClock,
      log: silentLogger,
      metrics: new MetricsRegistry(),
      accountId: '123456789012',
    });
    const found = await rowsOf(queries, trouble.lines.query);
    assert.deepEqual(found.map(([, message]) => JSON.parse(String(message)).log).sort(), lines);
  });

  it('finds the kinds that the command pattern finds', async (test) => {
    await using bench = await Bench.open(test);
    const lines = [
      'order 17 failed after 2.5 s',
      '2026-03-01T10:00:00.123Z ERROR 10.0.0.1:80 refused',
      'user 123e4567-e89b-12d3-a456-426614174000 at 10:20:30 of 2026/03/01',
      'web-7d9fb-x2 commit a1b2c3d4e5f6 at 0xFF',
      '한국어 오류 42건 é1 naïve2x',
      'E0301 10:00:00.000001       1 reflector.go:138] failed to list: x509',
      `${'long '.repeat(500)}17`,
      'nothing',
    ];
    const section = new SectionBuilder('/app', 'one');
    for (const line of lines) section.add(startMs, line);
    await bench.store.append({ sections: [section.finish()] });
    await using queries = createQueryService({
      store: bench.store,
      clock: systemClock,
      log: silentLogger,
      metrics: new MetricsRegistry(),
      accountId: '123456789012',
    });
    const rows = await rowsOf(queries, 'pattern @message', ['/app']);
    const patterns = rows.map((row) =>
      String(row.find((cell) => lines.some((line) => linePattern(line) === cell))),
    );
    assert.deepEqual(patterns.sort(), lines.map(linePattern).sort());
  });

  it('is bounded: workloads, kinds, and what is watched', async (test) => {
    await using bench = await Bench.open(test);
    const errors = await bench.start({ learnMs: 0, maxWorkloads: 20, threshold: 2 });
    for (let i = 0; i < 60; i++) {
      bench.clock.skip(1000);
      const letters = String.fromCharCode(97 + (i % 26)).repeat(3 + i);
      await bench.write(`w${letters}-1`, `ERROR ${letters}`);
    }
    // Ever new kinds of one workload.
    const words = Array.from({ length: 400 }, (_, i) => 'x'.repeat(1 + i));
    await bench.write('web-1', ...words.flatMap((word) => [`ERROR ${word}`, `ERROR ${word}`]));
    await errors.pass();
    const saved = await bench.state.collection<SavedWorkload>('watch-log-errors').list();
    assert.ok(saved.length <= 20, `${saved.length} workloads`);
    assert.ok(saved.every(({ value }) => value.kinds.length <= 300));
    assert.ok(bench.get().length > 0 && bench.get().length <= 5);
  });

  it('looks at samples when there is too much, and says so', async (test) => {
    await using bench = await Bench.open(test);
    const slow = new ManualClock(startMs);
    const metrics = new MetricsRegistry();
    await using errors = await LogErrors.open(
      { ...rules, learnMs: 0, threshold: 1 },
      {
        logs: bench.store,
        clock: slow,
        log: silentLogger,
        metrics,
        saved: bench.state.collection<SavedWorkload>('watch-log-errors'),
        // Each look takes a second of the clock.
        ownerOf: ({ namespace, pod }) => {
          slow.skip(1000);
          return { kind: 'Deployment', namespace, name: pod };
        },
        hear: () => {},
      },
    );
    errors.start();
    await bench.write('a-1', 'ERROR one');
    await bench.write('b-1', 'ERROR two');
    assert.match(metrics.render(), /nunchi_watch_log_bytes_skipped_total [1-9]/);
  });
});

async function rowsOf(
  queries: QueryService,
  text: string,
  groups: readonly string[] = [group],
): Promise<readonly (readonly unknown[])[]> {
  const run = queries.start({
    text,
    language: 'CWLI',
    groups,
    fromMs: startMs - hourMs,
    toMs: startMs + hourMs,
    maxRows: 100,
  });
  await run.done;
  assert.equal(run.error, undefined);
  const { columns, rowCount } = run.rows(0, 100);
  return Array.from({ length: rowCount }, (_, at) => columns.map((column) => column[at]));
}

describe('isErrorLine()', () => {
  const cases: readonly (readonly [line: string, isError: boolean])[] = [
    ['ERROR cannot open', true],
    ['2026-03-01 10:00:00 INFO 3 orders failed', false],
    ['{"level":"info","msg":"0 errors"}', false],
    ['{"level":"error","msg":"no"}', true],
    ['level=warn msg="failed, trying again"', false],
    ['E0301 10:00:00.000001       1 reflector.go:138] no', true],
    ['W0301 10:00:00.000001       1 reflector.go:138] failed to list', false],
    ['Traceback (most recent call last):', true],
    ['java.lang.NullPointerException: x', true],
    ['TypeError: x is not a function', true],
    ['GET /errors-page 200', false],
    ['all is well', false],
  ];
  for (const [line, isError] of cases) {
    it(line, () => assert.equal(isErrorLine(line), isError));
  }
});

it('streams name their pods', () => {
  assert.deepEqual(podOfStream(streamOf('web-5d9-x')), { namespace: 'shop', pod: 'web-5d9-x' });
  assert.equal(podOfStream('audit-1'), undefined);
});

it('a query holds no text that ends its quotes', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const query = queryOf(linePattern(text), 'shop');
      const quotes = query.split('"').length - 1;
      assert.ok(quotes === 2 || quotes === 4, query);
    }),
  );
});
