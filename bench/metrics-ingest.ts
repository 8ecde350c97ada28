import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { compress } from 'snappy';
import { invariant } from '#base';
import { labelsOfRecord } from '#metrics/model';
import { encodeWriteV1, type OutgoingSeries } from '#metrics/remote';
import {
  type MetricsServer,
  type ScrapeJobs,
  startNunchi,
  startPrometheus,
  startVictoria,
} from './metrics-servers.ts';

/**
 * What taking samples costs a server, from outside: remote write over HTTP of once, four and sixteen
 * times as many series (the cost of one stays the same), and scraping of many targets, which one small
 * process is. With --peers the same goes to Prometheus and VictoriaMetrics, one server after the other.
 *
 * Requests of remote write are made before the clock runs, and sent as fast as they are taken. The first
 * point of each series is told apart: it makes the series.
 */

const intervalMs = 15_000;
const seriesPerRequest = 5000;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      peers: { type: 'boolean', default: false },
      series: { type: 'string', default: '12500,50000,200000' },
      points: { type: 'string', default: '20' },
      senders: { type: 'string', default: '4' },
      only: { type: 'string', default: 'write,scrape' },
      targets: { type: 'string', default: '100' },
      'target-series': { type: 'string', default: '500' },
      'scrape-interval': { type: 'string', default: '1' },
      scrapes: { type: 'string', default: '10' },
    },
  });
  const parts = new Set(values.only.split(','));
  const starts = values.peers ? [startNunchi, startPrometheus, startVictoria] : [startNunchi];
  const write: Result[] = [];
  const scrape: Result[] = [];
  for (const start of starts) {
    for (const series of parts.has('write') ? values.series.split(',').map(Number) : []) {
      const measure = (server: MetricsServer): Promise<Result> =>
        measureWrite(server, series, Number(values.points), Number(values.senders));
      await withServer(start, [], measure, write);
    }
  }
  if (write.length > 0) console.table(write);
  if (parts.has('scrape')) {
    const shape: ScrapeShape = {
      targets: Number(values.targets),
      series: Number(values['target-series']),
      intervalSeconds: Number(values['scrape-interval']),
      scrapes: Number(values.scrapes),
    };
    for (const start of starts) {
      const farm = await startTargets(shape.series);
      try {
        const measure = (server: MetricsServer): Promise<Result> => measureScrape(server, shape);
        await withServer(start, jobsOf(farm.port, shape), measure, scrape);
      } finally {
        farm.child.kill('SIGKILL');
      }
    }
    console.table(scrape);
  }
  console.log(JSON.stringify({ bench: 'metrics-ingest', write, scrape }));
}

type Result = Readonly<Record<string, string | number>>;

