/**
 * Data sources of a server process: its own metrics and logs, another Prometheus that scrapes the same,
 * CloudWatch Logs whose other end is the server's own AWS API.
 */
import assert from 'node:assert/strict';
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { DataFrame, QueryResult } from '#dashboards/data-sources';
import { eventually } from '../eventually.ts';
import { freePort } from '../faults/rig.ts';
import { skipWithout } from './aws-tool.ts';
import { type NunchiProcess, startNunchi } from './nunchi-process.ts';
import { findProgram, Programs } from './prometheus-tool.ts';

const prometheus = findProgram('prometheus');
const group = '/app/data-sources';
const secret = 'a-secret-of-a-data-source-31c9';

/** Parts of the answers that are looked at. */
interface Answer {
  readonly uid: string;
  readonly id: number;
  readonly message: string;
  readonly status: string;
  readonly readOnly: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly datasource: Answer & {
    readonly version: number;
    readonly secureJsonFields: Readonly<Record<string, boolean>>;
  };
  readonly results: Record<string, QueryResult>;
  readonly data: readonly string[] & { readonly resultType: string };
}

describe('data sources of a server', () => {
  let server: NunchiProcess;
  let folder: string;
  const programs = new Programs();

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nunchi-data-sources-'));
    mkdirSync(join(folder, 'datasources'));
    writeFileSync(
      join(folder, 'datasources', 'a.yaml'),
      `datasources: [{name: Provided, type: prometheus, url: "http://127.0.0.1:9", secureJsonData: {basicAuthPassword: ${secret}}}]`,
    );
    server = await startNunchi({
      config: `
kubernetes: {enabled: off}
dashboards: {provisioningDir: ${folder}}
`,
    });
    const lines = Array.from({ length: 20 }, (_, at) =>
      JSON.stringify({
        when: new Date(Date.now() - at * 60_000).toISOString(),
        level: at % 4 === 0 ? 'error' : 'info',
        took: at,
      }),
    );
    const path = `/nunchi/logs/ingest/${encodeURIComponent(group)}/s?timeField=when`;
    const sent = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    });
    assert.ok(sent.ok, await sent.text());
  });
  after(async () => {
    await programs[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: Answer }> {
    const response = await fetch(server.url + path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answer };
  }

  const query = async (
    queries: readonly object[],
    range: { readonly from: string | number; readonly to: string | number } = {
      from: 'now-30m',
      to: 'now',
    },
  ): Promise<Record<string, QueryResult>> => {
    const { body } = await ask('POST', '/api/ds/query', { ...range, queries });
    return body.results;
  };
  const frameOf = async (one: object): Promise<DataFrame> => {
    const { A } = await query([{ refId: 'A', ...one }]);
    assert.equal(A?.error, undefined);
    return A!.frames![0]!;
  };

  it('lists, finds, makes, changes and deletes as Grafana does', async () => {
    const made = await ask('POST', '/api/datasources', {
      name: 'one',
      type: 'prometheus',
      access: 'proxy',
      url: 'http://127.0.0.1:9',
      orgId: 1,
      secureJsonData: { basicAuthPassword: secret },
    });
    assert.equal(made.status, 200);
    assert.equal(made.body.message, 'Datasource added');
    const { uid, id } = made.body.datasource;
    assert.deepEqual(made.body.datasource.secureJsonFields, { basicAuthPassword: true });
    const again = await ask('POST', '/api/datasources', {
      name: 'one',
      type: 'prometheus',
      url: 'http://a',
    });
    assert.equal(again.status, 409);
    assert.equal(again.body.message, 'data source with the same name already exists');
    for (const path of [`uid/${uid}`, `name/one`, `${id}`]) {
      assert.equal((await ask('GET', `/api/datasources/${path}`)).body.uid, uid);
    }
    assert.deepEqual((await ask('GET', '/api/datasources/id/one')).body, { id });
    const changed = await ask('PUT', `/api/datasources/uid/${uid}`, {
      name: 'two',
      type: 'prometheus',
      url: 'http://127.0.0.1:9/x',
    });
    assert.equal(changed.body.message, 'Datasource updated');
    assert.equal(changed.body.datasource.version, 2);
    const removed = await ask('DELETE', `/api/datasources/uid/${uid}`);
    assert.deepEqual(removed.body, { id, message: 'Data source deleted' });
    const gone = await ask('GET', `/api/datasources/uid/${uid}`);
    assert.deepEqual([gone.status, gone.body.message], [404, 'Data source not found']);
    assert.equal((await ask('DELETE', '/api/datasources/uid/prometheus')).status, 403);
    assert.equal((await ask('POST', '/api/datasources', { name: 'x' })).status, 400);
    const provided = (await ask('GET', '/api/datasources/name/Provided')).body;
    assert.equal(provided.readOnly, true);
    assert.equal((await ask('DELETE', `/api/datasources/uid/${provided.uid}`)).status, 403);
  });

  it('answers each query for itself', async () => {
    const results = await query([
      { refId: 'A', expr: '1 + 1', instant: true },
      { refId: 'B', expr: 'sum(' },
      { refId: 'C', datasource: { uid: 'nope' }, expr: 'up' },
      { refId: 'D', expr: 'up', hide: true },
    ]);
    assert.deepEqual(
      Object.entries(results).map(([refId, { status }]) => [refId, status]),
      [
        ['A', 200],
        ['B', 400],
        ['C', 404],
      ],
    );
    assert.match(String(results['B']?.error), /parse error: unclosed left parenthesis/);
    const none = await ask('POST', '/api/ds/query', {
      from: 'yesterday?',
      to: 'now',
      queries: [{ expr: 'up' }],
    });
    assert.match(none.body.message, /from: "yesterday\?" is no time/);
  });

  it('asks its own logs as CloudWatch', async () => {
    const rows = await frameOf({
      datasource: { uid: 'cloudwatch' },
      queryMode: 'Logs',
      expression:
        'fields @timestamp, @message, level | filter level = "error" | sort @timestamp desc',
      logGroups: [{ name: group }],
    });
    assert.deepEqual(
      rows.schema.fields.map(({ name, type }) => `${name} ${type}`),
      ['@timestamp time', '@message string', 'level string', '@ptr string'],
    );
    assert.equal(rows.data.values[0]?.length, 5);
    const { A } = await query([
      {
        refId: 'A',
        datasource: { type: 'cloudwatch', uid: 'cloudwatch' },
        expression: 'stats count(*) as n by bin(1h), level',
        logGroupNames: [group],
      },
    ]);
    assert.deepEqual(A?.frames?.map(({ schema }) => schema.name).toSorted(), ['error', 'info']);
    const sum = A?.frames
      ?.flatMap(({ data }) => data.values[1] as number[])
      .reduce((a, b) => a + b, 0);
    assert.equal(sum, 20);
    const table = await frameOf({
      datasource: { uid: 'cloudwatch' },
      expression: 'stats max(took) as most by level | sort level',
      logGroups: [{ name: group }],
    });
    assert.deepEqual(table.data.values, [
      ['error', 'info'],
      [16, 19],
    ]);
    const history = await ask('GET', '/nunchi/logs/queries');
    assert.doesNotMatch(JSON.stringify(history.body ?? ''), /most by level/);
    const groups = await ask(
      'GET',
      '/api/datasources/uid/cloudwatch/resources/log-groups?pattern=data-sources',
    );
    assert.match(JSON.stringify(groups.body), new RegExp(group));
    const bad = await query([
      {
        refId: 'A',
        datasource: { uid: 'cloudwatch' },
        expression: 'stats nothing(',
        logGroups: [{ name: group }],
      },
    ]);
    assert.notEqual(bad['A']?.status, 200);
  });

  it('asks CloudWatch Logs of AWS the same', async () => {
    const key = (await server.command('access-key', 'create', 'reader', '--role', 'viewer')).match(
      /(AKIA\w{16})\s+(\S+)/,
    );
    const made = await ask('POST', '/api/datasources', {
      name: 'aws',
      uid: 'aws',
      type: 'cloudwatch',
      url: '',
      jsonData: { authType: 'keys', defaultRegion: 'us-east-1', endpoint: server.url },
      secureJsonData: {
        accessKey: key?.[1] ?? 'AKIAAAAAAAAAAAAAAAAA',
        secretKey: key?.[2] ?? secret,
      },
    });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    const health = await ask('GET', '/api/datasources/uid/aws/health');
    assert.deepEqual([health.status, health.body.status], [200, 'OK'], JSON.stringify(health.body));
    for (const expression of [
      'fields @timestamp, @message, level | filter level = "error" | sort @timestamp desc',
      'stats count(*) as n by bin(1h), level',
      'stats max(took) as most by level | sort level',
    ]) {
      const one = { expression, logGroups: [{ name: group }] };
      // The end is a whole second there, and all of it: one in which something is stored would differ.
      const range = {
        from: Math.floor(Date.now() / 1000 - 1800) * 1000,
        to: Math.ceil(Date.now() / 1000 + 1) * 1000,
      };
      const { A, B } = await query(
        [
          { refId: 'A', datasource: { uid: 'cloudwatch' }, ...one },
          { refId: 'B', datasource: { uid: 'aws' }, ...one },
        ],
        range,
      );
      assert.equal(B?.error, undefined);
      const plain = (result: QueryResult | undefined): unknown =>
        result?.frames?.map(({ schema, data }) => [
          schema.name,
          schema.fields.map(({ name, type }) => [name, type]),
          data.values,
        ]);
      assert.deepEqual(plain(B), plain(A));
    }
    const none = await query([
      {
        refId: 'A',
        datasource: { uid: 'aws' },
        expression: 'fields @message',
        logGroups: [{ name: '/nope' }],
      },
    ]);
    assert.match(String(none['A']?.error), /ResourceNotFoundException/);
  });

  it('asks another Prometheus the same', {
    skip: skipWithout('prometheus', prometheus),
  }, async () => {
    const port = await freePort();
    const config = join(folder, 'prometheus.yml');
    writeFileSync(
      config,
      `
global: {scrape_interval: 1s}
scrape_configs:
- job_name: other
  static_configs: [{targets: ['127.0.0.1:${port}']}]
remote_write: [{url: '${server.url}/api/v1/write'}]
`,
    );
    const other = `http://127.0.0.1:${port}`;
    await programs.start(
      prometheus!,
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      `${other}/-/ready`,
    );
    await ask('POST', '/api/datasources', {
      name: 'other',
      uid: 'other',
      type: 'prometheus',
      url: other,
    });
    const health = await ask('GET', '/api/datasources/uid/other/health');
    assert.equal(health.body.message, 'Successfully queried the Prometheus API.');
    assert.ok(health.body.details.version);
    const expr = 'up{job="other"}';
    const both = (query_: object, from: number, to: number) =>
      query(
        [
          { refId: 'A', ...query_ },
          { refId: 'B', datasource: { uid: 'other' }, ...query_ },
        ],
        { from, to },
      );
    // Until samples of some seconds are at both.
    const toMs = await eventually(async () => {
      const now = Date.now();
      const { A, B } = await both(
        { expr: `count_over_time(${expr}[1m])`, instant: true },
        now - 60_000,
        now,
      );
      const counts = [A, B].map((result) => Number(result?.frames?.[0]?.data.values[1]?.[0] ?? 0));
      return counts.every((count) => count >= 5) ? Math.floor(now / 1000) * 1000 - 2000 : undefined;
    });
    const fromMs = toMs - 3000;
    for (const one of [
      { expr, intervalMs: 1000 },
      { expr, intervalMs: 1000, format: 'table' },
      {
        expr: `sum by (job) (rate(prometheus_tsdb_head_samples_appended_total{job="other"}[3s])) > bool 0`,
        intervalMs: 1000,
      },
      {
        expr: `prometheus_http_request_duration_seconds_bucket{job="other",handler="/metrics"} * 0`,
        format: 'heatmap',
        intervalMs: 1000,
      },
      { expr: 'vector(1) / 0', instant: true },
      { expr: '"text"', instant: true },
      { expr: 'scalar(vector(7))', legendFormat: '__auto', intervalMs: 1000 },
    ]) {
      const { A, B } = await both(one, fromMs, toMs);
      assert.equal(B?.error, undefined);
      const plain = (result: QueryResult | undefined): unknown =>
        JSON.parse(
          JSON.stringify(result?.frames)
            .replaceAll('#B', '#A')
            .replaceAll('"refId":"B"', '"refId":"A"'),
        );
      assert.deepEqual(plain(B), plain(A), JSON.stringify(one));
    }
    const { A, B } = await both({ expr: 'sum(' }, fromMs, toMs);
    assert.match(String(A?.error), /parse error/);
    assert.match(String(B?.error), /parse error/);
  });

  it('passes on what editors ask, and nothing that changes a server', {
    skip: skipWithout('prometheus', prometheus),
  }, async () => {
    for (const uid of ['prometheus', 'other']) {
      for (const root of [
        `/api/datasources/proxy/uid/${uid}`,
        `/api/datasources/uid/${uid}/resources`,
      ]) {
        const { status, body } = await ask('GET', `${root}/api/v1/label/job/values?match[]=up`);
        assert.deepEqual([status, body.status], [200, 'success'], root);
        assert.ok(body.data.includes('other'));
        for (const path of [
          'api/v1/admin/tsdb/snapshot',
          '-/quit',
          'api/v1/write',
          'api/v1/../../-/reload',
        ]) {
          assert.ok((await ask('POST', `${root}/${path}`)).status >= 400, `${root}/${path}`);
        }
      }
    }
    const { body } = await ask('GET', '/api/datasources/proxy/1/api/v1/query?query=1');
    assert.equal(body.data.resultType, 'scalar');
  });

  it('has no secret in answers, logs or files', async () => {
    const answers = await Promise.all(
      ['/api/datasources', '/api/datasources/name/Provided', '/metrics'].map(async (path) =>
        (await fetch(server.url + path)).text(),
      ),
    );
    assert.equal(answers.join().includes(secret), false);
    const files = globSync('**/*', { cwd: server.folder }).map((name) => join(server.folder, name));
    for (const file of files.filter((path) => statSync(path).isFile())) {
      assert.equal(readFileSync(file, 'latin1').includes(secret), false, file);
    }
  });
});
