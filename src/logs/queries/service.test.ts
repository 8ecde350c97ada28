import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AppError, ManualClock, MetricsRegistry, silentLogger, systemClock } from '#base';
import { SectionBuilder } from '#logs/batch';
import { decodePointer } from '#logs/insights';
import { type LookupTables, openLookupTables } from '#logs/lookup-tables';
import { type LocalLogStore, openLogStore } from '#logs/store';
import { openStateStore, type StateStore } from '#state';
import {
  createQueryService,
  openQueryHistory,
  type QueryEvent,
  type QueryRequest,
  type QueryRun,
  type QueryService,
} from './index.ts';

const group = '/app/demo';
const startMs = Date.parse('2026-01-15T00:00:00Z');
const events = 5_000;

describe('QueryService over the embedded store', () => {
  let directory: string;
  let store: LocalLogStore;
  let queries: QueryService;
  let state: StateStore;
  let tables: LookupTables;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nunchi-queries-'));
    store = await openLogStore({ directory: join(directory, 'logs'), maintenanceEveryMs: 0 });
    for (const stream of ['web-1', 'web-2', 'audit-1']) {
      const section = new SectionBuilder(group, stream);
      for (let i = 0; i < events; i++) {
        const level = i % 10 === 0 ? 'error' : 'info';
        section.add(
          startMs + i * 1000,
          stream === 'audit-1'
            ? `{"verb":"${i % 3 === 0 ? 'list' : 'get'}","code":${200 + (i % 5)},"n":${i},"kubernetes":{"labels":{"app":"web"}}}`
            : `${level} request ${i} from ${stream}`,
        );
      }
      await store.append({ sections: [section.finish()] });
    }
    state = await openStateStore({ dataDir: directory });
    tables = await openLookupTables({ state, clock: systemClock });
    queries = createQueryService({
      store,
      lookupTables: tables,
      clock: systemClock,
      log: silentLogger,
      metrics: new MetricsRegistry(),
      accountId: '123456789012',
    });
  });

  after(async () => {
    await queries[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  const request = (text: string, change: Partial<QueryRequest> = {}): QueryRequest => ({
    text,
    language: 'CWLI',
    groups: [group],
    fromMs: startMs,
    toMs: startMs + events * 1000,
    maxRows: 10_000,
    ...change,
  });

  async function run(text: string, change: Partial<QueryRequest> = {}): Promise<QueryRun> {
    const started = queries.start(request(text, change));
    await started.done;
    assert.equal(started.error, undefined);
    assert.equal(started.status, 'Complete');
    return started;
  }

  const table = (one: QueryRun, limit = 100): unknown[][] => {
    const { columns, rowCount } = one.rows(0, limit);
    return Array.from({ length: rowCount }, (_, i) => columns.map((column) => column[i]));
  };

  it('counts by stream with statistics and histogram', async () => {
    const one = await run('stats count(*) as n by @logStream | sort @logStream');
    assert.deepEqual(table(one), [
      ['audit-1', events],
      ['web-1', events],
      ['web-2', events],
    ]);
    assert.equal(one.statistics.recordsMatched, 3 * events);
    assert.equal(one.statistics.recordsScanned, 3 * events);
    assert.equal(
      one.histogram?.counts.reduce((a, b) => a + b),
      3 * events,
    );
  });

  it('gives the newest rows first and names each event', async () => {
    const one = await run('fields @timestamp, @message | filter @message like "error" | limit 3');
    const rows = one.rows(0, 10);
    assert.equal(rows.rowCount, 3);
    assert.deepEqual(
      rows.columns[0],
      [4990, 4990, 4980].map((i) => startMs + i * 1000),
    );
    const pointer = decodePointer(rows.pointers![0]!);
    assert.ok(pointer !== undefined);
    const event = await store.readEvent(pointer, new AbortController().signal);
    assert.equal(event?.message, rows.columns[1]?.[0]);
    assert.equal(one.statistics.recordsMatched, events / 5);
  });

  it('gives the oldest rows first when asked to', async () => {
    const one = await run(
      'fields @message | filter @logStream = "web-1" | sort @timestamp asc | limit 2',
    );
    assert.deepEqual(table(one), [['error request 0 from web-1'], ['info request 1 from web-1']]);
  });

  it('aggregates fields of JSON behind a filter on the message, in one pass', async () => {
    const one = await run(
      'filter verb = "list" | stats count(*) as n, max(n) as top by code | sort code',
    );
    assert.equal(one.rowCount, 5);
    assert.deepEqual(one.rows(0, 1).columns, [[200].map(String), [334], [4995]]);
    assert.equal(one.columns[2]?.kind, 'number');
    assert.equal(one.statistics.recordsMatched, Math.ceil(events / 3));
    assert.equal(
      one.histogram?.counts.reduce((a, b) => a + b),
      Math.ceil(events / 3),
    );
  });

  it('finds values that a writer has escaped, in sealed segments too', async () => {
    const escaped = '/escaped';
    const section = new SectionBuilder(escaped, 'one');
    for (let i = 0; i < 20_000; i++) section.add(startMs + i, `{"verb":"get","n":${i}}`);
    section.add(startMs + 20_000, String.raw`{"verb":"\u006Cist","path":"\/a\/b","n":1}`);
    await store.append({ sections: [section.finish()] });
    await store.seal();
    const change = { groups: [escaped] };
    for (const condition of ['verb = "list"', 'verb like "lis"', 'verb in ["list"]']) {
      const one = await run(`filter ${condition} | fields verb, path`, change);
      assert.deepEqual(table(one), [['list', '/a/b']], condition);
    }
    assert.equal((await run('filter path = "/a/b"', change)).rowCount, 1);
    assert.equal((await run('filter verb = "watch"', change)).rowCount, 0);
  });

  it('looks values up in tables, also in subqueries and exports', async () => {
    const hostile = `x' OR 1=1; DROP TABLE lookup0; -- "\\ $1 \0 로그`;
    const quoted = `"${hostile.replaceAll('"', '""')}"`;
    await tables.create({ name: 'verbs', csv: `verb,kind\nlist,read\nget,${quoted}\n` });
    const text =
      'lookup verbs verb OUTPUT kind | filter ispresent(kind) | stats count(*) as n by kind';
    const counts = [
      ['read', 1667],
      [hostile, 3333],
    ];
    assert.deepEqual(table(await run(`${text} | sort n`)), counts);
    const nested = `filter n < 3 and verb in (lookup verbs verb OUTPUT kind | filter kind = "read" | display verb) | fields n`;
    assert.deepEqual(
      table(await run(nested)),
      [[0]].map((row) => row.map(String)),
    );
    const rows: unknown[] = [];
    for await (const chunk of queries.export(
      request(`${text} | sort n`),
      AbortSignal.timeout(60_000),
    ))
      rows.push(...chunk.columns[0]!);
    assert.deepEqual(
      rows,
      counts.map(([kind]) => kind),
    );
    const events = await run('fields verb | lookup verbs verb OUTPUT kind | limit 2');
    assert.equal(events.rows(0, 2).pointers?.length, 2);
    assert.throws(() => queries.start(request('lookup verb verb OUTPUT kind')), {
      code: 'QUERY_MALFORMED',
      message:
        'There is no lookup table named verb (did you mean "verbs"?) at line 1 and position 8',
    });
    await tables.delete('verbs');
    assert.equal(queries.check('lookup verbs verb OUTPUT kind', 'CWLI').length, 1);
  });

  it('remembers across restarts what ran, without the results', async () => {
    const clock = new ManualClock(Date.parse('2026-02-01T00:00:00Z'));
    const limits = { maxHistory: 2, historyMs: 1000 };
    const deps = { clock, log: silentLogger, metrics: new MetricsRegistry(), limits };
    const open = async () => {
      const history = await openQueryHistory({ ...deps, state });
      return createQueryService({ ...deps, store, history, accountId: '123456789012' });
    };
    let started: QueryRun;
    {
      await using first = await open();
      for (const text of ['fields a', 'fields b', 'stats count(*)']) {
        started = first.start(request(text, { user: 'kim' }));
        await started.done;
        clock.jumpTo(clock.nowMs() + 10);
      }
    }
    await using second = await open();
    assert.deepEqual(
      second.list().map((one) => one.request.text),
      ['stats count(*)', 'fields b'],
    );
    const past = second.get(started!.id)!;
    assert.equal(past.status, 'Complete');
    assert.equal(past.request.user, 'kim');
    assert.deepEqual(past.request.groups, [group]);
    assert.equal(past.statistics.recordsMatched, started!.statistics.recordsMatched);
    assert.throws(() => past.rows(0, 1), { code: 'QUERY_RESULTS_GONE' });
    const seen: QueryEvent[] = [];
    for await (const event of past.watch(AbortSignal.timeout(1000))) seen.push(event);
    assert.equal(seen.at(-1)?.type, 'end');
    clock.jumpTo(clock.nowMs() + 2000);
    assert.deepEqual(second.list(), []);
    await second[Symbol.asyncDispose]();
    assert.deepEqual(await state.collection('log-query-history').list(), []);
  });

  it('gives one row of 0 where nothing matches, and no rows by group', async () => {
    assert.deepEqual(table(await run('filter @message like "nowhere" | stats count(*)')), [[0]]);
    assert.deepEqual(table(await run('filter @logStream = "nowhere" | stats count(*)')), [[0]]);
    assert.deepEqual(table(await run('filter verb = "nowhere" | stats count(*) by verb')), []);
  });

  it('queries by pod label', async () => {
    const one = await run('filter kubernetes.labels.app = "web" | stats count(*) as n');
    assert.deepEqual(table(one), [[events]]);
  });

  it('joins events of another group, each side over its own', async () => {
    const section = new SectionBuilder('/app/jobs', 'one');
    for (let i = 0; i < 30; i++) {
      section.add(startMs + i * 1000, `{"n":${i % 10},"job":"j${i}","verb":"run"}`);
    }
    await store.append({ sections: [section.finish()] });
    const one = await run(
      "filter n < 3 and @message like 'list' | join left=a right=b where a.n=b.n (SOURCE '/app/jobs' | filter @timestamp > 0)" +
        ' | fields a.n, b.job, a.verb, b.verb | sort a.n, b.job',
    );
    assert.deepEqual(table(one), [
      ['0', 'j0', 'list', 'run'],
      ['0', 'j10', 'list', 'run'],
      ['0', 'j20', 'list', 'run'],
    ]);
    assert.equal(one.rows(0, 3).pointers?.length, 3);
    assert.equal(one.statistics.recordsScanned, events * 3 + 30, 'both sides are read');
    assert.equal(one.statistics.recordsMatched, 1, 'events before the join');
    const same = await run(
      'filter verb = "list" | join left=a right=b where a.n=b.n (filter code = 203) | stats count(*) as n',
    );
    assert.deepEqual(table(same), [[334]]);
    await store.deleteGroup('/app/jobs');
    assert.throws(
      () => queries.start(request("join left=a right=b where a.n=b.n (SOURCE '/app/jobs')")),
      (error) => error instanceof AppError && error.code === 'LOG_GROUP_NOT_FOUND',
    );
  });

  it('takes ARNs of groups, and tells of an unknown one in a subquery at the start', async () => {
    const arn = `arn:aws:logs:eu-west-1:123456789012:log-group:${group}`;
    const one = await run(`SOURCE "${arn}" START=-3600s END=0s | stats count(*) as n`, {
      groups: [],
    });
    assert.deepEqual(table(one), [[events * 3]]);
    assert.throws(
      () => queries.start(request("filter n in (SOURCE '/app/none' | fields n)")),
      (error) => error instanceof AppError && error.code === 'LOG_GROUP_NOT_FOUND',
    );
  });

  it('counts different values of a subquery, and fails rather than cut them short', async () => {
    const huge = new SectionBuilder('/app/huge', 'one');
    for (let i = 0; i < 50_001; i++) huge.add(startMs, `{"id":${i},"same":1}`);
    await store.append({ sections: [huge.finish()] });
    const fine = await run("filter n in (SOURCE '/app/huge' | fields same) | stats count(*) as c");
    assert.deepEqual(table(fine), [[1]]);
    const one = queries.start(request("filter n in (SOURCE '/app/huge' | fields id) | fields n"));
    await one.done;
    assert.equal(one.status, 'Failed');
    assert.match(one.error ?? '', /more than 50000 different values/);
    await store.deleteGroup('/app/huge');
  });

  it('runs a subquery first', async () => {
    const one = await run(
      'filter code in (filter n = 7 | fields code) | stats count(*) as n by code',
    );
    assert.deepEqual(table(one), [['202', events / 5]]);
  });

  it('takes groups from SOURCE', async () => {
    const text = "SOURCE logGroups(namePrefix: ['/app']) | stats count(*) as n";
    assert.deepEqual(table(await run(text, { groups: [] })), [[3 * events]]);
  });

  it('streams columns, rows, progress and an end to a watcher', async () => {
    const started = queries.start(request('fields @message | limit 7000'));
    const seen: QueryEvent[] = [];
    for await (const event of started.watch(new AbortController().signal)) seen.push(event);
    assert.equal(seen[0]?.type, 'columns');
    const rows = seen.reduce((sum, one) => sum + (one.type === 'rows' ? one.rows.rowCount : 0), 0);
    assert.equal(rows, 7000);
    assert.ok(seen.some((one) => one.type === 'progress'));
    assert.deepEqual(seen.at(-1), { type: 'end', status: 'Complete' });
    const again: QueryEvent[] = [];
    for await (const event of started.watch(new AbortController().signal)) again.push(event);
    assert.equal(again.at(-1)?.type, 'end');
  });

  it('stops a query', async () => {
    const started = queries.start(request('stats count(*) by @message | sort @message'));
    started.stop();
    await started.done;
    assert.equal(started.status, 'Cancelled');
    started.stop();
  });

  it('fails where rows take too much memory, and keeps those that it has', async () => {
    await using small = createQueryService({
      store,
      clock: systemClock,
      log: silentLogger,
      metrics: new MetricsRegistry(),
      accountId: '123456789012',
      limits: { maxRunBytes: 64 * 1024 },
    });
    for (const text of ['fields @message', 'fields @message | sort @message']) {
      const one = small.start(request(text));
      await one.done;
      assert.equal(one.status, 'Failed');
      assert.match(one.error ?? '', /rows of this query take more than/);
      assert.ok(one.rowCount > 0 && one.rowCount < 10_000);
      assert.equal(one.rows(0, 1).rowCount, 1);
    }
  });

  it('says which part of a query the engine cannot take', async () => {
    const one = queries.start(request('filter @message like /[\\p{L}]{1000}/'));
    await one.done;
    assert.equal(one.status, 'Failed');
    assert.match(one.error ?? '', /^A regular expression of this query is too large/);
  });

  it('exports all rows without a wall', async () => {
    let rows = 0;
    const all = request('fields @message', { maxRows: undefined });
    for await (const chunk of queries.export(all, new AbortController().signal))
      rows += chunk.rowCount;
    assert.equal(rows, 3 * events);
  });

  it('exports Parquet', async () => {
    const path = join(directory, 'out.parquet');
    const all = request('fields @timestamp, @message, code', { maxRows: undefined });
    await queries.exportParquet(all, path, new AbortController().signal);
    assert.ok((await stat(path)).size > 1000);
  });

  it('discovers fields', async () => {
    const fields = await queries.discoverFields(
      { groups: [group], fromMs: startMs, toMs: startMs + events * 1000 },
      new AbortController().signal,
    );
    assert.ok(fields.some((one) => one.name === 'kubernetes.labels.app' && one.percent === 33));
    assert.equal(fields[0]?.percent, 100);
  });

  it('refuses what does not compile, with its place', () => {
    assert.throws(
      () => queries.start(request('fields @message | fliter x = 1')),
      (error) =>
        error instanceof AppError &&
        error.code === 'QUERY_MALFORMED' &&
        error.message === 'unexpected symbol found fliter at line 1 and position 19' &&
        error.hint === 'Did you mean "filter"?',
    );
    assert.throws(
      () => queries.start(request(`fields ${'isPublicIP('.repeat(20)}ip${')'.repeat(20)}`)),
      (error) =>
        error instanceof AppError &&
        error.code === 'QUERY_MALFORMED' &&
        error.hint === 'It has too many commands, or functions nested too deeply.',
    );
    assert.throws(
      () => queries.start(request('fields @message', { groups: ['/app/dem'] })),
      (error) => error instanceof AppError && error.code === 'LOG_GROUP_NOT_FOUND',
    );
  });

  describe('SQL', () => {
    const sql = (text: string): Promise<QueryRun> => run(text, { language: 'SQL' });

    it('selects, groups and orders', async () => {
      const one = await sql(
        "SELECT log_stream, count(*) AS n FROM logs WHERE message LIKE 'error%' GROUP BY 1 ORDER BY 1",
      );
      assert.deepEqual(table(one), [
        ['web-1', events / 10],
        ['web-2', events / 10],
      ]);
    });

    it('tells its columns where it finds no rows', async () => {
      const one = await sql(
        'SELECT message, length(message) AS n, 1.5 AS d, true AS b FROM logs WHERE false',
      );
      assert.equal(one.rowCount, 0);
      assert.deepEqual(
        one.columns.map(({ name, kind }) => [name, kind]),
        [
          ['message', 'string'],
          ['n', 'number'],
          ['d', 'number'],
          ['b', 'boolean'],
        ],
      );
    });

    it('knows groups as tables, WITH, JSON and window functions', async () => {
      const one = await sql(
        `WITH a AS (SELECT message_json->>'verb' AS verb FROM "${group}") SELECT verb, count(*) AS n, row_number() OVER (ORDER BY verb) FROM a WHERE verb IS NOT NULL GROUP BY verb ORDER BY verb; -- done`,
      );
      assert.deepEqual(table(one), [
        ['get', 3333, 1],
        ['list', 1667, 2],
      ]);
    });

    const refused = [
      "SELECT * FROM read_csv('/etc/passwd')",
      "SELECT * FROM '/etc/passwd'",
      "SELECT * FROM read_parquet('x')",
      "SELECT * FROM read_text('/etc/passwd')",
      "SELECT * FROM glob('/*')",
      "SELECT (SELECT content FROM read_text('/etc/passwd'))",
      'SELECT * FROM duckdb_settings()',
      "SELECT current_setting('allowed_directories')",
      "SELECT * FROM query('SELECT 1')",
      "SELECT getenv('HOME')",
      'SELECT 1; SELECT 2',
      "SET memory_limit = '1GB'",
      'WITH x AS (SELECT 1) INSERT INTO y SELECT * FROM x',
      "COPY logs TO '/tmp/x'",
      "ATTACH '/tmp/x.db'",
      'INSTALL httpfs',
      'PRAGMA database_list',
      'SELECT * FROM information_schema.tables',
      'SELECT * FROM main.logs2',
      'SELECT * FROM (DESCRIBE logs)',
      'SELECT * FROM (SHOW TABLES)',
      "SELECT nextval('s')",
      "FROM logs SELECT list_transform([1], x -> getenv('HOME'))",
      "SELECT 1) AS q; COPY (SELECT 1) TO '/tmp/x'; SELECT * FROM (SELECT 1",
      'SELECT 1) UNION (SELECT 2',
      `SELECT * FROM (WITH "x.parquet" AS (SELECT 1) SELECT 1) AS q, 'x.parquet'`,
    ];
    for (const text of refused) {
      it(`refuses ${text}`, async () => {
        try {
          const started = queries.start(request(text, { language: 'SQL' }));
          await started.done;
          assert.equal(started.status, 'Failed', JSON.stringify(table(started)));
        } catch (error) {
          assert.ok(error instanceof AppError && error.code === 'QUERY_MALFORMED', String(error));
        }
      });
    }
  });
});
