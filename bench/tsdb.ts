import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { invariant } from '#base';
import { leanEnvironment, leanNodeFlags } from '#cli';
import { type FloatHistogram, labelMatcher, labelsOfRecord, SampleColumns } from '#metrics/model';
import { type DiskMetricStore, openMetricStore, SampleBatch } from '#metrics/tsdb';

const startMs = 1_699_999_200_000;
const stepMs = 15_000;
const signal = new AbortController().signal;

/** Reproducible chance: the same samples on every machine. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  next(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) / 2 ** 32;
  }
}

/** How the values of a series go on. */
type Shape = (last: number, random: Random, series: number) => number;

const shapes: Readonly<Record<string, Shape>> = {
  counter: (last, random) => last + Math.floor(random.next() * 100),
  slowCounter: (last, random) => last + (random.next() < 0.05 ? 1 : 0),
  gauge: (_, random) => Math.round(random.next() * 10_000) / 100,
  walk: (last, random) => last + Math.floor(random.next() * 9) - 4,
  constant: (_last, _random, series) => series,
  noise: (_, random) => random.next(),
};

const labelsOf = (series: number): readonly string[] =>
  labelsOfRecord({
    __name__: `bench_metric_${series % 20}_total`,
    job: `job-${series % 10}`,
    instance: `10.0.${Math.floor(series / 250) % 250}.${series % 250}:9100`,
    namespace: `namespace-${series % 30}`,
    pod: `deployment-${series % 100}-7d9f8c6b5-${Math.floor(series / 100)}`,
    container: `container-${series % 5}`,
    code: String(200 + (series % 7)),
    node: `ip-10-0-${series % 50}.ec2.internal`,
  });

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const openAt = (directory: string): Promise<DiskMetricStore> =>
  openMetricStore({
    directory,
    outOfOrderWindowMs: Number.POSITIVE_INFINITY,
    retentionMs: 1e15,
    maintenanceEveryMs: 0,
    reserveBytes: 0,
  });

interface Filled {
  /** Of all values, in order of appending. */
  readonly sum: number;
  readonly samples: number;
  readonly appendCpuMs: number;
  readonly appendMs: number;
}

async function fill(
  store: DiskMetricStore,
  series: number,
  steps: number,
  shape: Shape,
): Promise<Filled> {
  const random = new Random(42);
  const refs = Array.from({ length: series }, (_, at) => store.seriesRef(labelsOf(at)));
  const values = new Float64Array(series);
  let sum = 0;
  let appendCpuMs = 0;
  let appendMs = 0;
  // Requests of senders hold about so many samples.
  const batchSamples = 5000;
  const batch = new SampleBatch();
  for (let step = 0; step < steps; step++) {
    for (let from = 0; from < series; from += batchSamples) {
      const to = Math.min(series, from + batchSamples);
      batch.clear();
      for (let at = from; at < to; at++) {
        const value = shape(values[at]!, random, at);
        values[at] = value;
        sum += value;
        batch.add(refs[at]!, startMs + step * stepMs, value);
      }
      const cpu = cpuMs();
      const wall = performance.now();
      const { appended } = await store.append(batch);
      appendCpuMs += cpuMs() - cpu;
      appendMs += performance.now() - wall;
      invariant(appended === to - from, 'Benchmark lost samples');
    }
  }
  return { sum, samples: series * steps, appendCpuMs, appendMs };
}

interface ReadBack {
  readonly selectMs: number;
  readonly nsPerSample: number;
}

/** Reads everything and checks the sum. */
async function readBack(store: DiskMetricStore, { sum, samples }: Filled): Promise<ReadBack> {
  let best: ReadBack = {
    selectMs: Number.POSITIVE_INFINITY,
    nsPerSample: Number.POSITIVE_INFINITY,
  };
  const columns = new SampleColumns();
  for (let round = 0; round < 3; round++) {
    const started = cpuMs();
    using selection = await store.select(
      {
        matchers: [labelMatcher('__name__', '=~', 'bench_metric.*')],
        fromMs: 0,
        toMs: Number.MAX_SAFE_INTEGER,
      },
      signal,
    );
    const selected = cpuMs();
    let count = 0;
    let found = 0;
    for (let at = 0; at < selection.count; at++) {
      selection.read(at, columns);
      count += columns.count;
      for (let index = 0; index < columns.count; index++) found += columns.values[index]!;
    }
    const nsPerSample = ((cpuMs() - selected) * 1e6) / count;
    invariant(count === samples, `${count} samples instead of ${samples}`);
    invariant(Math.abs(found - sum) <= Math.abs(sum) * 1e-9, `Sum ${found} instead of ${sum}`);
    best = {
      selectMs: Math.min(best.selectMs, selected - started),
      nsPerSample: Math.min(best.nsPerSample, nsPerSample),
    };
  }
  return best;
}

