/** A real PostgreSQL server as a data source: what may be asked, and what may not happen. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Frame, FramesResult, Health } from '#dashboards/data-sources';
import {
  askOne,
  columnsOf,
  openTestSources,
  type TestSources,
  testLimits,
} from '../../src/dashboards/data-sources/sources.fixture.ts';
import { eventually } from '../eventually.ts';
import { skipWithout } from './aws-tool.ts';
import { type PostgresServer, postgresBin, startPostgres } from './postgres-server.ts';

const schema = `
CREATE ROLE reader LOGIN PASSWORD 'read-secret';
CREATE ROLE writer LOGIN PASSWORD 'write-secret';
CREATE DATABASE shop;
`;
const tables = `
CREATE TABLE orders (at timestamptz NOT NULL, local timestamp, region text, amount numeric, paid boolean, n bigint);
INSERT INTO orders
  SELECT '2026-01-01T00:00:00Z'::timestamptz + i * interval '1 minute',
         '2026-01-01T00:00:00'::timestamp + i * interval '1 minute',
         CASE WHEN i % 2 = 0 THEN 'seoul' ELSE 'it''s; "far"' END, i * 1.5, i % 3 = 0, i
  FROM generate_series(0, 119) i;
CREATE TABLE epochs (s int, ns bigint, v double precision);
INSERT INTO epochs SELECT 1767225600 + i * 60, (1767225600 + i * 60)::bigint * 1000000000, i
  FROM generate_series(0, 9) i;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT SELECT ON orders, epochs TO reader;
GRANT ALL ON orders, epochs TO writer;
CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS
  $$ BEGIN INSERT INTO orders VALUES (now()); RETURN 1; END $$;
`;

const startMs = Date.parse('2026-01-01T00:00:00Z');
const range = { fromMs: startMs, toMs: startMs + 3_600_000 };

describe('PostgreSQL as a data source', { skip: skipWithout('postgresql', postgresBin) }, () => {
  let server: PostgresServer;
  let rig: TestSources;
  const settings = (change: Readonly<Record<string, unknown>> = {}) => ({
    name: 'shop',
    uid: 'shop',
    type: 'grafana-postgresql-datasource',
    url: `127.0.0.1:${server.port}`,
    user: 'reader',
    isDefault: true,
    jsonData: { database: 'shop', sslmode: 'disable', maxOpenConns: 2 },
    secureJsonData: { password: 'read-secret' },
    ...change,
  });

  before(async () => {
    server = await startPostgres();
    server.run(schema);
    server.run(tables, 'shop');
    rig = await openTestSources();
    await rig.sources.create(settings());
    await rig.sources.create(
      settings({
        name: 'writer',
        uid: 'writer',
        user: 'writer',
        isDefault: false,
        secureJsonData: { password: 'write-secret' },
      }),
    );
  });
  after(async () => {
    await rig?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const ask = (
    rawSql: string,
    change: Readonly<Record<string, unknown>> = {},
  ): Promise<FramesResult> => askOne(rig, { rawSql, format: 'table', ...change }, range);
  const table = async (
    rawSql: string,
    change?: Readonly<Record<string, unknown>>,
  ): Promise<Frame> => {
    const { error, frames } = await ask(rawSql, change);
    assert.equal(error, undefined);
    assert.equal(frames.length, 1);
    return frames[0]!;
  };
  const count = async (): Promise<unknown> =>
    columnsOf(await table('SELECT count(*) AS n FROM orders'))['n']?.[0];

  it('gives typed columns', async () => {
    const frame = await table(
      `SELECT at, local, region, amount, paid, n, NULL AS none, '{"a":1}'::jsonb AS doc, 'NaN'::float8 AS nan
       FROM orders ORDER BY at LIMIT 2`,
    );
    assert.deepEqual(
      frame.fields.map(({ name, type }) => `${name} ${type}`),
      [
        'at time',
        'local time',
        'region string',
        'amount number',
        'paid boolean',
        'n number',
        'none string',
        'doc string',
        'nan number',
      ],
    );
    assert.deepEqual(columnsOf(frame), {
      at: [startMs, startMs + 60_000],
      local: [startMs, startMs + 60_000],
      region: ['seoul', 'it\'s; "far"'],
      amount: [0, 1.5],
      paid: [true, false],
      n: [0, 1],
      none: [null, null],
      doc: ['{"a": 1}', '{"a": 1}'],
      nan: [Number.NaN, Number.NaN],
    });
  });

  describe('macros', () => {
    const f = (name: string, sql: string, want: Record<string, unknown[]>): void =>
      void it(name, async () => assert.deepEqual(columnsOf(await table(sql)), want));
    f(
      '$__timeFilter of both kinds of timestamps',
      'SELECT count(*) AS n FROM orders WHERE $__timeFilter(at) AND $__timeFilter(local)',
      { n: [61] },
    );
    f(
      '$__timeFrom and $__timeTo',
      'SELECT count(*) AS n FROM orders WHERE at >= $__timeFrom() AND at < $__timeTo()',
      { n: [60] },
    );
    f(
      '$__timeGroup grouped by its own text',
      `SELECT $__timeGroup(at, '30m') AS time, count(*) AS n FROM orders WHERE $__timeFilter(at)
       GROUP BY $__timeGroup(at, '30m') ORDER BY 1`,
      { time: [startMs, startMs + 1_800_000, startMs + 3_600_000], n: [30, 30, 1] },
    );
    f('$__unixEpochFilter', 'SELECT count(*) AS n FROM epochs WHERE $__unixEpochFilter(s)', {
      n: [10],
    });
    f(
      '$__unixEpochNanoFilter',
      'SELECT count(*) AS n FROM epochs WHERE $__unixEpochNanoFilter(ns)',
      { n: [10] },
    );
    f(
      '$__unixEpochGroupAlias',
      'SELECT $__unixEpochGroupAlias(s, 5m), sum(v) AS v FROM epochs GROUP BY 1 ORDER BY 1',
      { time: [startMs, startMs + 300_000], v: [10, 35] },
    );
    f('$__time and $__timeEpoch', 'SELECT $__time(at), n FROM orders ORDER BY 1 LIMIT 1', {
      time: [startMs],
      n: [0],
    });
    f(
      '$__interval within a text',
      "SELECT ('$__interval')::interval = interval '5 minutes' AS same, $__interval_ms AS ms",
      { same: [false], ms: [2000] },
    );
    f(
      'macros in texts, names and comments are left alone',
      `SELECT '$__timeFilter(x)' AS "$__timeFrom()" -- $__nothing(
       /* $__timeTo( /* nested */ */`,
      { '$__timeFrom()': ['$__timeFilter(x)'] },
    );
  });

  it('makes series of a metric column', async () => {
    const { frames, error } = await ask(
      `SELECT $__timeGroupAlias(at, '30m'), region AS metric, sum(amount) AS value FROM orders
       WHERE $__timeFilter(at) GROUP BY 1, 2`,
      { format: 'time_series' },
    );
    assert.equal(error, undefined);
    const [frame] = frames;
    assert.deepEqual(frame?.fields.map(({ name }) => name).toSorted(), [
      'Time',
      'it\'s; "far"',
      'seoul',
    ]);
    assert.deepEqual(columnsOf(frame)['seoul'], [315, 990, 90]);
    assert.deepEqual(columnsOf(frame)['Time'], [startMs, startMs + 1_800_000, startMs + 3_600_000]);
  });

  it('labels series with other texts, and fills what is missing', async () => {
    const { frames } = await ask(
      `SELECT $__timeGroupAlias(at, '10m', 0), region, count(*) AS c, max(n) AS m FROM orders
       WHERE $__timeFilter(at) AND n < 10 AND region = 'seoul' GROUP BY 1, 2 ORDER BY 1`,
      { format: 'time_series' },
    );
    assert.deepEqual(columnsOf(frames[0])['c'], [5, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(frames[0]?.fields[1]?.labels, { region: 'seoul' });
  });

  describe('refuses what does more than read', () => {
    const f = (sql: string, pattern: RegExp): void =>
      void it(sql.slice(0, 60), async () => {
        const before = await count();
        for (const uid of ['shop', 'writer']) {
          const { status, error } = await ask(sql, { datasource: { uid } });
          assert.equal(status, 400);
          assert.match(String(error), pattern);
        }
        assert.equal(await count(), before);
      });
    f('DELETE FROM orders', /"DELETE" does not only read/);
    f('SELECT 1; DELETE FROM orders', /several statements/);
    f('COMMIT', /"COMMIT" does not only read/);
    f("SELECT 1 /* '; */; DELETE FROM orders --", /several statements/);
    f(
      'WITH d AS (DELETE FROM orders RETURNING 1) SELECT * FROM d',
      /DECLARE CURSOR must not contain data-modifying/,
    );
    f('SELECT * INTO copied FROM orders', /INTO/);
    f('SELECT sneak()', /read-only transaction/);
    f("SELECT set_config('transaction_read_only', 'off', false), sneak()", /read-only|read-write/);
    f("SELECT 1 FROM orders; COPY orders TO PROGRAM 'true'", /several statements/);
    f("COPY orders TO PROGRAM 'true'", /"COPY" does not only read/);
    f('DO $$ BEGIN DELETE FROM orders; END $$', /several statements|"DO" does not only read/);
    f("SELECT 'a", /does not end/);
    f('SELECT $__nothing(at) FROM orders', /no macro/);
    f("SELECT $__timeGroup(at, '5 apples') FROM orders", /no interval/);
    f('SELECT $__timeFilter(at FROM orders', /does not close|at or near/);
    f('', /empty/);
  });

  it('tells what is wrong in the words of the server, with the line', async () => {
    const { error } = await ask('SELECT 1,\n  nothing_here\nFROM orders');
    assert.match(String(error), /column "nothing_here" does not exist \(line 2\)/);
  });

  it('settings of a query end with it', async () => {
    await ask(
      "SELECT set_config('statement_timeout', '0', false), set_config('search_path', 'pg_catalog', false)",
    );
    const { search_path: path } = columnsOf(
      await table("SELECT current_setting('search_path') AS search_path"),
    );
    assert.match(String(path?.[0]), /public/);
  });

  it('cuts at the row limit and says so', async () => {
    const frame = await table('SELECT i FROM generate_series(1, 5000) i');
    assert.equal(frame.fields[0]?.values.length, testLimits.maxRows);
    assert.match(JSON.stringify(frame.meta), /The first 1000 rows are shown/);
  });

  it('refuses rows that are too large together', async () => {
    const { error } = await ask("SELECT repeat('x', 100000) AS x FROM generate_series(1, 900)");
    assert.match(String(error), /more than 4194304 bytes/);
  });

  it('ends a query that takes too long', async () => {
    rig.limits = { ...testLimits, timeoutMs: 1000 };
    try {
      const { status, error } = await ask('SELECT pg_sleep(600)');
      assert.equal(status, 504);
      assert.match(String(error), /longer than 1 s|did not answer in time/);
    } finally {
      rig.limits = testLimits;
    }
    assert.equal(await count(), 120);
  });

  it('ends a query that nobody waits for', async () => {
    const controller = new AbortController();
    const asked = askOne(
      rig,
      { rawSql: 'SELECT pg_sleep(600)', format: 'table' },
      { ...range, signal: controller.signal },
    );
    const running = async (): Promise<number> => {
      const sql = "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
      return Number(columnsOf(await table(sql))['n']?.[0]);
    };
    await eventually(async () => ((await running()) === 1 ? true : undefined));
    controller.abort();
    await assert.rejects(asked, { name: 'AbortError' });
    await eventually(async () => ((await running()) === 0 ? true : undefined));
  });

  it('is healthy as a reader, and advises a writer', async () => {
    const signal = AbortSignal.timeout(60_000);
    const reader = await rig.sources.health('shop', signal);
    assert.deepEqual([reader.status, reader.advice], ['OK', undefined]);
    const writer = await rig.sources.health('writer', signal);
    assert.equal(writer.status, 'OK');
    assert.match(String(writer.advice), /"writer" may write to tables/);
  });

  it('completes names of tables and columns', async () => {
    const request = { method: 'GET', path: 'schema', queryString: '' } as const;
    const { body } = await rig.sources.resource('shop', request, AbortSignal.timeout(60_000));
    const found = JSON.parse(body.toString('utf8')) as {
      name: string;
      columns: { name: string }[];
    }[];
    assert.deepEqual(
      found.map(({ name }) => name),
      ['epochs', 'orders'],
    );
    assert.deepEqual(
      found[0]?.columns.map(({ name }) => name),
      ['s', 'ns', 'v'],
    );
  });

  describe('connections', () => {
    const test = (change: Readonly<Record<string, unknown>>): Promise<Health> =>
      rig.sources.test(
        settings({ uid: undefined, ...change }) as never,
        AbortSignal.timeout(60_000),
      );
    const f = (
      name: string,
      change: () => Readonly<Record<string, unknown>>,
      status: 'OK' | 'ERROR',
      pattern: RegExp,
    ): void =>
      void it(name, async () => {
        const health = await test(change());
        assert.equal(health.status, status, health.message);
        assert.match(health.message, pattern);
        assert.doesNotMatch(JSON.stringify(health), /read-secret|wrong-secret/);
      });
    const json = (more: Readonly<Record<string, unknown>>) => ({ database: 'shop', ...more });
    const secrets = (more: Readonly<Record<string, unknown>>) => ({
      password: 'read-secret',
      ...more,
    });
    f(
      'TLS without a check of the certificate',
      () => ({ jsonData: json({ sslmode: 'require' }) }),
      'OK',
      /OK/,
    );
    f(
      'an authority that is not known',
      () => ({ jsonData: json({ sslmode: 'verify-ca' }) }),
      'ERROR',
      /certificate/,
    );
    f(
      'the authority, whatever the name',
      () => ({
        jsonData: json({ sslmode: 'verify-ca' }),
        secureJsonData: secrets({ tlsCACert: server.certificate }),
      }),
      'OK',
      /OK/,
    );
    f(
      'the authority and another name',
      () => ({
        jsonData: json({ sslmode: 'verify-full' }),
        secureJsonData: secrets({ tlsCACert: server.certificate }),
      }),
      'ERROR',
      /altnames|does not match/i,
    );
    f(
      'the authority and the name',
      () => ({
        url: `localhost:${server.port}`,
        jsonData: json({ sslmode: 'verify-full' }),
        secureJsonData: secrets({ tlsCACert: server.certificate }),
      }),
      'OK',
      /OK/,
    );
    f(
      'a wrong password',
      () => ({ secureJsonData: { password: 'wrong-secret' } }),
      'ERROR',
      /password authentication failed/,
    );
    f('nobody there', () => ({ url: '127.0.0.1:9' }), 'ERROR', /cannot be reached/);
    f('a link-local address', () => ({ url: '169.254.169.254:5432' }), 'ERROR', /link-local/);
  });
});