async function withServer(
  start: (folder: string, jobs: ScrapeJobs) => Promise<MetricsServer | undefined>,
  jobs: ScrapeJobs,
  measure: (server: MetricsServer) => Promise<Result>,
  results: Result[],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-bench-ingest-'));
  try {
    const server = await start(folder, jobs);
    if (server === undefined) {
      console.log(`${start.name}: not installed, left out`);
      return;
    }
    try {
      results.push(await measure(server));
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits));

export function* bodiesOf(
  series: number,
  point: number,
  timeMs: number,
  values: Float64Array,
): Generator<Buffer> {
  for (let first = 0; first < series; first += seriesPerRequest) {
    const chosen: OutgoingSeries[] = [];
    for (let at = first; at < Math.min(series, first + seriesPerRequest); at++) {
      values[at]! += (at * 7 + point * 13) % 100;
      const labels = labelsOfRecord({
        __name__: `metric_${at % 50}`,
        job: `job-${at % 20}`,
        instance: `10.2.${at % 250}.${Math.floor(at / 250) % 250}:9100`,
        path: `/p/${Math.floor(at / 50)}`,
      });
      chosen.push({ labels, samples: [{ timeMs, value: values[at]! }] });
    }
    yield encodeWriteV1(chosen);
  }
}

async function measureWrite(
  server: MetricsServer,
  series: number,
  points: number,
  senders: number,
): Promise<Result> {
  const endMs = Math.floor(Date.now() / 60_000) * 60_000;
  const startMs = endMs - points * intervalMs;
  const values = new Float64Array(series);
  const residentBefore = server.residentBytes();
  let firstMs = 0;
  let sendMs = 0;
  let firstCpu = 0;
  let sendCpu = 0;
  for (let point = 0; point < points; point++) {
    const bodies: Buffer[] = [];
    for (const body of bodiesOf(series, point, startMs + point * intervalMs, values)) {
      bodies.push(await compress(body));
    }
    const cpu = server.cpuSeconds();
    const began = performance.now();
    await sendAll(server, bodies, senders);
    sendMs += performance.now() - began;
    sendCpu += server.cpuSeconds() - cpu;
    if (point > 0) continue;
    firstMs = sendMs;
    firstCpu = sendCpu;
  }
  const samples = series * points;
  const residentBytes = server.residentBytes() - residentBefore;
  const query = 'sum(count_over_time({__name__=~"metric_.*"}[1d]))';
  const stored = await ask(server, query, endMs);
  invariant(stored === samples, `${server.name} has ${stored} of ${samples} samples`);
  const known = samples - series;
  const result = {
    server: server.name,
    series,
    samplesPerSecond: rounded((samples / sendMs) * 1000),
    knownPerSecond: rounded((known / (sendMs - firstMs)) * 1000),
    samplesPerCpuSecond: rounded(samples / sendCpu),
    cpuNsPerKnownSample: rounded(((sendCpu - firstCpu) * 1e9) / known),
    cpuUsPerNewSeries: rounded((firstCpu * 1e6) / series, 1),
    bytesPerSeries: rounded(residentBytes / series),
    peakMiB: rounded(server.peakBytes() / 1024 ** 2),
    diskBytesPerSample: rounded(server.diskBytes() / samples, 2),
  };
  console.log(result);
  return result;
}

async function ask(server: MetricsServer, query: string, timeMs: number): Promise<number> {
  if (server.name === 'victoria-metrics') await fetch(`${server.url}/internal/force_flush`);
  const search = new URLSearchParams({ query, time: String(timeMs / 1000) });
  const answer = await fetch(`${server.url}/api/v1/query?${search}`);
  invariant(answer.ok, `${server.name} cannot answer ${query}: ${await answer.clone().text()}`);
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

export async function sendAll(
  server: MetricsServer,
  bodies: readonly Buffer[],
  senders: number,
): Promise<void> {
  let next = 0;
  const send = async (): Promise<void> => {
    for (let at = next++; at < bodies.length; at = next++) {
      const response = await fetch(`${server.url}/api/v1/write`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
          'x-prometheus-remote-write-version': '0.1.0',
        },
        body: new Uint8Array(bodies[at]!),
      });
      invariant(response.ok, `${server.name} took no samples: ${response.status}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
}

interface ScrapeShape {
  readonly targets: number;
  /** Of one target. */
  readonly series: number;
  readonly intervalSeconds: number;
  /** Of one target, that are waited for. */
  readonly scrapes: number;
}

async function startTargets(series: number): Promise<{ child: ChildProcess; port: number }> {
  const file = join(import.meta.dirname, 'scrape-target.ts');
  const child = spawn(process.execPath, [file, String(series)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout! }), 'line');
  return { child, port: Number(line) };
}

const jobsOf = (port: number, { targets, intervalSeconds }: ScrapeShape): ScrapeJobs => [
  {
    job_name: 'bench',
    scrape_interval: `${intervalSeconds}s`,
    static_configs: Array.from({ length: targets }, (_, at) => ({
      targets: [`127.0.0.1:${port}`],
      labels: { __metrics_path__: `/targets/${at}`, instance: `target-${at}` },
    })),
  },
];

/** Counts from the moment at which every target was scraped once: then every series is known. */
async function measureScrape(server: MetricsServer, shape: ScrapeShape): Promise<Result> {
  const { targets, intervalSeconds, scrapes } = shape;
  const wanted = targets * scrapes;
  const count = (): Promise<number> =>
    ask(server, 'sum(count_over_time(up{job="bench"}[1d]))', Date.now());
  const deadline = performance.now() + (scrapes + 3) * intervalSeconds * 5000 + 60_000;
  const until = async (samples: number): Promise<number> => {
    for (;;) {
      const now = await count();
      if (now >= samples) return now;
      invariant(performance.now() < deadline, `${server.name} scraped ${now} times of ${samples}`);
      await new Promise((resolve) => setTimeout(resolve, Math.min(1000, intervalSeconds * 250)));
    }
  };
  const residentBefore = server.residentBytes();
  const before = await until(targets);
  const firstCpu = server.cpuSeconds();
  const began = performance.now();
  const after = await until(before + wanted);
  const seconds = (performance.now() - began) / 1000;
  const cpu = server.cpuSeconds() - firstCpu;
  const up = await ask(server, 'sum(up{job="bench"})', Date.now());
  invariant(up === targets, `${server.name}: ${up} of ${targets} targets are up`);
  const series = await ask(server, 'count({__name__=~"bench_requests.*"})', Date.now());
  invariant(series === targets * shape.series, `${server.name} has ${series} series`);
  const samples = (after - before) * shape.series;
  // Five more series of each target tell how the scrape went.
  const all = (await count()) * (shape.series + 5);
  const result = {
    server: server.name,
    targets,
    series,
    samplesPerSecond: rounded(samples / seconds),
    shareOfDue: rounded((after - before) / ((targets * seconds) / intervalSeconds), 2),
    cpuShare: rounded(cpu / seconds, 2),
    cpuNsPerSample: rounded((cpu * 1e9) / samples),
    bytesPerSeries: rounded((server.residentBytes() - residentBefore) / series),
    residentMiB: rounded(server.residentBytes() / 1024 ** 2),
    diskBytesPerSample: rounded(server.diskBytes() / all, 2),
  };
  console.log(result);
  return result;
}
