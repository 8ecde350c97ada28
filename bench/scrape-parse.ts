import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPrometheusConfig } from '#metrics/config';
import { labelMatcher, SampleColumns } from '#metrics/model';
import { buildTargets, Ingest, type Target } from '#metrics/scrape';
import { type MetricStore, openMetricStore, SampleBatch } from '#metrics/tsdb';

const baseMs = 1_700_000_000_000;
const stepMs = 15_000;

/**
 * What a scrape costs behind the socket: bodies of many targets, one after the other, each with the
 * series of its last and other values, to batches, and with `--store` into a store on disk. Making the
 * bodies is not measured. Values are checked by a sum that follows from the numbers written, and with a
 * store one target's samples are read back.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      targets: { type: 'string', default: '500' },
      series: { type: 'string', default: '2000' },
      rounds: { type: 'string', default: '5' },
      store: { type: 'boolean', default: false },
    },
  });
  const directory = mkdtempSync(join(tmpdir(), 'nunchi-bench-'));
  const store = values.store ? await openMetricStore({ directory }) : undefined;
  try {
    const targets = Number(values.targets);
    const series = Number(values.series);
    const bench = new Bench(targets, store);
    const seconds: number[] = [];
    let bytes = 0;
    for (let round = 0; round <= Number(values.rounds); round++) {
      let cpu = 0;
      bytes = 0;
      for (let target = 0; target < targets; target++) {
        const { body, sum } = makeBody(target, round, series);
        bytes += body.length;
        const before = process.cpuUsage();
        await bench.scrape(target, body, baseMs + round * stepMs);
        const used = process.cpuUsage(before);
        cpu += (used.user + used.system) / 1e6;
        bench.check(series, sum);
      }
      seconds.push(cpu);
    }
    if (store !== undefined) await checkStore(store, series, Number(values.rounds));
    const [first, ...rest] = seconds as [number, ...number[]];
    const median = rest.sort((a, b) => a - b)[Math.floor(rest.length / 2)]!;
    console.log(
      `${targets} targets of ${series} series, ${(bytes / 1e6).toFixed(0)} MB a round, checked`,
    );
    console.log(
      JSON.stringify({
        benchmark: 'scrape-parse',
        targets,
        series,
        store: values.store,
        bytesPerRound: bytes,
        firstCpuSeconds: Number(first.toFixed(3)),
        cpuSeconds: Number(median.toFixed(3)),
        samplesPerCpuSecond: Math.round((targets * series) / median),
        mbPerCpuSecond: Math.round(bytes / 1e6 / median),
        rssMiB: Math.round(process.memoryUsage.rss() / 1024 / 1024),
      }),
    );
  } finally {
    await store?.[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  }
}

const config = loadPrometheusConfig(
  { text: 'scrape_configs: [{job_name: bench}]', file: '', firstLine: 1, key: '' },
  {},
).config.scrapeConfigs[0]!;

class Bench {
  readonly #store: MetricStore | undefined;
  readonly #targets: readonly { readonly target: Target; readonly ingest: Ingest }[];
  readonly #batch = new SampleBatch();
  #refs = 0;
  #sum = 0;
  #samples = 0;

  constructor(targets: number, store: MetricStore | undefined) {
    this.#store = store;
    const numbers = { seriesRef: () => ++this.#refs, setMetadata: () => {} };
    this.#targets = Array.from({ length: targets }, (_, index) => {
      const [built] = buildTargets(config, {
        source: '',
        targets: [{ __address__: `10.0.${index >> 8}.${index & 255}:9100` }],
        labels: {},
      });
      if (built?.kind !== 'target') throw new Error('No target');
      return { target: built.target, ingest: new Ingest(store ?? numbers) };
    });
  }

  async scrape(index: number, bytes: Buffer, timeMs: number): Promise<void> {
    const batch = this.#batch;
    batch.clear();
    const { target, ingest } = this.#targets[index]!;
    ingest.add(batch, { bytes, format: 'text' }, { target, config, timeMs });
    // Before the store has it: the batch is the store's until then.
    this.#samples = batch.length;
    if (this.#store !== undefined) {
      const { appended } = await this.#store.append(batch);
      if (appended !== batch.length) throw new Error(`${appended} of ${batch.length} appended`);
    }
  }

  check(series: number, want: number): void {
    this.#sum = 0;
    for (let at = 0; at < this.#samples; at++) this.#sum += this.#batch.values[at]! * (at + 1);
    if (this.#samples === series && this.#sum === want) return;
    throw new Error(`${this.#samples} samples with the sum ${this.#sum}, not ${want}`);
  }
}

/** The first target's series, sample by sample. */
async function checkStore(store: MetricStore, series: number, rounds: number): Promise<void> {
  using selection = await store.select(
    {
      matchers: [labelMatcher('instance', '=', '10.0.0.0:9100')],
      fromMs: 0,
      toMs: baseMs + rounds * stepMs,
    },
    new AbortController().signal,
  );
  const columns = new SampleColumns();
  let sum = 0;
  for (let index = 0; index < selection.count; index++) {
    selection.read(index, columns);
    for (let at = 0; at < columns.count; at++) sum += columns.values[at]!;
  }
  let want = 0;
  for (let round = 0; round <= rounds; round++) {
    for (let index = 0; index < series; index++) want += valueAt(index, 0, round);
  }
  if (selection.count !== series || Math.abs(sum / want - 1) > 1e-9) {
    throw new Error(`The store has ${selection.count} series with the sum ${sum}, not ${want}`);
  }
}

const families = 40;

/** Counters, gauges with fractions, and bytes in exponent form, as exporters written in Go have them. */
function makeBody(
  target: number,
  round: number,
  series: number,
): { readonly body: Buffer; readonly sum: number } {
  const lines: string[] = [];
  let sum = 0;
  for (let index = 0; index < series; index++) {
    const family = Math.floor((index * families) / series);
    if (index === 0 || family !== Math.floor(((index - 1) * families) / series)) {
      lines.push(`# HELP container_metric_${family}_total Something that is counted by container.`);
      lines.push(`# TYPE container_metric_${family}_total counter`);
    }
    const value = valueAt(index, target, round);
    sum += value * (index + 1);
    const text =
      index % 3 === 2 && value >= 1e6 ? value.toExponential().replace('e+', 'e+0') : value;
    lines.push(
      `container_metric_${family}_total{container="app-${index % 20}",namespace="team-${index % 7}",pod="app-${target}-${index}"} ${text}`,
    );
  }
  return { body: Buffer.from(`${lines.join('\n')}\n`), sum };
}

function valueAt(index: number, target: number, round: number): number {
  const step = index * 7919 + target * 104_729 + round * 1_299_709;
  if (index % 3 === 0) return step % 100_000_000;
  if (index % 3 === 1) return (step % 1_000_003) / 977;
  return (step % 1_000_000) * 4096;
}
