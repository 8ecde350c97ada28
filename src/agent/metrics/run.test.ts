import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { MetricsRegistry, silentLogger, systemClock } from '#base';
import { BatchClient } from '../ship/client.ts';
import { until } from '../testing/until.ts';
import { MetricReceiver } from './receiver.fixture.ts';
import { runMetrics } from './run.ts';
import { MetricSender } from './sender.ts';
import { MetricSpool } from './spool.ts';

const isLinux = process.platform === 'linux';
const skip = isLinux ? false : 'the machine is not Linux';

function folder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'agent-metrics-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const options = {
  intervalMs: 100,
  maxSpoolBytes: 64 * 1024 * 1024,
  paths: { proc: '/proc', sys: '/sys', root: '/' },
  isKubernetes: false,
  host: 'box',
  graceMs: 10_000,
};

/** Runs the collecting against a URL until it is stopped. */
function start(url: string, path: string, more: Partial<typeof options> = {}) {
  const stop = new AbortController();
  const metrics = new MetricsRegistry();
  const client = new BatchClient({ url, token: 'secret', timeoutMs: 10_000, maxConnections: 1 });
  const deps = { clock: systemClock, logger: silentLogger, metrics, client };
  const running = runMetrics({ ...options, folder: path, ...more }, deps, stop.signal);
  return {
    metrics,
    stop: async () => {
      stop.abort();
      await running;
      client.close();
    },
  };
}

const valueIn = (metrics: MetricsRegistry, series: string): number =>
  Number(
    metrics
      .render()
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1),
  );

describe('runMetrics()', { skip }, () => {
  it("ships this machine's series with one time, and marks them at the end", async () => {
    using temporary = folder();
    await using receiver = await MetricReceiver.start();
    const agent = start(receiver.url, temporary.path);
    await until(() => receiver.requests >= 3);
    await agent.stop();
    assert.equal(receiver.headers['authorization'], 'Bearer secret');
    const labels = { instance: 'box:9100', job: 'node-exporter' };
    for (const name of [
      'node_cpu_seconds_total',
      'node_memory_MemAvailable_bytes',
      'node_network_receive_bytes_total',
      'node_filesystem_size_bytes',
      'node_uname_info',
      'up',
    ]) {
      const [found] = await receiver.series(name);
      assert.ok(found !== undefined, name);
      if (name !== 'up') assert.partialDeepStrictEqual(found.labels, labels);
      assert.ok(found.samples.length >= 3, name);
      assert.equal(found.samples.at(-1)?.[1], 'stale', name);
    }
    const [uname] = await receiver.series('node_uname_info');
    assert.equal(uname?.labels['nodename'], 'box');
    const up = await receiver.series('up');
    assert.ok(up.some(({ labels: { job } }) => job === 'node-exporter'));
    assert.equal(up[0]?.samples[0]?.[1], 1);
    const times = (name: string) =>
      receiver.series(name).then((all) => all[0]?.samples.map(([timeMs]) => timeMs));
    assert.deepEqual(await times('node_load1'), await times('node_boot_time_seconds'));
    assert.equal(valueIn(agent.metrics, 'nunchi_agent_metrics_spooled_bytes'), 0);
    assert.ok(valueIn(agent.metrics, 'nunchi_agent_metrics_collections_total') >= 3);
  });

  it('keeps collections while the server is away, and sends them in order', async () => {
    using temporary = folder();
    let port = 0;
    {
      await using first = await MetricReceiver.start();
      port = first.port;
    }
    const agent = start(`http://127.0.0.1:${port}`, temporary.path, { graceMs: 0 });
    await until(() => valueIn(agent.metrics, 'nunchi_agent_metrics_spooled_requests') >= 4);
    await agent.stop();
    const waiting = readdirSync(join(temporary.path, 'metrics')).length;
    assert.ok(waiting >= 5, 'with the markers of the end');
    await using receiver = await MetricReceiver.start(port);
    const again = start(receiver.url, temporary.path);
    await until(() => receiver.requests >= waiting + 2);
    await again.stop();
    const [load] = await receiver.series('node_load1');
    const times = load?.samples.map(([timeMs]) => timeMs) ?? [];
    assert.ok(times.length >= waiting + 2);
    assert.equal(load?.samples[waiting - 1]?.[1], 'stale');
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.equal(valueIn(again.metrics, 'nunchi_agent_metrics_dropped_samples_total'), 0);
  });

  it('gives up what the server refuses, counts it, and goes on', async () => {
    using temporary = folder();
    await using receiver = await MetricReceiver.start();
    receiver.refuseWith = 400;
    const agent = start(receiver.url, temporary.path);
    const refused = 'nunchi_agent_metrics_dropped_samples_total{reason="refused"}';
    await until(() => valueIn(agent.metrics, refused) > 0);
    receiver.refuseWith = undefined;
    await until(() => valueIn(agent.metrics, 'nunchi_agent_metrics_sent_samples_total') > 0);
    await agent.stop();
  });

  it('tells of cgroups as the kubelet does on a node of a cluster', async () => {
    using temporary = folder();
    await using receiver = await MetricReceiver.start();
    const agent = start(receiver.url, temporary.path, { isKubernetes: true });
    await until(() => receiver.requests >= 1);
    await agent.stop();
    const machine = await receiver.series('machine_memory_bytes');
    // A machine without cgroups has none.
    for (const { labels } of machine) {
      assert.partialDeepStrictEqual(labels, {
        instance: 'box:10250',
        job: 'kubelet',
        metrics_path: '/metrics/cadvisor',
        node: 'box',
      });
    }
  });
});

