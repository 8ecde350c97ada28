import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { compress } from 'snappy';
import { invariant } from '#base';
import { bodiesOf, sendAll } from './metrics-ingest.ts';
import { type MetricsServer, startNunchi } from './metrics-servers.ts';

const intervalMs = 15_000;
/** New series come first, and are not what a server does all day. */
const warmUpRounds = 2;
const query = 'sum by (job) (rate({__name__=~"metric_.*"}[5m]))';

/**
 * What a server of a small cluster does all day: series at 15 s, lines of logs, a dashboard that asks
 * now and then. Measured are its CPU, in cores, and its memory, after the series are known; what it
 * took is counted afterwards.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      series: { type: 'string', default: '60000' },
      'lines-per-second': { type: 'string', default: '200' },
      minutes: { type: 'string', default: '3' },
    },
  });
  const series = Number(values.series);
  const linesPerSecond = Number(values['lines-per-second']);
  const rounds = Math.max(1, Math.round((Number(values.minutes) * 60_000) / intervalMs));
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-bench-load-'));
  const server = await startNunchi(folder);
  try {
    const last = new Float64Array(series);
    let lines = 0;
    let cpuSeconds = server.cpuSeconds();
    let beganMs = performance.now();
    for (let round = 0; round < warmUpRounds + rounds; round++) {
      if (round === warmUpRounds) {
        cpuSeconds = server.cpuSeconds();
        beganMs = performance.now();
      }
      const roundMs = performance.now();
      const bodies: Buffer[] = [];
      for (const body of bodiesOf(series, round, Date.now(), last))
        bodies.push(await compress(body));
      // Targets are scraped all over the interval, not at once.
      const pauseMs = Math.floor(intervalMs / (bodies.length + 1));
      const logging = (async () => {
        for (let second = 0; second < intervalMs / 1000; second++) {
          await sendLines(server, lines, linesPerSecond);
          lines += linesPerSecond;
          await sleep(950);
        }
      })();
      for (const body of bodies) {
        await sendAll(server, [body], 1);
        await sleep(pauseMs);
      }
      const answer = await fetch(`${server.url}/api/v1/query?query=${encodeURIComponent(query)}`);
      invariant(answer.ok, `The query was answered with ${answer.status}`);
      await answer.arrayBuffer();
      await logging;
      await sleep(Math.max(0, intervalMs - (performance.now() - roundMs)));
    }
    const seconds = (performance.now() - beganMs) / 1000;
    const cores = (server.cpuSeconds() - cpuSeconds) / seconds;
    const held = await count(server, 'count({__name__=~"metric_.*"})');
    invariant(held === series, `${held} of ${series} series are there`);
    const stored = await storedLines(server);
    invariant(stored === lines, `${stored} of ${lines} lines are there`);
    const result = {
      benchmark: 'steady-load',
      series,
      linesPerSecond,
      seconds: Math.round(seconds),
      cores: Number(cores.toFixed(3)),
      residentMiB: Math.round(server.residentBytes() / 1024 ** 2),
      peakMiB: Math.round(server.peakBytes() / 1024 ** 2),
    };
    console.table([result]);
    console.log(JSON.stringify(result));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sendLines(server: MetricsServer, from: number, count: number): Promise<void> {
  const nowNs = `${Date.now()}000000`;
  const values = Array.from({ length: count }, (_, at) => [
    nowNs,
    `GET /cart/${(from + at) % 977} 200 took=${(from + at) % 131}ms user=u${(from + at) % 5003}`,
  ]);
  const streams = [{ stream: { app: 'cart', namespace: 'shop' }, values }];
  const response = await fetch(`${server.url}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams }),
  });
  invariant(response.ok, `Lines were answered with ${response.status}`);
  await response.arrayBuffer();
}

async function count(server: MetricsServer, text: string): Promise<number> {
  const answer = await fetch(`${server.url}/api/v1/query?query=${encodeURIComponent(text)}`);
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

async function storedLines(server: MetricsServer): Promise<number> {
  const response = await fetch(`${server.url}/nunchi/logs/groups`);
  const { groups } = (await response.json()) as { groups: { events: number }[] };
  return groups.reduce((sum, { events }) => sum + events, 0);
}
