import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { invariant } from '#base';
import { labelsOfRecord } from '#metrics/model';
import { openPromqlEngine, type ResultSeries } from '#metrics/promql';
import { type MetricStore, openMemoryMetricStore, SampleBatch } from '#metrics/tsdb';

/**
 * The engine alone over a store in memory: 12 range queries of the kinds that dashboards ask, over
 * 5,000 counters of 4 hours at 15 s, 480 steps. Answers are checked against a plain evaluation that
 * looks at each window anew.
 */

const jobs = 20;
const instancesPerJob = 25;
const bounds = ['0.005', '0.01', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '10', '+Inf'];
const seriesCount = jobs * instancesPerJob * bounds.length;
const samplesPerSeries = 960;
const intervalMs = 15_000;
/** 2026-01-15T00:00:00Z; samples of each series are off by a time of its own. */
const startMs = 1_768_435_200_000;
const steps = 480;
const stepMs = 30_000;
/** Steps that are checked, spread over the query. */
const checkedSteps = [0, 1, 119, 240, 479];
const metric = 'request_seconds_bucket';

interface Counter {
  readonly job: string;
  readonly instance: string;
  readonly le: string;
  readonly offsetMs: number;
  readonly values: Float64Array;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: '7' },
      workers: { type: 'string', default: String(Math.max(1, cpus().length - 1)) },
      only: { type: 'string', default: '' },
    },
  });
  const counters = makeCounters();
  await using store = openMemoryMetricStore();
  await fill(store, counters);
  await using engine = openPromqlEngine(store, { workers: Number(values.workers) });
  const window = { startMs, endMs: startMs + (steps - 1) * stepMs, stepMs };
  const signal = new AbortController().signal;
  const results: { name: string; ms: number; cpuMs: number }[] = [];
  for (const one of cases(counters).filter(({ query }) => query.includes(values.only))) {
    const times: number[] = [];
    const cpuTimes: number[] = [];
    for (let each = 0; each < Number(values.runs); each++) {
      const cpu = process.cpuUsage();
      const began = performance.now();
      const { value } = await engine.range(one.query, window, {}, signal);
      times.push(performance.now() - began);
      const { user, system } = process.cpuUsage(cpu);
      cpuTimes.push((user + system) / 1000);
      if (each > 0) continue;
      invariant(value.type === 'matrix', 'a range query answers with a matrix');
      check(one, value.series);
    }
    results.push({ name: one.query, ms: median(times), cpuMs: median(cpuTimes) });
    const { ms, cpuMs } = results.at(-1)!;
    console.log(
      `${ms.toFixed(1).padStart(8)} ms  ${cpuMs.toFixed(1).padStart(8)} ms CPU  ${one.query}`,
    );
  }
  const mean = Math.exp(results.reduce((sum, { ms }) => sum + Math.log(ms), 0) / results.length);
  console.log(`geometric mean ${mean.toFixed(1)} ms`);
  console.log(
    JSON.stringify({
      bench: 'promql-engine',
      series: seriesCount,
      samples: seriesCount * samplesPerSeries,
      steps,
      workers: Number(values.workers),
      geometricMeanMs: round(mean),
      queries: results.map(({ name, ms, cpuMs }) => ({ name, ms: round(ms), cpuMs: round(cpuMs) })),
    }),
  );
}

const round = (value: number): number => Math.round(value * 10) / 10;
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Cumulative buckets that grow at random, with a restart now and then. */
function makeCounters(): Counter[] {
  let state = 42;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const counters: Counter[] = [];
  for (let target = 0; target < jobs * instancesPerJob; target++) {
    const offsetMs = Math.floor(random() * intervalMs);
    const columns = bounds.map(() => new Float64Array(samplesPerSeries));
    const totals = new Array<number>(bounds.length).fill(0);
    for (let at = 0; at < samplesPerSeries; at++) {
      if (random() < 0.001) totals.fill(0);
      let cumulative = 0;
      for (let bound = 0; bound < bounds.length; bound++) {
        cumulative += Math.floor(random() * 8);
        totals[bound]! += cumulative;
        columns[bound]![at] = totals[bound]!;
      }
    }
    for (const [bound, values] of columns.entries()) {
      counters.push({
        job: `job-${target % jobs}`,
        instance: `10.0.${target % 256}.${target >> 4}:9100`,
        le: bounds[bound]!,
        offsetMs,
        values,
      });
    }
  }
  return counters;
}

