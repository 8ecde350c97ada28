import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { invariant, MetricsRegistry, silentLogger, systemClock } from '#base';
import {
  type KubernetesObject,
  StateMetrics,
  StateMetricsCollector,
  writeStateMetrics,
} from '#kubernetes/state-metrics';
import { openMetricStore } from '#metrics/tsdb';
import { clusterNode, clusterPod, podsByNode } from './kubernetes-objects.ts';

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use, without garbage: heap and buffers. */
function usedBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

interface Synced {
  readonly registry: StateMetrics;
  readonly ms: number;
  readonly bytes: number;
}

/** Objects come as a list does: parsed one after the other, and let go. */
function sync(pods: number, nodes: number): Synced {
  const texts: [string, string][] = [];
  for (let at = 0; at < nodes; at++) texts.push(['nodes', JSON.stringify(clusterNode(at))]);
  for (let at = 0; at < pods; at++) texts.push(['pods', JSON.stringify(clusterPod(at, nodes))]);
  const registry = new StateMetrics();
  const before = usedBytes();
  let ms = 0;
  for (const [resource, text] of texts) {
    const object = JSON.parse(text) as KubernetesObject;
    const start = performance.now();
    registry.upsert(resource, object);
    ms += performance.now() - start;
  }
  const bytes = usedBytes() - before;
  invariant(texts.length === pods + nodes, 'Benchmark lost objects');
  return { registry, ms, bytes };
}

/** A pod that becomes unready, restarts and becomes ready again: what is most of a cluster's changes. */
function changes(registry: StateMetrics, pods: number, nodes: number, count: number): number {
  const objects = Array.from({ length: count }, (_, at) =>
    clusterPod((at * 7919) % pods, nodes, { restarts: 1 + (at % 3), isReady: at % 2 === 0 }),
  );
  const start = cpuMs();
  for (const object of objects) registry.upsert('pods', object);
  return (cpuMs() - start) / count;
}

function exposition(registry: StateMetrics, format: 'text' | 'openmetrics') {
  const times: number[] = [];
  let bytes = 0;
  let lines = 0;
  for (let run = 0; run < 3; run++) {
    bytes = 0;
    lines = 0;
    const start = performance.now();
    for (const piece of writeStateMetrics(registry, { format, escaping: 'underscores' })) {
      const buffer = Buffer.from(piece as string);
      bytes += buffer.length;
      if (run === 0) for (const byte of buffer) if (byte === 10) lines++;
    }
    times.push(performance.now() - start);
    if (run === 0) invariant(lines > registry.series, 'Benchmark lost series');
  }
  return { ms: median(times), bytes };
}

async function collections(registry: StateMetrics) {
  const directory = mkdtempSync(join(tmpdir(), 'nunchi-bench-'));
  try {
    await using store = await openMetricStore({
      directory,
      retentionMs: 1e15,
      maintenanceEveryMs: 0,
      reserveBytes: 0,
    });
    const collector = new StateMetricsCollector(
      { intervalMs: 15_000, instance: 'bench' },
      {
        registry,
        store,
        clock: systemClock,
        log: silentLogger,
        metrics: new MetricsRegistry(),
        isReady: () => true,
      },
    );
    const startMs = Math.ceil(Date.now() / 15_000) * 15_000 - 600_000;
    const times: number[] = [];
    for (let run = 0; run < 6; run++) {
      const cpu = cpuMs();
      const { samples } = await collector.collect(startMs + run * 15_000);
      times.push(cpuMs() - cpu);
      invariant(
        samples === registry.series,
        `Benchmark stored ${samples} of ${registry.series} samples`,
      );
    }
    return { firstCpuMs: times[0] ?? Number.NaN, nextCpuMs: median(times.slice(1)) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * State metrics of a cluster in memory: how long the objects of a list take, what a pod costs, a change
 * of a pod, a scrape by others, and writing all series into the store.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      pods: { type: 'string', default: '10000' },
      nodes: { type: 'string', default: '100' },
      changes: { type: 'string', default: '5000' },
    },
  });
  const [pods, nodes, count] = [values.pods, values.nodes, values.changes].map(Number) as [
    number,
    number,
    number,
  ];
  invariant(podsByNode(pods, nodes) > 0, 'Every node needs a pod');
  const { registry, ms, bytes } = sync(pods, nodes);
  const changeCpuMs = changes(registry, pods, nodes, count);
  const text = exposition(registry, 'text');
  const openMetrics = exposition(registry, 'openmetrics');
  const written = await collections(registry);
  const seriesBytes = registry.columns.sizeBytes;
  console.log(`${nodes} nodes, ${pods} pods, ${registry.series} series`);
  console.log(
    `sync            ${round(ms)} ms, ${round((ms * 1000) / (pods + nodes))} µs an object`,
  );
  console.log(
    `memory          ${round(bytes / 2 ** 20)} MiB, ${Math.round(bytes / pods)} B a pod, of which columns ${round(seriesBytes / 2 ** 20)} MiB`,
  );
  console.log(
    `pod change      ${round(changeCpuMs * 1000)} µs of CPU; 50 a second: ${round(changeCpuMs * 5, 3)} % of a core`,
  );
  console.log(`scrape, text    ${round(text.ms)} ms, ${round(text.bytes / 2 ** 20)} MiB`);
  console.log(`OpenMetrics     ${round(openMetrics.ms)} ms`);
  console.log(
    `to the store    first ${round(written.firstCpuMs)} ms of CPU, then ${round(written.nextCpuMs)} ms each 15 s`,
  );
  console.log(
    JSON.stringify({
      bench: 'kubernetes',
      pods,
      nodes,
      series: registry.series,
      syncMs: round(ms),
      bytesPerPod: Math.round(bytes / pods),
      changeCpuMicroseconds: round(changeCpuMs * 1000),
      textMs: round(text.ms),
      textBytes: text.bytes,
      openMetricsMs: round(openMetrics.ms),
      firstCollectCpuMs: round(written.firstCpuMs),
      collectCpuMs: round(written.nextCpuMs),
    }),
  );
}
