import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import fastify from 'fastify';
import { compress, uncompress } from 'snappy';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import { loadPrometheusConfig } from '#metrics/config';
import {
  type FloatHistogram,
  formatLabels,
  labelMatcher,
  labelsOfRecord,
  type Queryable,
  SampleColumns,
  type SeriesSelection,
} from '#metrics/model';
import { type MetricStore, openMemoryMetricStore, SampleBatch } from '#metrics/tsdb';
import { remoteReadEdge } from '../read-edge.ts';
import { decodeSamples } from './decode-read.ts';
import { encodeReadRequest } from './read-request.ts';
import { RemoteReaders } from './remote-readers.ts';
import { RemoteSeriesSet } from './remote-series.ts';

const nowMs = 1_700_000_000_000;
const never = new AbortController().signal;
const ends: (() => Promise<unknown>)[] = [];
after(() => Promise.all(ends.map((end) => end())));

type Rows = Record<string, readonly (readonly [agoMs: number, value: number | FloatHistogram])[]>;

async function storeWith(rows: Rows): Promise<MetricStore> {
  const store = openMemoryMetricStore();
  const batch = new SampleBatch();
  for (const [job, samples] of Object.entries(rows)) {
    const ref = store.seriesRef(labelsOfRecord({ __name__: 'm', job }));
    for (const [agoMs, value] of samples) {
      batch.add(ref, nowMs - agoMs, typeof value === 'number' ? value : value.sum);
      if (typeof value === 'number') continue;
      batch.histograms ??= new Map();
      batch.histograms.set(batch.length - 1, value);
    }
  }
  await store.append(batch);
  return store;
}