async function fill(store: MetricStore, counters: readonly Counter[]): Promise<void> {
  const refs = counters.map(({ job, instance, le }) =>
    store.seriesRef(labelsOfRecord({ __name__: metric, job, instance, le })),
  );
  const batch = new SampleBatch();
  for (let at = 0; at < samplesPerSeries; at++) {
    for (const [index, { offsetMs, values }] of counters.entries()) {
      batch.add(refs[index]!, startMs + at * intervalMs + offsetMs, values[at]!);
    }
    await store.append(batch);
    batch.clear();
  }
}

interface Case {
  readonly query: string;
  /** Values by the labels that tell the results apart, at a time. */
  plain(timeMs: number): Map<string, number>;
}

/** Samples in (from, to], by looking at all that may be in it. */
function windowOf({ values, offsetMs }: Counter, fromMs: number, toMs: number) {
  const first = Math.max(0, Math.floor((fromMs - startMs - offsetMs) / intervalMs) + 1);
  const last = Math.min(samplesPerSeries - 1, Math.floor((toMs - startMs - offsetMs) / intervalMs));
  const samples: { timeMs: number; value: number }[] = [];
  for (let at = first; at <= last; at++) {
    samples.push({ timeMs: startMs + offsetMs + at * intervalMs, value: values[at]! });
  }
  return samples;
}

function plainIncrease(counter: Counter, timeMs: number, rangeMs: number): number | undefined {
  const samples = windowOf(counter, timeMs - rangeMs, timeMs);
  if (samples.length < 2) return undefined;
  const first = samples[0]!;
  const last = samples.at(-1)!;
  let change = last.value - first.value;
  for (let at = 1; at < samples.length; at++) {
    if (samples[at]!.value < samples[at - 1]!.value) change += samples[at - 1]!.value;
  }
  const span = last.timeMs - first.timeMs;
  const average = span / (samples.length - 1);
  let toStart = first.timeMs - (timeMs - rangeMs);
  let toEnd = timeMs - last.timeMs;
  if (toStart >= average * 1.1) toStart = average / 2;
  if (change > 0) toStart = Math.min(toStart, (span * first.value) / change);
  if (toEnd >= average * 1.1) toEnd = average / 2;
  return (change * (span + toStart + toEnd)) / span;
}

type Of = (counter: Counter, timeMs: number) => number | undefined;

const rate5m: Of = (counter, timeMs) => {
  const change = plainIncrease(counter, timeMs, 300_000);
  return change === undefined ? undefined : change / 300;
};
const increase1h: Of = (counter, timeMs) => plainIncrease(counter, timeMs, 3_600_000);
const now: Of = (counter, timeMs) => windowOf(counter, timeMs - 300_000, timeMs).at(-1)?.value;
const overTime =
  (rangeMs: number, fold: (values: readonly number[]) => number): Of =>
  (counter, timeMs) => {
    const values = windowOf(counter, timeMs - rangeMs, timeMs).map(({ value }) => value);
    return values.length === 0 ? undefined : fold(values);
  };

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const largest = (values: readonly number[]): number => Math.max(...values);