describe('MetricSpool', () => {
  const body = (bytes: number): Buffer => Buffer.alloc(bytes, 'x');

  it('drops the oldest beyond its bound and says how many samples', async () => {
    using temporary = folder();
    const spool = MetricSpool.open(temporary.path, 250);
    assert.equal(await spool.push(body(100), 1), 0);
    assert.equal(await spool.push(body(100), 2), 0);
    assert.equal(await spool.push(body(100), 4), 1);
    assert.equal(await spool.push(body(250), 8), 6);
    assert.equal(spool.bytes, 250);
    assert.equal(readdirSync(temporary.path).length, 1);
  });

  it('finds what an earlier run has left, in order, without what was half written', async () => {
    using temporary = folder();
    const first = MetricSpool.open(temporary.path, 1000);
    for (let samples = 1; samples <= 12; samples++) await first.push(body(samples), samples);
    writeFileSync(join(temporary.path, '00000000000099-1.rw2.tmp'), 'half');
    writeFileSync(join(temporary.path, 'other.txt'), 'not ours');
    const second = MetricSpool.open(temporary.path, 1000);
    await second.push(body(1), 13);
    const order: number[] = [];
    for (let head = second.head(); head !== undefined; head = second.head()) {
      order.push(head.samples);
      await second.remove(head);
    }
    assert.deepEqual(
      order,
      Array.from({ length: 13 }, (_, at) => at + 1),
    );
    assert.deepEqual(readdirSync(temporary.path), ['other.txt']);
  });
});

describe('MetricSender', () => {
  it('gives up a request that cannot be read, and goes on with the next', async () => {
    using temporary = folder();
    await using receiver = await MetricReceiver.start();
    const spool = MetricSpool.open(temporary.path, 1000);
    await spool.push(Buffer.from([0]), 3);
    await spool.push(Buffer.from([0]), 5);
    rmSync(join(temporary.path, readdirSync(temporary.path).sort()[0]!));
    const metrics = new MetricsRegistry();
    const client = new BatchClient({ url: receiver.url, timeoutMs: 10_000, maxConnections: 1 });
    const deps = { clock: systemClock, logger: silentLogger, metrics, client };
    const stop = new AbortController();
    const sender = new MetricSender(spool, deps);
    const running = sender.run(stop.signal);
    await sender.drain(10_000);
    stop.abort();
    await running;
    client.close();
    const dropped = (reason: string): number =>
      valueIn(metrics, `nunchi_agent_metrics_dropped_samples_total{reason="${reason}"}`);
    assert.equal(dropped('unreadable'), 3);
    // An empty request: the server says that it stored none of the five.
    assert.equal(dropped('refused'), 5);
  });
});
