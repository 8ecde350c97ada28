import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import { MetricReceiver } from '../metrics/receiver.fixture.ts';
import { compressSnappy } from '../metrics/snappy.ts';
import { BatchClient } from '../ship/client.ts';
import { KubeletScrape } from './run.ts';

const startMs = Date.UTC(2026, 0, 15, 12);
const stepMs = 15_000;

/** A kubelet that answers with what the test puts there. */
class FakeKubelet implements AsyncDisposable {
  readonly bodies: Record<string, string | number> = {};
  readonly asked: string[] = [];
  authorization: string | undefined;
  readonly #server = createServer((request, response) => {
    this.asked.push(request.url ?? '');
    this.authorization = request.headers.authorization;
    const body = this.bodies[request.url ?? ''] ?? 404;
    if (typeof body === 'number') response.writeHead(body).end('no');
    else response.end(body);
  });

  static async start(): Promise<FakeKubelet> {
    const kubelet = new FakeKubelet();
    await new Promise<void>((resolve) => kubelet.#server.listen(0, '127.0.0.1', resolve));
    return kubelet;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function open(paths: readonly string[], keepAll = false) {
  const folder = mkdtempSync(join(tmpdir(), 'kubelet-'));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'secret\n');
  const kubelet = await FakeKubelet.start();
  const receiver = await MetricReceiver.start();
  const client = new BatchClient({ url: receiver.url, timeoutMs: 10_000, maxConnections: 1 });
  const clock = new ManualClock(startMs);
  const signal = new AbortController().signal;
  const scrape = new KubeletScrape(
    {
      url: kubelet.url,
      node: 'n1',
      tokenFile,
      caFile: undefined,
      insecureTls: false,
      intervalMs: stepMs,
      paths,
      keepAll,
    },
    {
      clock,
      logger: silentLogger,
      metrics: new MetricsRegistry(),
      keep: async ({ body, samples }) => {
        const result = await client.writeMetrics(compressSnappy(body), signal);
        assert.deepEqual(result, { kind: 'stored', written: samples });
      },
    },
  );
  return {
    kubelet,
    receiver,
    scrape,
    clock,
    round: async () => {
      await scrape.collect(signal);
      await clock.advance(stepMs);
    },
    [Symbol.asyncDispose]: async () => {
      client.close();
      await kubelet[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

const cadvisor = '/metrics/cadvisor';
const target = (instance: string, path = cadvisor) => ({
  instance,
  job: 'kubelet',
  metrics_path: path,
  node: 'n1',
});
const row = (name: string, pod: string, more: string, value: number, timeMs: number): string =>
  `${name}{container="c",id="/kubepods/${pod}/x",image="i",name="x",namespace="shop",pod="${pod}"${more}} ${value} ${timeMs}\n`;
const cpu = 'container_cpu_usage_seconds_total';

describe('KubeletScrape', () => {
  it("sends series with the kubelet's labels and times, and says how the scrape went", async () => {
    await using rig = await open([cadvisor]);
    const { kubelet, receiver } = rig;
    kubelet.bodies[cadvisor] =
      `# HELP ${cpu} CPU.\n# TYPE ${cpu} counter\n${row(cpu, 'a', ',cpu="total"', 1.5, startMs - 4000)}` +
      `container_scrape_error 0\n${row('container_spec_cpu_shares', 'a', '', 2, startMs)}`;
    await rig.round();
    const instance = new URL(kubelet.url).host;
    assert.equal(kubelet.authorization, 'Bearer secret');
    assert.deepEqual(await receiver.series(cpu), [
      {
        labels: {
          ...{ __name__: cpu, container: 'c', cpu: 'total', id: '/kubepods/a/x', image: 'i' },
          ...{ name: 'x', namespace: 'shop', pod: 'a' },
          ...target(instance),
        },
        samples: [[startMs - 4000, 1.5]],
      },
    ]);
    assert.deepEqual(await receiver.series('container_scrape_error'), [
      {
        labels: { __name__: 'container_scrape_error', ...target(instance) },
        samples: [[startMs, 0]],
      },
    ]);
    assert.deepEqual(await receiver.series('container_spec_cpu_shares'), []);
    const reports: Record<string, unknown> = {};
    for (const name of [
      'up',
      'scrape_samples_scraped',
      'scrape_samples_post_metric_relabeling',
      'scrape_series_added',
    ]) {
      reports[name] = (await receiver.series(name))[0]?.samples;
    }
    assert.deepEqual(reports, {
      up: [[startMs, 1]],
      scrape_samples_scraped: [[startMs, 3]],
      scrape_samples_post_metric_relabeling: [[startMs, 2]],
      scrape_series_added: [[startMs, 2]],
    });
    const metadata = [...receiver.store.metadata()].find(([name]) => name === cpu);
    assert.equal(metadata?.[1][0]?.type, 'counter');
    assert.equal(metadata?.[1][0]?.help, 'CPU.');
  });

  it('sends a sample once that was not measured anew, and marks what is gone', async () => {
    await using rig = await open([cadvisor]);
    const { kubelet, receiver } = rig;
    const [a, b] = [row(cpu, 'a', '', 1, startMs - 1), row(cpu, 'b', '', 2, startMs - 2)];
    kubelet.bodies[cadvisor] = a + b;
    await rig.round();
    await rig.round();
    kubelet.bodies[cadvisor] = b;
    await rig.round();
    kubelet.bodies[cadvisor] = row(cpu, 'c', '', 3, startMs + 2 * stepMs) + b;
    await rig.round();
    const of = async (pod: string) =>
      (await receiver.series(cpu)).find(({ labels }) => labels['pod'] === pod)?.samples;
    assert.deepEqual(await of('a'), [
      [startMs - 1, 1],
      [startMs + 2 * stepMs, 'stale'],
    ]);
    assert.deepEqual(await of('b'), [[startMs - 2, 2]]);
    assert.deepEqual(await of('c'), [[startMs + 2 * stepMs, 3]]);
  });

  it('ends all series when the kubelet refuses or its body is wrong, and goes on after', async () => {
    await using rig = await open([cadvisor]);
    const { kubelet, receiver, scrape } = rig;
    kubelet.bodies[cadvisor] = 'plain 1\n';
    await rig.round();
    assert.equal(scrape.shippedNode, 'n1');
    kubelet.bodies[cadvisor] = 403;
    await rig.round();
    assert.equal(scrape.shippedNode, undefined);
    await rig.round();
    kubelet.bodies[cadvisor] = 'plain 2\nnew 1\n';
    await rig.round();
    kubelet.bodies[cadvisor] = 'plain 3\nfresh 1\nbad{ 1\n';
    await rig.round();
    kubelet.bodies[cadvisor] = 'plain 4\n';
    await rig.round();
    const at = (round: number): number => startMs + round * stepMs;
    assert.deepEqual((await receiver.series('plain'))[0]?.samples, [
      [at(0), 1],
      [at(1), 'stale'],
      [at(3), 2],
      [at(4), 'stale'],
      [at(5), 4],
    ]);
    assert.deepEqual((await receiver.series('new'))[0]?.samples, [
      [at(3), 1],
      [at(4), 'stale'],
    ]);
    assert.deepEqual(await receiver.series('fresh'), []);
    assert.deepEqual(
      (await receiver.series('up'))[0]?.samples.map(([, value]) => value),
      [1, 0, 0, 1, 0, 1],
    );
  });

  it('asks all paths; one that fails does not touch the others; all end at the end', async () => {
    await using rig = await open(['/metrics', '/metrics/resource']);
    const { kubelet, receiver, scrape } = rig;
    kubelet.bodies['/metrics/resource'] = `node_cpu_usage_seconds_total 7 ${startMs}\n`;
    await rig.round();
    await scrape.end();
    assert.deepEqual(kubelet.asked, ['/metrics', '/metrics/resource']);
    const up = await receiver.series('up');
    assert.deepEqual(
      up.map(({ labels, samples }) => [labels['metrics_path'], samples.map(([, value]) => value)]),
      [
        ['/metrics', [0, 'stale']],
        ['/metrics/resource', [1, 'stale']],
      ],
    );
    const [node] = await receiver.series('node_cpu_usage_seconds_total');
    assert.deepEqual(node?.samples, [
      [startMs, 7],
      [startMs + stepMs, 'stale'],
    ]);
  });

  it('knows how the kubelet calls a cgroup, as long as it tells of it', async () => {
    await using rig = await open([cadvisor]);
    const { kubelet, scrape } = rig;
    kubelet.bodies[cadvisor] = `# TYPE ${cpu} counter\n${row(cpu, 'a', '', 1, startMs)}`;
    await rig.round();
    const labels = ['id', '/kubepods/a/x', 'container', 'c', 'image', 'i', 'name', 'x'];
    assert.deepEqual(scrape.labelsOf('/kubepods/a/x'), [
      ...labels,
      ...['namespace', 'shop', 'pod', 'a'],
    ]);
    assert.equal(scrape.tells(cpu), true);
    assert.equal(scrape.tells('container_pressure_cpu_waiting_seconds_total'), false);
    kubelet.bodies[cadvisor] = 'other 1\n';
    await rig.round();
    assert.equal(scrape.labelsOf('/kubepods/a/x'), undefined);
  });
});
