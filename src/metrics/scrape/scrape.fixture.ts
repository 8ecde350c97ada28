import { join } from 'node:path';
import { AppError, type Clock, MetricsRegistry, silentLogger } from '#base';
import { loadPrometheusConfig, type PrometheusConfig, type ScrapeConfig } from '#metrics/config';
import type { ExpositionFormat } from '#metrics/exposition';
import {
  formatLabels,
  isStaleAt,
  type LabelMatcher,
  labelMatcher,
  SampleColumns,
  wordsOf,
} from '#metrics/model';
import { type MetricStore, openMemoryMetricStore } from '#metrics/tsdb';
import type { Fetcher } from './fetch.ts';
import { BatchPool, type LoopDeps, ScrapeLoop } from './loop.ts';
import { scrapeMetrics } from './scrape-metrics.ts';
import { buildTargets, type Target } from './target.ts';

export function prometheusConfig(text: string, folder = '/'): PrometheusConfig {
  const source = { text, file: join(folder, 'p.yml'), firstLine: 1, key: '' };
  return loadPrometheusConfig(source, {}).config;
}

/** A job `j` of these keys. */
export function job(yaml = ''): ScrapeConfig {
  const text = `scrape_configs:\n  - job_name: j\n${yaml.replace(/^/gm, '    ')}`;
  return prometheusConfig(text).scrapeConfigs[0]!;
}

export function targetOf(config: ScrapeConfig, labels: Record<string, string> = {}): Target {
  const [built] = buildTargets(config, {
    source: 's',
    targets: [{ __address__: 'h:1', ...labels }],
    labels: {},
  });
  if (built?.kind !== 'target') throw new Error(JSON.stringify(built));
  return built.target;
}

export const openStore = (): MetricStore => openMemoryMetricStore({ outOfOrderWindowMs: 0 });

const always: readonly LabelMatcher[] = [labelMatcher('__name__', '=~', '.+')];

/** Every sample: `name{labels}` to `time=value` in order, `stale` for a marker. */
export async function samplesOf(
  store: MetricStore,
  matchers: readonly LabelMatcher[] = always,
): Promise<Record<string, string[]>> {
  using selection = await store.select(
    { matchers, fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY },
    new AbortController().signal,
  );
  const columns = new SampleColumns();
  const found: Record<string, string[]> = {};
  for (let index = 0; index < selection.count; index++) {
    selection.read(index, columns);
    const words = wordsOf(columns.values);
    if (columns.count === 0) continue;
    found[formatLabels(selection.labels(index))] = Array.from(
      { length: columns.count },
      (_, at) => {
        const histogram = columns.histograms?.[at];
        const value = histogram === undefined ? String(columns.values[at]) : `H${histogram.count}`;
        return `${columns.timesMs[at]}=${isStaleAt(words, at) ? 'stale' : value}`;
      },
    );
  }
  return found;
}

/** The same without what a scrape reports of itself. */
export async function scrapedOf(store: MetricStore): Promise<Record<string, string[]>> {
  const all = await samplesOf(store);
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => !/^(?:up|scrape_\w+)\{/.test(name)),
  );
}

/** A target that answers what it is told to; an Error or undefined fails. */
export class FakeFetcher implements Fetcher {
  body: string | Buffer | Error = '';
  format: ExpositionFormat = 'text';
  count = 0;

  async fetch(): Promise<{ bytes: Buffer; format: ExpositionFormat }> {
    this.count++;
    if (this.body instanceof Error) throw new AppError('SCRAPE_FAILED', this.body.message);
    return { bytes: Buffer.from(this.body as string), format: this.format };
  }

  [Symbol.dispose](): void {}
}

export function loopDeps(
  store: MetricStore,
  clock: Clock,
  metrics: MetricsRegistry = new MetricsRegistry(),
): LoopDeps {
  return {
    store,
    clock,
    log: silentLogger,
    metrics: scrapeMetrics(metrics),
    seed: 0n,
    batches: new BatchPool(),
    onFailure: () => {},
  };
}

/** A loop that is not started: each `scrape` is a call. */
export function makeLoop(
  store: MetricStore,
  clock: Clock,
  config: ScrapeConfig,
  registry?: MetricsRegistry,
): { loop: ScrapeLoop; fetcher: FakeFetcher } {
  const fetcher = new FakeFetcher();
  const deps = loopDeps(store, clock, registry);
  return { loop: new ScrapeLoop(targetOf(config), config, fetcher, deps), fetcher };
}