interface Asked {
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A server as ours, for another one to read from. */
async function remoteServer(
  store: Queryable,
  externalLabels: Record<string, string> = {},
): Promise<{ readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const app = fastify();
  app.addHook('onRequest', async ({ headers }) => void asked.push({ headers }));
  await remoteReadEdge({ store, log: silentLogger, externalLabels: () => externalLabels }).register(
    app,
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  ends.push(() => app.close());
  return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, asked };
}

function readers(
  store: Queryable,
  yaml: string,
  options: { readonly maxSamples?: number; readonly localStartMs?: number } = {},
): RemoteReaders {
  const { config } = loadPrometheusConfig(
    { text: yaml, file: 'prometheus.yml', firstLine: 1, key: '' },
    {},
  );
  const all = new RemoteReaders({
    store,
    log: silentLogger,
    metrics: new MetricsRegistry(),
    clock: new ManualClock(nowMs),
    env: {},
    version: '1',
    maxSamples: options.maxSamples ?? 1000,
    localStartMs: () => options.localStartMs ?? nowMs,
  });
  all.apply(config);
  ends.push(async () => all[Symbol.dispose]());
  return all;
}

const byName = labelMatcher('__name__', '=', 'm');

async function ask(
  queryable: Queryable,
  matchers = [byName],
  fromMs = nowMs - 600_000,
): Promise<{ readonly series: Record<string, string>; readonly warnings: string[] }> {
  const warnings: string[] = [];
  using selection: SeriesSelection = await queryable.select(
    { matchers, fromMs, toMs: nowMs, onWarning: (text) => warnings.push(text) },
    never,
  );
  const columns = new SampleColumns();
  const series: Record<string, string> = {};
  for (let at = 0; at < selection.count; at++) {
    selection.read(at, columns);
    series[formatLabels(selection.labels(at))] = Array.from(
      { length: columns.count },
      (_, row) =>
        `${nowMs - columns.timesMs[row]!}=${columns.histograms?.[row] === undefined ? columns.values[row] : `{${columns.histograms[row].count}}`}`,
    ).join(' ');
  }
  return { series, warnings };
}

const histogram = (count: number, hint: FloatHistogram['counterResetHint']): FloatHistogram => ({
  schema: 0,
  zeroThreshold: 0.001,
  zeroCount: 1,
  count,
  sum: count * 2,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveBuckets: [count - 2, 1],
  negativeSpans: [],
  negativeBuckets: [],
  customValues: [],
  counterResetHint: hint,
});

describe('RemoteReaders', () => {
  it('joins series, own samples first, also where they are histograms', async () => {
    const own = await storeWith({
      a: [
        [30_000, 3],
        [20_000, 2],
      ],
      own: [[10_000, 1]],
    });
    const remote = await remoteServer(
      await storeWith({
        a: [
          [40_000, 44],
          [30_000, 33],
          [25_000, 25.5],
          [10_000, 11],
        ],
        h: [
          [50_000, histogram(4, 'unknown')],
          [40_000, histogram(5, 'notReset')],
          [30_000, 7],
          [20_000, histogram(3, 'unknown')],
        ],
        z: [[10_000, 5]],
      }),
    );
    const all = readers(own, `remote_read: [{url: '${remote.url}/api/v1/read'}]`);
    assert.deepEqual(await ask(all), {
      series: {
        'm{job="a"}': '40000=44 30000=3 25000=25.5 20000=2 10000=11',
        'm{job="h"}': '50000={4} 40000={5} 30000=7 20000={3}',
        'm{job="own"}': '10000=1',
        'm{job="z"}': '10000=5',
      },
      warnings: [],
    });
    const query = { matcherSets: [[byName]], fromMs: nowMs - 600_000, toMs: nowMs };
    assert.deepEqual((await all.series(query, never)).map(formatLabels), [
      'm{job="a"}',
      'm{job="h"}',
      'm{job="own"}',
      'm{job="z"}',
    ]);
    const warnings: string[] = [];
    const onWarning = (text: string): void => void warnings.push(text);
    assert.deepEqual(await all.labelValues('job', { ...query, onWarning }, never), ['a', 'own']);
    assert.match(warnings.join(), /^label values are those stored here/);
  });

  it('asks with the external labels, and only for what has the required matchers', async () => {
    const own = await storeWith({});
    const remote = await remoteServer(await storeWith({ a: [[10_000, 1]] }), { cluster: 'x' });
    const all = readers(
      own,
      `global: {external_labels: {cluster: x}}
remote_read:
  - url: '${remote.url}/api/v1/read'
    required_matchers: {job: a}
    headers: {X-Scope-OrgID: team}
    basic_auth: {username: u, password: p}
`,
    );
    assert.deepEqual((await ask(all)).series, {});
    assert.equal(remote.asked.length, 0);
    const matchers = [byName, labelMatcher('job', '=', 'a')];
    assert.deepEqual((await ask(all, matchers)).series, { 'm{job="a"}': '10000=1' });
    const { headers } = remote.asked[0]!;
    assert.equal(headers['x-scope-orgid'], 'team');
    assert.equal(headers['authorization'], `Basic ${Buffer.from('u:p').toString('base64')}`);
    assert.equal(headers['x-prometheus-remote-read-version'], '0.1.0');
    const unfiltered = readers(
      own,
      `global: {external_labels: {cluster: y}}
remote_read: [{url: '${remote.url}/api/v1/read', filter_external_labels: false}]`,
    );
    // Asked without ours, the other's labels come along.
    assert.deepEqual((await ask(unfiltered)).series, { 'm{cluster="x", job="a"}': '10000=1' });
  });

  it('asks for what is newer than the own beginning only with read_recent', async () => {
    const own = await storeWith({});
    const remote = await remoteServer(
      await storeWith({
        a: [
          [500_000, 1],
          [10_000, 2],
        ],
      }),
    );
    const localStartMs = nowMs - 300_000;
    const yaml = (recent: boolean): string =>
      `remote_read: [{url: '${remote.url}/api/v1/read', read_recent: ${recent}}]`;
    const old = readers(own, yaml(false), { localStartMs });
    assert.deepEqual((await ask(old)).series, { 'm{job="a"}': '500000=1' });
    assert.deepEqual((await ask(old, [byName], nowMs - 200_000)).series, {});
    assert.equal(remote.asked.length, 1);
    const recent = readers(own, yaml(true), { localStartMs });
    assert.deepEqual((await ask(recent)).series, { 'm{job="a"}': '500000=1 10000=2' });
  });

  it('a server that fails is a warning, and the rest is answered', async () => {
    const own = await storeWith({ a: [[10_000, 1]] });
    const good = await remoteServer(await storeWith({ b: [[10_000, 2]] }));
    const bad = createServer((request, response) => {
      const answers: Record<string, () => void> = {
        '/status': () => response.writeHead(503).end('overloaded, try later'),
        '/type': () => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
        '/frame': () =>
          response
            .writeHead(200, { 'content-type': 'application/x-streamed-protobuf' })
            .end(Buffer.from([4, 1, 2, 3, 4, 0, 0, 0, 0])),
        '/large': () =>
          response
            .writeHead(200, { 'content-type': 'application/x-streamed-protobuf' })
            .end(Buffer.from([0x80, 0x80, 0x80, 0x08])),
        '/hangs': () => {},
      };
      answers[request.url!]!();
    });
    await new Promise<void>((resolve) => bad.listen(0, '127.0.0.1', resolve));
    ends.push(async () => {
      bad.closeAllConnections();
      bad.close();
    });
    const badUrl = `http://127.0.0.1:${(bad.address() as AddressInfo).port}`;
    const cases: readonly (readonly [path: string, more: string, warning: RegExp])[] = [
      ['/status', '', /HTTP status 503 Service Unavailable: overloaded, try later$/],
      ['/type', '', /unsupported content type: "text\/html"$/],
      ['/frame', '', /The checksum of a frame is wrong at byte 0$/],
      ['/large', ', chunked_read_limit: 1000', /more than chunked_read_limit \(1000\)/],
      ['/hangs', ', remote_timeout: 50ms', /no answer within 50 ms \(remote_timeout\)$/],
    ];
    for (const [path, more, warning] of cases) {
      const all = readers(
        own,
        `remote_read: [{url: '${badUrl}${path}', name: bad${more}}, {url: '${good.url}/api/v1/read'}]`,
      );
      const { series, warnings } = await ask(all);
      assert.deepEqual(series, { 'm{job="a"}': '10000=1', 'm{job="b"}': '10000=2' }, path);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!, /^remote read of bad: /);
      assert.match(warnings[0]!, warning);
    }
    const all = readers(own, `remote_read: [{url: '${good.url}/api/v1/read'}]`, { maxSamples: 0 });
    assert.match((await ask(all)).warnings.join(), /more than 0 samples/);
  });

  it('reads the form that is not streamed, whole', async () => {
    const { url } = await remoteServer(
      await storeWith({
        a: [
          [30_000, 1.5],
          [20_000, Number.NaN],
        ],
        h: [
          [50_000, 7],
          [40_000, histogram(5, 'gauge')],
        ],
      }),
    );
    const range = { fromMs: nowMs - 45_000, toMs: nowMs };
    const request = encodeReadRequest({
      ...range,
      matchers: [byName],
      hints: undefined,
      wantsLabelsOnly: false,
    });
    // Without the forms that the asker takes, which stand last.
    const body = await compress(request.subarray(0, -4));
    const response = await fetch(`${url}/api/v1/read`, { method: 'POST', body });
    assert.equal(response.headers.get('content-type'), 'application/x-protobuf');
    const answer = (await uncompress(Buffer.from(await response.arrayBuffer()), {
      asBuffer: true,
    })) as Buffer;
    const set = new RemoteSeriesSet(range, 100);
    decodeSamples(answer, set, (labels) => void labels.delete('job'));
    const [series, ...more] = set.take();
    assert.equal(more.length, 0, 'what has the same labels now is one series');
    assert.deepEqual(series!.labels, ['__name__', 'm']);
    const { count, timesMs, values, histograms } = series!.columns;
    assert.deepEqual(
      [...timesMs.subarray(0, count)],
      [40_000, 30_000, 20_000].map((ago) => nowMs - ago),
    );
    assert.deepEqual([...values.subarray(1, count)], [1.5, Number.NaN]);
    assert.deepEqual(histograms?.[0], histogram(5, 'gauge'));
    assert.throws(
      () => decodeSamples(answer.subarray(0, -3), new RemoteSeriesSet(range, 100), () => {}),
      { code: 'REMOTE_INVALID' },
    );
  });

  it('ends with the query that asks', async () => {
    const hangs = createServer(() => {});
    await new Promise<void>((resolve) => hangs.listen(0, '127.0.0.1', resolve));
    ends.push(async () => {
      hangs.closeAllConnections();
      hangs.close();
    });
    const url = `http://127.0.0.1:${(hangs.address() as AddressInfo).port}/`;
    const all = readers(await storeWith({}), `remote_read: [{url: '${url}'}]`);
    const stop = new AbortController();
    const asking = all.select({ matchers: [byName], fromMs: nowMs - 1, toMs: nowMs }, stop.signal);
    stop.abort(new Error('the client went away'));
    await assert.rejects(asking, /the client went away/);
  });
});
