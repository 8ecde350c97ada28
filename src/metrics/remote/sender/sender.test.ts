import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { uncompress } from 'snappy';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { loadPrometheusConfig, type PrometheusConfig } from '#metrics/config';
import { labelsOfRecord } from '#metrics/model';
import { type MetricStore, openMetricStore, SampleBatch } from '#metrics/tsdb';
import { WriteAssembly } from '../assembly.ts';
import { labelsV1, labelsV2 } from '../decode-labels.ts';
import { decodeWriteV1 } from '../decode-v1.ts';
import { decodeWriteV2 } from '../decode-v2.ts';
import { FakeStore } from '../fake-store.fixture.ts';
import { RemoteWriteSenders } from '../index.ts';
import { SeriesTable } from '../series-table.ts';

/** A receiver that keeps what it takes; `answers` are the statuses of the first requests. */
async function openReceiver(answers: readonly number[] = []) {
  const fake = new FakeStore();
  const tables = { v1: new SeriesTable(), v2: new SeriesTable() };
  let requests = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const status = answers[requests++] ?? 204;
    if (status < 300) {
      const body = (await uncompress(Buffer.concat(chunks), { asBuffer: true })) as Buffer;
      const isV2 = String(request.headers['content-type']).includes('v2');
      const into = new WriteAssembly(
        fake.store,
        isV2 ? tables.v2 : tables.v1,
        isV2 ? labelsV2 : labelsV1,
      );
      into.begin(Number.MAX_SAFE_INTEGER);
      (isV2 ? decodeWriteV2 : decodeWriteV1)(body, into, () => {});
      await into.finish();
    }
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    fake,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/write`,
    requests: () => requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function configOf(url: string, more = ''): PrometheusConfig {
  const text = `global: {external_labels: {cluster: x}}
remote_write:
- url: ${url}
  queue_config: {batch_send_deadline: 20ms, min_backoff: 5ms, max_backoff: 20ms, max_samples_per_send: 50}
  ${more}
`;
  return loadPrometheusConfig({ text, file: 'p.yml', firstLine: 1, key: '' }, {}).config;
}

async function eventually(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    assert.ok(tries < 6000, 'it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

class Rig implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'nunchi-sender-'));
  store: MetricStore | undefined;
  senders: RemoteWriteSenders | undefined;
  #timeMs = Date.now() - 600_000;

  async start(config: PrometheusConfig): Promise<void> {
    this.store = await openMetricStore({ directory: join(this.folder, 'store') });
    this.senders = new RemoteWriteSenders({
      store: this.store,
      clock: systemClock,
      log: silentLogger,
      metrics: new MetricsRegistry(),
      env: {},
      version: '1',
      folder: join(this.folder, 'cursors'),
    });
    await this.senders.apply(config);
  }

  /** Appends the next sample of each of some series. */
  async append(series = 3): Promise<void> {
    const store = this.store!;
    const batch = new SampleBatch();
    this.#timeMs += 1000;
    for (let at = 0; at < series; at++) {
      const labels = labelsOfRecord({ __name__: 'm', at: String(at) });
      batch.add(store.seriesRef(labels), this.#timeMs, at);
    }
    await store.append(batch);
  }

  async stop(): Promise<void> {
    await this.senders?.[Symbol.asyncDispose]();
    await this.store?.[Symbol.asyncDispose]();
    this.senders = undefined;
    this.store = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Times of each series in the order in which they came: equal ones are sent again, not stored again. */
function timesOf(fake: FakeStore): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const { labels, timeMs } of fake.rows) {
    const key = labels['at'] ?? '';
    const known = times.get(key) ?? [];
    if (known.at(-1) !== timeMs) known.push(timeMs);
    times.set(key, known);
  }
  return times;
}

describe('RemoteWriteSenders', () => {
  for (const message of ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request']) {
    it(`sends what is appended, relabelled, with external labels (${message})`, async () => {
      const receiver = await openReceiver();
      await using rig = new Rig();
      const rules = `protobuf_message: ${message}
  write_relabel_configs: [{source_labels: [at], regex: '1', action: drop}]`;
      await rig.start(configOf(receiver.url, rules));
      await rig.append();
      await rig.append();
      await eventually(() => receiver.fake.rows.length === 4);
      const labels = receiver.fake.rows.map((row) => ({ ...row.labels }));
      assert.deepEqual(labels[0], { __name__: 'm', at: '0', cluster: 'x' });
      assert.deepEqual([...timesOf(receiver.fake).keys()], ['0', '2']);
      receiver.close();
    });
  }

  it('tries again until it is taken, and gives up what is refused', async () => {
    const receiver = await openReceiver([503, 500, 204, 400]);
    await using rig = new Rig();
    await rig.start(configOf(receiver.url));
    await rig.append(1);
    await eventually(() => receiver.fake.rows.length === 1);
    assert.equal(receiver.requests(), 3);
    await rig.append(1);
    await eventually(() => receiver.requests() === 4);
    await rig.append(1);
    await eventually(() => receiver.fake.rows.length === 2);
    receiver.close();
  });

  it('loses nothing over restarts while the receiver is away', async () => {
    const away = configOf('http://127.0.0.1:1/write', 'name: r');
    const receiver = await openReceiver();
    await using rig = new Rig();
    await rig.start(configOf(receiver.url, 'name: r'));
    await rig.append();
    await eventually(() => receiver.fake.rows.length === 3);
    await rig.stop();
    // The same receiver, by its address; in between another one that is never there.
    await rig.start(configOf(receiver.url, 'name: r'));
    receiver.fake.rows.length = 0;
    for (let at = 0; at < 20; at++) await rig.append();
    await rig.stop();
    await rig.start(away);
    await rig.stop();
    await rig.start(configOf(receiver.url, 'name: r'));
    const isAllThere = (): boolean => {
      const times = [...timesOf(receiver.fake).values()];
      return times.length === 3 && times.every((each) => each.length >= 20);
    };
    await eventually(isAllThere);
    for (const times of timesOf(receiver.fake).values()) {
      assert.deepEqual(
        times,
        [...times].sort((a, b) => a - b),
      );
    }
    receiver.close();
  });
});
