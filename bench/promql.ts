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
 * Queries over HTTP, as a dashboard sends them: 12 range queries and 6 instant ones over 5,000 series of
 * 4 hours at 15 s, written by remote write. With --peers the same data and queries go to Prometheus and
 * VictoriaMetrics, in turn, in the same run.
 */

const intervalMs = 15_000;
const samplesPerSeries = 960;
const stepSeconds = 30;
/** Samples stand off the steps, so that windows open on the left or the right hold the same. */
const offsetMs = 7000;
const bounds = ['0.01', '0.1', '0.5', '1.0', '+Inf'];

interface Source {
  readonly labels: Record<string, string>;
  next(): number;
}

const rangeQueries: readonly string[] = [
  'sum by (job) (rate(requests_total[5m]))',
  'sum(rate(requests_total[1m]))',
  'sum by (job) (increase(requests_total[1h]))',
  'topk(5, rate(requests_total[5m]))',
  'rate(requests_total{job="job-1"}[5m])',
  'sum by (job) (irate(requests_total[2m]))',
  'avg by (job) (temperature)',
  'max by (job) (max_over_time(temperature[10m]))',
  'avg_over_time(temperature{job="job-2"}[5m])',
  'count(temperature > 50)',
  'histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m])))',
  'sum by (job) (temperature) / count by (job) (temperature)',
];

const instantQueries: readonly string[] = [
  'sum by (job) (rate(requests_total[5m]))',
  'topk(10, requests_total)',
  'temperature{job="job-3"}',
  'histogram_quantile(0.99, sum by (le, job) (rate(latency_bucket[5m])))',
  'count by (job) (temperature)',
  'sum(increase(requests_total[1h]))',
];

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      peers: { type: 'boolean', default: false },
      runs: { type: 'string', default: '7' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-bench-promql-'));
  const servers: MetricsServer[] = [await startNunchi(join(folder, 'nunchi'))];
  try {
    if (values.peers) {
      for (const start of [startPrometheus, startVictoria]) {
        const server = await start(join(folder, start.name));
        if (server === undefined) console.log(`${start.name}: not installed, left out`);
        else servers.push(server);
      }
    }
    await compare(servers, Number(values.runs));
  } finally {
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(servers: readonly MetricsServer[], runs: number): Promise<void> {
  // The last four whole hours: every server takes that as the present.
  const endMs = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
  const startMs = endMs - samplesPerSeries * intervalMs;
  const series = await write(servers, startMs);
  const window = { start: startMs / 1000 + 600, end: endMs / 1000 };
  const rows: { kind: string; query: string; ms: number[] }[] = [];
  for (const [kind, queries] of [
    ['range', rangeQueries],
    ['instant', instantQueries],
  ] as const) {
    for (const query of queries) {
      const parameters =
        kind === 'range'
          ? {
              query,
              start: String(window.start),
              end: String(window.end),
              step: String(stepSeconds),
            }
          : { query, time: String(window.end) };
      const path = kind === 'range' ? '/api/v1/query_range' : '/api/v1/query';
      const body = new URLSearchParams({ ...parameters, nocache: '1' }).toString();
      const times: number[][] = servers.map(() => []);
      for (let each = 0; each < runs; each++) {
        const answers: string[] = [];
        for (const [at, server] of servers.entries()) {
          const began = performance.now();
          const response = await fetch(server.url + path, {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body,
          });
          const text = await response.text();
          times[at]!.push(performance.now() - began);
          invariant(response.ok, `${server.name}: ${query}: ${text.slice(0, 300)}`);
          answers.push(text);
        }
        if (each === 0) checkAnswers(query, servers, answers);
      }
      rows.push({ kind, query, ms: times.map(median) });
      const shown = rows
        .at(-1)!
        .ms.map((ms) => ms.toFixed(1).padStart(9))
        .join('');
      console.log(`${shown} ms  ${kind.padEnd(8)}${query}`);
    }
  }
  report(servers, rows, series);
}

function report(
  servers: readonly MetricsServer[],
  rows: readonly { kind: string; query: string; ms: readonly number[] }[],
  series: number,
): void {
  const ratios = (kind: string, at: number): number => {
    const chosen = rows.filter((row) => row.kind === kind);
    return geometricMean(chosen.map(({ ms }) => ms[at]! / ms[0]!));
  };
  const summary = servers.map((server, at) => ({
    name: server.name,
    rangeRatio: round(ratios('range', at)),
    instantRatio: round(ratios('instant', at)),
    cpuSeconds: round(server.cpuSeconds()),
    peakMiB: Math.round(server.peakBytes() / 1024 ** 2),
  }));
  for (const { name, rangeRatio, instantRatio, cpuSeconds, peakMiB } of summary) {
    console.log(
      `${name}: range x${rangeRatio}, instant x${instantRatio}, ${cpuSeconds} s CPU in all, peak ${peakMiB} MiB`,
    );
  }
  console.log(JSON.stringify({ bench: 'promql', series, servers: summary, queries: rows }));
}

/** Writes the same samples to each server, a slice of time after the other. */
async function write(servers: readonly MetricsServer[], startMs: number): Promise<number> {
  const sources = makeSources();
  const slice = 4;
  const flat = sources.map(({ labels }) => labelsOfRecord(labels));
  for (let at = 0; at < samplesPerSeries; at += slice) {
    const series: OutgoingSeries[] = sources.map((source, index) => ({
      labels: flat[index]!,
      samples: Array.from({ length: slice }, (_, each) => ({
        timeMs: startMs + (at + each) * intervalMs + offsetMs,
        value: source.next(),
      })),
    }));
    const body = await compress(encodeWriteV1(series));
    for (const server of servers) {
      const response = await fetch(`${server.url}/api/v1/write`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
          'x-prometheus-remote-write-version': '0.1.0',
        },
        body: new Uint8Array(body),
      });
      invariant(response.ok, `${server.name} took no samples: ${response.status}`);
      await response.arrayBuffer();
    }
  }
  // VictoriaMetrics shows samples only some seconds after it has taken them.
  for (const server of servers) {
    if (server.name === 'victoria-metrics') await fetch(`${server.url}/internal/force_flush`);
  }
  return sources.length;
}