const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));

async function measureShape(
  work: string,
  name: string,
  series: number,
  steps: number,
): Promise<Record<string, number | string>> {
  const directory = join(work, name);
  const store = await openAt(directory);
  const filled = await fill(store, series, steps, shapes[name]!);
  const headBytes = store.headStats().sampleBytes / filled.samples;
  const head = await readBack(store, filled);
  const cutCpu = cpuMs();
  const rangeMs = 7_200_000;
  for (let end = startMs; end < startMs + steps * stepMs; end += rangeMs) {
    await store.cutHead((Math.floor(end / rangeMs) + 1) * rangeMs);
  }
  const cutNs = ((cpuMs() - cutCpu) * 1e6) / filled.samples;
  const diskBytes = store.blocks().reduce((sum, block) => sum + block.sizeBytes, 0);
  const block = await readBack(store, filled);
  await store[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
  return {
    shape: name,
    appendCpuNs: rounded((filled.appendCpuMs * 1e6) / filled.samples, 0),
    appendMillionPerSecond: rounded(filled.samples / filled.appendMs / 1000),
    headBytesPerSample: rounded(headBytes),
    headDecodeNs: rounded(head.nsPerSample, 1),
    cutCpuNs: rounded(cutNs, 0),
    diskBytesPerSample: rounded(diskBytes / filled.samples, 3),
    blockDecodeNs: rounded(block.nsPerSample, 1),
    blockSelectCpuMs: rounded(block.selectMs, 1),
  };
}

/** Memory per series after two hours of samples, and the start after a kill. */
async function measureMemory(
  work: string,
  series: number,
  steps: number,
): Promise<Record<string, number>> {
  const directory = join(work, 'memory');
  const gc = globalThis.gc;
  const store = await openAt(directory);
  gc?.();
  const before = process.memoryUsage();
  const filled = await fill(store, series, steps, shapes['counter']!);
  gc?.();
  const after = process.memoryUsage();
  const used = after.rss - before.rss;
  const { sampleBytes } = store.headStats();
  const cpu = cpuMs();
  await store.checkpoint();
  const checkpointCpuMs = cpuMs() - cpu;
  await fill(store, series, 0, shapes['counter']!);
  await store[Symbol.asyncDispose]();
  const opening = performance.now();
  const openingCpu = cpuMs();
  const again = await openAt(directory);
  const openMs = performance.now() - opening;
  const openCpuMs = cpuMs() - openingCpu;
  await readBack(again, filled);
  await again[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
  return {
    series,
    samplesPerSeries: steps,
    bytesPerSeries: Math.round(used / series),
    sampleBytesPerSeries: Math.round(sampleBytes / series),
    checkpointCpuMs: Math.round(checkpointCpuMs),
    openMs: Math.round(openMs),
    openCpuMs: Math.round(openCpuMs),
  };
}

/** A start that replays the log alone, as after a kill before the first checkpoint. */
async function measureReplay(work: string, series: number): Promise<Record<string, number>> {
  const directory = join(work, 'replay');
  const store = await openAt(directory);
  const filled = await fill(store, series, 10, shapes['counter']!);
  await store[Symbol.asyncDispose]();
  const opening = performance.now();
  const openingCpu = cpuMs();
  const again = await openAt(directory);
  const openMs = performance.now() - opening;
  const openCpuMs = cpuMs() - openingCpu;
  invariant(again.headStats().series === series, 'Series are missing after the start');
  await readBack(again, filled);
  await again[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
  return {
    series,
    samples: filled.samples,
    openMs: Math.round(openMs),
    openCpuMs: Math.round(openCpuMs),
  };
}

async function measureHistograms(work: string): Promise<Record<string, number>> {
  const directory = join(work, 'histograms');
  const store = await openAt(directory);
  const series = 200;
  const steps = 240;
  const buckets = 24;
  const random = new Random(7);
  const refs = Array.from({ length: series }, (_, at) => store.seriesRef(labelsOf(at)));
  const counts = refs.map(() => new Array<number>(buckets).fill(0));
  for (let step = 0; step < steps; step++) {
    const batch = new SampleBatch();
    batch.histograms = new Map();
    for (let at = 0; at < series; at++) {
      const own = counts[at]!;
      for (let bucket = 0; bucket < buckets; bucket++)
        own[bucket]! += Math.floor(random.next() * 5);
      const count = own.reduce((sum, each) => sum + each, 0);
      const histogram: FloatHistogram = {
        schema: 3,
        zeroThreshold: 0,
        zeroCount: 0,
        count,
        sum: count / 8,
        positiveSpans: [{ offset: 0, length: buckets }],
        positiveBuckets: own.slice(),
        negativeSpans: [],
        negativeBuckets: [],
        customValues: [],
        counterResetHint: 'unknown',
      };
      batch.histograms.set(at, histogram);
      batch.add(refs[at]!, startMs + step * stepMs, 0);
    }
    await store.append(batch);
  }
  await store.cutHead(startMs + 86_400_000);
  const bytes = store.blocks().reduce((sum, block) => sum + block.sizeBytes, 0);
  invariant(store.blocks()[0]?.samples === series * steps, 'Histograms are missing');
  await store[Symbol.asyncDispose]();
  return { buckets, diskBytesPerHistogram: rounded(bytes / series / steps, 1) };
}

/** In a process of its own, whose memory nothing else has used, with the settings of a server. */
function alone(what: string): Record<string, number> {
  const runner = join(import.meta.dirname, 'run.ts');
  const flags = ['--expose-gc', ...leanNodeFlags];
  const output = execFileSync(process.execPath, [...flags, runner, 'tsdb', '--only', what], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...leanEnvironment },
  });
  return JSON.parse(output.trim().split('\n').at(-1)!) as Record<string, number>;
}

/** What the metric store costs: appending, memory, disk, reading, starting. All answers are checked. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      series: { type: 'string', default: '5000' },
      steps: { type: 'string', default: '960' },
      shapes: { type: 'string', default: Object.keys(shapes).join(',') },
      'memory-series': { type: 'string', default: '50000' },
      'replay-series': { type: 'string', default: '200000' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  if (values.only !== undefined) {
    const [what, count] = values.only.split(':');
    const folder = mkdtempSync(join(tmpdir(), 'nunchi-bench-'));
    try {
      const measure = what === 'memory' ? measureMemory : measureReplay;
      console.log(JSON.stringify(await measure(folder, Number(count), 480)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return;
  }
  const work = mkdtempSync(join(tmpdir(), 'nunchi-bench-'));
  try {
    const steps = Number(values.steps);
    const table: Record<string, number | string>[] = [];
    for (const shape of values.shapes.split(',')) {
      table.push(await measureShape(work, shape, Number(values.series), steps));
    }
    console.table(table);
    if (values.quick) {
      console.log(JSON.stringify({ benchmark: 'tsdb', shapes: table }));
      return;
    }
    const scale: Record<string, number | string>[] = [];
    for (const times of [1, 4, 16]) {
      const { appendCpuNs, headDecodeNs, cutCpuNs } = await measureShape(
        work,
        'counter',
        2500 * times,
        240,
      );
      scale.push({
        series: 2500 * times,
        appendCpuNs: appendCpuNs!,
        headDecodeNs: headDecodeNs!,
        cutCpuNs: cutCpuNs!,
      });
    }
    console.table(scale);
    const histograms = await measureHistograms(work);
    const memory = alone(`memory:${values['memory-series']}`);
    const replay = alone(`replay:${values['replay-series']}`);
    console.log(histograms, memory, replay);
    console.log(
      JSON.stringify({ benchmark: 'tsdb', shapes: table, scale, histograms, memory, replay }),
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
