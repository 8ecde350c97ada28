/** A real Prometheus holds data; a server of ours reads it through PromQL and the API. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { compress } from 'snappy';
import { labelsOfRecord } from '#metrics/model';
import { encodeWriteV1 } from '#metrics/remote';
import { eventually } from '../eventually.ts';
import { freePort } from '../faults/rig.ts';
import { skipWithout } from './aws-tool.ts';
import { type NunchiProcess, startNunchi } from './nunchi-process.ts';
import { findProgram, Programs, runProgram } from './prometheus-tool.ts';

const prometheus = findProgram('prometheus');
const promtool = findProgram('promtool');
const skip = skipWithout('prometheus', prometheus) || skipWithout('prometheus', promtool);

const minuteMs = 60_000;
const dayMs = 86_400_000;
const nowMs = Math.floor(Date.now() / minuteMs) * minuteMs;
/** What only they have is from two days ago, what both have from the last half hour. */
const oldMs = nowMs - 2 * dayMs;
const recentMs = nowMs - 30 * minuteMs;

describe('reading from a Prometheus', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-remote-read-'));
  const programs = new Programs();
  let killTheirs: () => Promise<void>;
  let theirs: string;
  let nunchi: NunchiProcess;

  before(async () => {
    const data = join(folder, 'theirs');
    const file = join(folder, 'old.om');
    const lines = ['# TYPE old_total counter'];
    for (const zone of ['a', 'b']) {
      for (let at = 0; at < 400; at++) {
        lines.push(
          `old_total{zone="${zone}"} ${at * (zone === 'a' ? 1.5 : 7)} ${oldMs / 1000 + at * 15}`,
        );
      }
    }
    writeFileSync(file, [...lines, '# EOF', ''].join('\n'));
    const made = await runProgram(promtool!, [
      ...['tsdb', 'create-blocks-from', 'openmetrics', file, data],
    ]);
    assert.equal(made.code, 0, made.stderr);
    const address = `127.0.0.1:${await freePort()}`;
    theirs = `http://${address}`;
    const config = join(folder, 'theirs.yml');
    writeFileSync(config, 'global: {external_labels: {cluster: x}}\n');
    killTheirs = await programs.start(
      prometheus!,
      [
        ...[`--config.file=${config}`, `--storage.tsdb.path=${data}`],
        ...[`--web.listen-address=${address}`, '--web.enable-remote-write-receiver'],
        ...['--enable-feature=native-histograms', '--storage.tsdb.retention.time=30d'],
        '--log.level=warn',
      ],
      `${theirs}/-/ready`,
    );
    nunchi = await startNunchi({
      config: `metrics:
  query: {features: [promql-experimental-functions], maxConcurrency: 3, maxSamples: 5000}
  prometheus:
    global: {external_labels: {cluster: x}, scrape_interval: 1h}
    scrape_configs: []
    remote_read: [{url: '${theirs}/api/v1/read', name: theirs, read_recent: true}]
`,
    });
  });

  after(async () => {
    await programs[Symbol.asyncDispose]();
    await nunchi?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Prometheus 2 and 3 differ in the last bit of a rate. */
  const rounded = (data: unknown): unknown =>
    JSON.parse(JSON.stringify(data), (_, value: unknown) =>
      typeof value === 'string' && /^[\d.]+$/.test(value) ? Number(value).toPrecision(12) : value,
    );

  interface Answer {
    readonly status: string;
    readonly error?: string;
    readonly data: unknown;
    readonly warnings?: readonly string[];
  }

  async function get(url: string, path: string, query: Record<string, string>): Promise<Answer> {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(query)}`);
    return (await response.json()) as Answer;
  }

  async function push(url: string, kind: string, values: readonly (readonly [number, number])[]) {
    const body = encodeWriteV1([
      {
        labels: labelsOfRecord({ __name__: 'shared', kind }),
        samples: values.map(([at, value]) => ({ timeMs: recentMs + at * 15_000, value })),
      },
    ]);
    const response = await fetch(`${url}/api/v1/write`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      body: await compress(body),
    });
    assert.ok(response.ok, `${response.status} ${await response.text()}`);
  }

  const range: Record<'start' | 'end' | 'step', string> = {
    start: String(oldMs / 1000),
    end: String(oldMs / 1000 + 6000),
    step: '45',
  };

  it('answers queries over what only the other has as the other does', async () => {
    for (const query of [
      'old_total',
      'sum by (zone) (rate(old_total[299s]))',
      'old_total{zone="b"} offset 10m',
      'max_over_time(old_total[599s:1m])',
    ]) {
      const want = await get(theirs, 'query_range', { query, ...range });
      const got = await get(nunchi.url, 'query_range', { query, ...range });
      assert.equal(got.status, 'success', String(got.error));
      assert.equal(got.warnings, undefined);
      assert.ok((want.data as { result: unknown[] }).result.length > 0, query);
      assert.deepEqual(rounded(got.data), rounded(want.data), query);
    }
    // Asked for by name, the label that the other adds to what leaves it is there.
    const query = 'count by (cluster) (old_total{cluster="x"})';
    const { data } = await get(nunchi.url, 'query', { query, time: range.end });
    assert.deepEqual((data as { result: unknown[] }).result, [
      { metric: { cluster: 'x' }, value: [Number(range.end), '2'] },
    ]);
  });

  it('takes options and features of the engine from the configuration', async () => {
    const flags = (await get(nunchi.url, 'status/flags', {})).data as Record<string, string>;
    assert.equal(flags['enable-feature'], 'promql-experimental-functions');
    assert.equal(flags['query.max-concurrency'], '3');
    const sorted = await get(nunchi.url, 'query', { query: 'sort_by_label(vector(1), "a")' });
    assert.equal(sorted.status, 'success', String(sorted.error));
    const computed = await get(nunchi.url, 'query', { query: 'rate(old_total[5m * 2])' });
    assert.equal(computed.status, 'error');
    const large = { query: 'vector(1)', start: '0', end: '10000', step: '1' };
    const refused = await get(nunchi.url, 'query_range', large);
    assert.match(String(refused.error), /too many samples/);
  });

  it('series are of both, names and values of labels our own, with a warning', async () => {
    const times = { start: String(oldMs / 1000), end: String(nowMs / 1000) };
    const series = await get(nunchi.url, 'series', { 'match[]': 'old_total', ...times });
    assert.deepEqual(series.data, [
      { __name__: 'old_total', zone: 'a' },
      { __name__: 'old_total', zone: 'b' },
    ]);
    const labels = await get(nunchi.url, 'labels', { 'match[]': 'old_total', ...times });
    assert.deepEqual(labels.data, []);
    assert.equal(labels.warnings?.length, 1);
    const values = await get(nunchi.url, 'label/zone/values', times);
    assert.deepEqual([values.data, values.warnings?.length], [[], 1]);
  });

  it('what both have is joined by time, ours first', async () => {
    await push(theirs, 'both', [
      [0, 1],
      [1, 2],
      [3, 4],
    ]);
    await push(theirs, 'theirs', [[0, 9]]);
    await push(nunchi.url, 'both', [
      [1, 20],
      [2, 30],
    ]);
    const at = { time: String(recentMs / 1000 + 60) };
    const answer = await get(nunchi.url, 'query', { query: 'shared[5m]', ...at });
    const seconds = recentMs / 1000;
    assert.deepEqual(answer.data, {
      resultType: 'matrix',
      result: [
        {
          metric: { __name__: 'shared', kind: 'both' },
          values: [
            [seconds, '1'],
            [seconds + 15, '20'],
            [seconds + 30, '30'],
            [seconds + 45, '4'],
          ],
        },
        { metric: { __name__: 'shared', kind: 'theirs' }, values: [[seconds, '9']] },
      ],
    });
  });

  it('without the other the answer is our own, with a warning', async () => {
    await killTheirs();
    const at = { time: String(recentMs / 1000 + 60) };
    const answer = await eventually(async () => {
      const got = await get(nunchi.url, 'query', { query: 'count_over_time(shared[5m])', ...at });
      return got.warnings === undefined ? undefined : got;
    });
    assert.match(answer.warnings!.join(), /^remote read of theirs: .*ECONNREFUSED/);
    assert.deepEqual(answer.data, {
      resultType: 'vector',
      result: [{ metric: { kind: 'both' }, value: [Number(at.time), '2'] }],
    });
    const series = await get(nunchi.url, 'series', { 'match[]': 'shared' });
    assert.deepEqual(series.data, [{ __name__: 'shared', kind: 'both' }]);
    assert.equal(series.warnings?.length, 1);
    const metrics = await (await fetch(`${nunchi.url}/metrics`)).text();
    assert.match(
      metrics,
      /prometheus_remote_storage_read_queries_total\{[^}]*code="none"[^}]*remote_name="theirs"|prometheus_remote_storage_read_queries_total\{[^}]*remote_name="theirs"[^}]*code="none"/,
    );
  });
});