function makeSources(): Source[] {
  let state = 7;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const sources: Source[] = [];
  const place = (at: number): Record<string, string> => ({
    job: `job-${at % 20}`,
    instance: `10.1.${at % 250}.${Math.floor(at / 250)}:9100`,
  });
  for (let at = 0; at < 2500; at++) {
    let total = Math.floor(random() * 1e6);
    const speed = 1 + Math.floor(random() * 100);
    sources.push({
      labels: { __name__: 'requests_total', ...place(at), handler: `/h/${at % 7}` },
      next: () => {
        total = random() < 0.0005 ? 0 : total + Math.floor(random() * speed);
        return total;
      },
    });
  }
  for (let at = 0; at < 1500; at++) {
    let level = random() * 100;
    sources.push({
      labels: { __name__: 'temperature', ...place(at) },
      next: () => {
        level = Math.min(100, Math.max(0, level + random() * 4 - 2));
        return Math.round(level * 100) / 100;
      },
    });
  }
  for (let at = 0; at < 200; at++) {
    const totals = new Array<number>(bounds.length).fill(0);
    for (const [bound, le] of bounds.entries()) {
      sources.push({
        labels: { __name__: 'latency_bucket', ...place(at), le },
        next: () => {
          const before = bound === 0 ? 0 : totals[bound - 1]!;
          totals[bound] = Math.max(totals[bound]!, before) + Math.floor(random() * 5);
          return totals[bound]!;
        },
      });
    }
  }
  return sources;
}

type Answer = {
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly values?: readonly (readonly [number, string])[];
      readonly value?: readonly [number, string];
    }[];
  };
};

/**
 * Ours and Prometheus' answers must be the same numbers. VictoriaMetrics computes rates by other rules
 * (no extrapolation, a sample before the window counts), so only its series are looked at.
 */
function checkAnswers(
  query: string,
  servers: readonly MetricsServer[],
  answers: readonly string[],
): void {
  const parsed = answers.map((text) => valuesOf(JSON.parse(text) as Answer));
  const [ours] = parsed;
  invariant(ours !== undefined && ours.size > 0, `${query}: no answer`);
  for (const [at, server] of servers.entries()) {
    if (at === 0) continue;
    const theirs = parsed[at]!;
    const isTopk = query.startsWith('topk');
    if (server.name !== 'prometheus') {
      invariant(isTopk || theirs.size === ours.size, `${query}: ${server.name} has other series`);
      continue;
    }
    // Of equal values each server keeps those that it met first.
    if (isTopk) continue;
    invariant(theirs.size === ours.size, `${query}: ${theirs.size} and ${ours.size} series`);
    for (const [key, values] of ours) {
      const others = theirs.get(key);
      invariant(others !== undefined, `${query}: ${server.name} lacks ${key}`);
      invariant(others.length === values.length, `${query}: other points of ${key}`);
      for (const [index, value] of values.entries()) {
        const other = others[index]!;
        const isClose =
          Math.abs(value - other) <= 1e-9 * Math.max(Math.abs(value), Math.abs(other));
        invariant(isClose || Object.is(value, other), `${query}: ${value} and ${other} of ${key}`);
      }
    }
  }
}

function valuesOf({ data }: Answer): Map<string, number[]> {
  return new Map(
    data.result.map(({ metric, values, value }) => [
      JSON.stringify(Object.entries(metric).sort()),
      (values ?? [value!]).map(([, text]) => Number(text)),
    ]),
  );
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
const round = (value: number): number => Math.round(value * 100) / 100;