function cases(counters: readonly Counter[]): Case[] {
  const grouped = (
    of: Of,
    key: (counter: Counter) => string,
    fold: (values: readonly number[]) => number,
    chosen: (counter: Counter) => boolean = () => true,
  ): Case['plain'] => {
    return (timeMs) => {
      const groups = new Map<string, number[]>();
      for (const counter of counters) {
        if (!chosen(counter)) continue;
        const value = of(counter, timeMs);
        if (value === undefined) continue;
        const values = groups.get(key(counter)) ?? [];
        groups.set(key(counter), values);
        values.push(value);
      }
      return new Map([...groups].map(([name, values]) => [name, fold(values)]));
    };
  };
  const byJob = ({ job }: Counter): string => job;
  const byInstance = ({ instance }: Counter): string => instance;
  return [
    { query: `sum by (job) (rate(${metric}[5m]))`, plain: grouped(rate5m, byJob, sum) },
    { query: `sum(rate(${metric}[5m]))`, plain: grouped(rate5m, () => '', sum) },
    {
      query: `histogram_quantile(0.9, sum by (le) (rate(${metric}[5m])))`,
      plain: (timeMs) => plainQuantile(grouped(rate5m, ({ le }) => le, sum)(timeMs)),
    },
    { query: `sum by (job) (increase(${metric}[1h]))`, plain: grouped(increase1h, byJob, sum) },
    { query: `avg by (job) (${metric})`, plain: grouped(now, byJob, mean) },
    {
      query: `max by (instance) (max_over_time(${metric}[10m]))`,
      plain: grouped(overTime(600_000, largest), byInstance, largest),
    },
    {
      query: `topk(5, sum by (instance) (rate(${metric}[5m])))`,
      plain: (timeMs) => {
        const all = [...grouped(rate5m, byInstance, sum)(timeMs)].sort(([, a], [, b]) => b - a);
        return new Map(all.slice(0, 5));
      },
    },
    {
      query: `sum by (job) (rate(${metric}{le="0.1"}[5m])) / sum by (job) (rate(${metric}{le="+Inf"}[5m]))`,
      plain: (timeMs) => {
        const of = (bound: string) => grouped(rate5m, byJob, sum, ({ le }) => le === bound)(timeMs);
        const whole = of('+Inf');
        return new Map([...of('0.1')].map(([job, part]) => [job, part / whole.get(job)!]));
      },
    },
    {
      query: `count by (job) (${metric} > 5000)`,
      plain: grouped(
        (counter, timeMs) => {
          const value = now(counter, timeMs);
          return value !== undefined && value > 5000 ? value : undefined;
        },
        byJob,
        (values) => values.length,
      ),
    },
    {
      query: `quantile by (job) (0.9, rate(${metric}[5m]))`,
      plain: grouped(rate5m, byJob, (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        const rank = 0.9 * (sorted.length - 1);
        const lower = Math.floor(rank);
        const upper = Math.min(sorted.length - 1, lower + 1);
        return sorted[lower]! * (1 - (rank - lower)) + sorted[upper]! * (rank - lower);
      }),
    },
    {
      query: `sum by (job) (avg_over_time(${metric}[30m]))`,
      plain: grouped(overTime(1_800_000, mean), byJob, sum),
    },
    {
      query: `rate(${metric}{job="job-1"}[5m])`,
      plain: grouped(
        rate5m,
        ({ instance, le }) => `${instance} ${le}`,
        sum,
        ({ job }) => job === 'job-1',
      ),
    },
  ];
}

/** The classic quantile of cumulative buckets by their bound. */
function plainQuantile(buckets: ReadonlyMap<string, number>): Map<string, number> {
  if (buckets.size === 0) return new Map();
  const rank = 0.9 * buckets.get('+Inf')!;
  let before = { bound: 0, count: 0 };
  for (const le of bounds) {
    const count = buckets.get(le)!;
    if (count >= rank) {
      if (le === '+Inf') return new Map([['', before.bound]]);
      const share = (rank - before.count) / (count - before.count);
      return new Map([['', before.bound + (Number(le) - before.bound) * share]]);
    }
    before = { bound: Number(le), count };
  }
  return new Map();
}

function check({ query, plain }: Case, series: readonly ResultSeries[]): void {
  for (const step of checkedSteps) {
    const timeMs = startMs + step * stepMs;
    const wanted = plain(timeMs);
    let found = 0;
    for (const { labels, timesMs, values } of series) {
      const at = timesMs.indexOf(timeMs);
      if (at < 0) continue;
      const named = new Map<string, string>();
      for (let each = 0; each < labels.length; each += 2)
        named.set(labels[each]!, labels[each + 1]!);
      const key = named.has('le')
        ? `${named.get('instance')} ${named.get('le')}`
        : (named.get('job') ?? named.get('instance') ?? '');
      const want = wanted.get(key);
      const isSame =
        want !== undefined && Math.abs(values[at]! - want) <= 1e-9 * Math.max(1, Math.abs(want));
      invariant(isSame, `${query}: ${key} at step ${step} is ${values[at]}, not ${want}`);
      found++;
    }
    invariant(
      found === wanted.size,
      `${query}: ${found} series at step ${step}, not ${wanted.size}`,
    );
  }
}
