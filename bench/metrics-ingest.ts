import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compress } from 'snappy';
import { invariant } from '#base';
import { labelsOfRecord } from '#metrics/model';
import { encodeWriteV1, type OutgoingSeries } from '#metrics/remote';
import {
  type MetricsServer,
  startNunchi,
  startPrometheus,
  startVictoria,
} from './metrics-servers.ts';

/**
 * Remote write of many series at 15 s spacing, over HTTP, several requests at once, as fast as it is
 * taken. Requests are made before the clock runs: one set for a point in time, whose times and values
 * are set anew in place for the next. With --peers the same goes to Prometheus and VictoriaMetrics, one
 * server after the other.
 */

const intervalMs = 15_000;
const seriesPerRequest = 5000;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      peers: { type: 'boolean', default: false },
      series: { type: 'string', default: '200000' },
      points: { type: 'string', default: '40' },
      senders: { type: 'string', default: '4' },
    },
  });
  const series = Number(values.series);
  const points = Number(values.points);
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-bench-ingest-'));
  const results: unknown[] = [];
  try {
    const starts = values.peers ? [startNunchi, startPrometheus, startVictoria] : [startNunchi];
    for (const start of starts) {
      const server = await start(join(folder, start.name));
      if (server === undefined) {
        console.log(`${start.name}: not installed, left out`);
        continue;
      }
      try {
        results.push(await measure(server, series, points, Number(values.senders)));
      } finally {
        await server.stop();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(JSON.stringify({ bench: 'metrics-ingest', series, points, results }));
}

async function measure(
  server: MetricsServer,
  series: number,
  points: number,
  senders: number,
): Promise<unknown> {
  const endMs = Math.floor(Date.now() / 60_000) * 60_000;
  const startMs = endMs - points * intervalMs;
  const labels = Array.from({ length: series }, (_, at) =>
    labelsOfRecord({
      __name__: `metric_${at % 50}`,
      job: `job-${at % 20}`,
      instance: `10.2.${at % 250}.${Math.floor(at / 250) % 250}:9100`,
      path: `/p/${Math.floor(at / 50)}`,
    }),
  );
  const values = new Float64Array(series);
  let sendMs = 0;
  let bytes = 0;
  const cpuBefore = server.cpuSeconds();
  let cpuWhileSending = 0;
  for (let point = 0; point < points; point++) {
    const bodies: Buffer[] = [];
    for (let first = 0; first < series; first += seriesPerRequest) {
      const chosen: OutgoingSeries[] = [];
      for (let at = first; at < Math.min(series, first + seriesPerRequest); at++) {
        values[at]! += (at * 7 + point * 13) % 100;
        const timeMs = startMs + point * intervalMs;
        chosen.push({ labels: labels[at]!, samples: [{ timeMs, value: values[at]! }] });
      }
      bodies.push(await compress(encodeWriteV1(chosen)));
    }
    bytes += bodies.reduce((sum, body) => sum + body.length, 0);
    const cpu = server.cpuSeconds();
    const began = performance.now();
    await sendAll(server, bodies, senders);
    sendMs += performance.now() - began;
    cpuWhileSending += server.cpuSeconds() - cpu;
  }
  const samples = series * points;
  if (server.name === 'victoria-metrics') await fetch(`${server.url}/internal/force_flush`);
  const query = new URLSearchParams({
    query: 'sum(count_over_time({__name__=~"metric_.*"}[1d]))',
    time: String(endMs / 1000),
  });
  const answer = await fetch(`${server.url}/api/v1/query?${query}`);
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  const stored = Number(data.result[0]?.value[1]);
  invariant(stored === samples, `${server.name} has ${stored} of ${samples} samples`);
  const result = {
    name: server.name,
    samplesPerSecond: Math.round((samples / sendMs) * 1000),
    samplesPerCpuSecond: Math.round(samples / Math.max(0.01, cpuWhileSending)),
    cpuSeconds: Math.round((server.cpuSeconds() - cpuBefore) * 10) / 10,
    peakMiB: Math.round(server.peakBytes() / 1024 ** 2),
    diskBytesPerSample: Math.round((server.diskBytes() / samples) * 100) / 100,
    sentMB: Math.round(bytes / 1e6),
  };
  console.log(result);
  return result;
}

async function sendAll(
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
