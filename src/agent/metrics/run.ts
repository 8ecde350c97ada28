import { join } from 'node:path';
import type { Clock, Counter, Logger, MetricsRegistry } from '#base';
import type { MetricSink } from '#host';
import {
  Collection,
  ContainerCollection,
  HostFiles,
  machineCollectors,
  podInterfaces,
} from '#host';
import { cadvisorPath, instanceOf, type KubeletOptions } from '../kubelet/options.ts';
import type { KubeletScrape, KubeletView } from '../kubelet/run.ts';
import type { BatchClient } from '../ship/client.ts';
import { besideKubelet } from './container-sink.ts';
import type { MetricOptions } from './options.ts';
import { RequestKeeper } from './request-keeper.ts';
import { MetricSender } from './sender.ts';
import { SeriesBook } from './series-book.ts';
import { MetricSpool } from './spool.ts';

export interface MetricDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly client: BatchClient;
  /** Image of a container by the runtime's id, where the API server has told of it. */
  readonly imageOf?: (containerId: string) => string | undefined;
  /** Told after each round of the kubelet of which node it was; undefined: it did not answer. */
  readonly onKubelet?: (node: string | undefined) => void;
}

/** Rates need two samples: the second collection comes early, so that a fresh start shows them. */
const secondCollectionMs = 5000;

/**
 * Collects this machine's series until the signal aborts, and sends them to the server by remote
 * write. Then every series gets a staleness marker, and what waits is sent within `graceMs`; the
 * rest stays on the disk for the next run.
 */
export async function runMetrics(
  options: MetricOptions & {
    readonly folder: string;
    readonly host: string;
    readonly graceMs: number;
    /** A node of a cluster: cgroups are told as the kubelet tells them. */
    readonly isKubernetes: boolean;
  },
  deps: MetricDeps,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = deps;
  const spool = MetricSpool.open(join(options.folder, 'metrics'), options.maxSpoolBytes);
  const sender = new MetricSender(spool, deps);
  const keeperOf = (): RequestKeeper => new RequestKeeper(spool, sender, deps.metrics);
  const kubelet = await openKubelet(options.kubelet, keeperOf(), deps);
  const containers = options.kubelet?.paths.includes(cadvisorPath) ? kubelet : undefined;
  const parts = { keeper: keeperOf(), sender, kubelet: containers };
  const collecting = new MetricCollecting(options, parts, deps);
  const stopSending = new AbortController();
  const sending = sender.run(stopSending.signal);
  const scraping = kubelet === undefined ? undefined : runKubelet(kubelet, deps, signal);
  try {
    await repeat(() => collecting.collect(), { clock, intervalMs: options.intervalMs }, signal);
  } finally {
    await scraping;
    await collecting.end();
    await sender.drain(options.graceMs);
    stopSending.abort();
    await sending;
  }
}

async function openKubelet(
  options: KubeletOptions | undefined,
  keeper: RequestKeeper,
  deps: MetricDeps,
): Promise<KubeletScrape | undefined> {
  if (options === undefined) return undefined;
  // Only here: most machines have no kubelet.
  const { KubeletScrape: Scrape } = await import('../kubelet/run.ts');
  return new Scrape(options, { ...deps, keep: (request) => keeper.keep(request) });
}

/** Work at equal distances until the signal aborts. */
async function repeat(
  work: () => Promise<void>,
  { clock, intervalMs }: { readonly clock: Clock; readonly intervalMs: number },
  signal: AbortSignal,
): Promise<void> {
  let dueMs = clock.monotonicMs();
  try {
    for (let count = 0; !signal.aborted; count++) {
      await work();
      if (count === 0 && secondCollectionMs < intervalMs) {
        await clock.sleep(secondCollectionMs, signal);
        continue;
      }
      // A collection that took longer than the interval is followed by the next whole one.
      do dueMs += intervalMs;
      while (dueMs <= clock.monotonicMs());
      await clock.sleep(dueMs - clock.monotonicMs(), signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The kubelet, round after round; what breaks there does not touch the machine's own series. */
async function runKubelet(
  kubelet: KubeletScrape,
  { clock, logger, onKubelet }: MetricDeps,
  signal: AbortSignal,
): Promise<void> {
  try {
    await repeat(
      async () => {
        await kubelet.collect(signal);
        onKubelet?.(kubelet.shippedNode);
      },
      { clock, intervalMs: kubelet.intervalMs },
      signal,
    );
  } catch (error) {
    logger.error('Stopped scraping the kubelet', { err: error });
  } finally {
    onKubelet?.(undefined);
    await kubelet.end();
  }
}

/** One collection after the other: machine and cgroups into one request, to the spool. */
class MetricCollecting {
  readonly #keeper: RequestKeeper;
  readonly #sender: MetricSender;
  readonly #kubelet: KubeletView | undefined;
  readonly #deps: MetricDeps;
  readonly #book = new SeriesBook();
  readonly #machine: Collection;
  readonly #containers: ContainerCollection | undefined;
  readonly #nodeSink: MetricSink;
  readonly #containerSink: MetricSink;
  readonly #intervalMs: number;
  readonly #collections: Counter;
  #lastMs = 0;
  #refused = 0;
  #isTold = false;

  constructor(
    options: MetricOptions & { readonly host: string; readonly isKubernetes: boolean },
    parts: {
      readonly keeper: RequestKeeper;
      readonly sender: MetricSender;
      readonly kubelet: KubeletView | undefined;
    },
    deps: MetricDeps,
  ) {
    this.#keeper = parts.keeper;
    this.#sender = parts.sender;
    this.#kubelet = parts.kubelet;
    this.#deps = deps;
    this.#intervalMs = options.intervalMs;
    const { host, isKubernetes } = options;
    const files = new HostFiles(options.paths);
    const machine = {
      nodeName: host,
      ...(isKubernetes ? { ignoredInterfaces: podInterfaces } : {}),
      ...(options.extra === undefined ? {} : { extra: options.extra }),
    };
    this.#machine = new Collection(machineCollectors(machine, deps.clock), files, deps);
    this.#containers = ContainerCollection.isPossible(files)
      ? new ContainerCollection(files, deps, {
          ...(deps.imageOf === undefined ? {} : { imageOf: deps.imageOf }),
        })
      : undefined;
    this.#nodeSink = this.#book.target(['instance', `${host}:9100`, 'job', 'node-exporter']);
    this.#containerSink = this.#book.target(
      isKubernetes
        ? [
            'instance',
            options.kubelet === undefined ? `${host}:10250` : instanceOf(options.kubelet.url),
            'job',
            'kubelet',
            'metrics_path',
            '/metrics/cadvisor',
            'node',
            options.kubelet?.node ?? host,
          ]
        : ['instance', `${host}:8080`, 'job', 'cadvisor'],
    );
    const { metrics } = deps;
    this.#collections = metrics.counter(
      'nunchi_agent_metrics_collections_total',
      "Collections of this machine's series",
    );
    metrics.collected(
      'nunchi_agent_metrics_failures_total',
      'Topics and cgroups of this machine that could not be read',
      'counter',
      () => [{ value: this.#machine.failures + (this.#containers?.failures ?? 0) }],
    );
    metrics.collected(
      'nunchi_agent_metrics_series',
      'Series of the last collection',
      'gauge',
      () => [{ value: this.#book.series }],
    );
  }

  async collect(): Promise<void> {
    const book = this.#book;
    // Who tells of containers must be known first.
    await this.#kubelet?.asked;
    book.begin(this.#nextTimeMs());
    await this.#target(this.#nodeSink, (sink) => this.#machine.collect(sink));
    const containers = this.#containers;
    if (containers !== undefined) {
      await this.#collectContainers(containers);
    }
    const request = book.end();
    this.#collections.add(1);
    const refused = book.refused - this.#refused;
    this.#refused = book.refused;
    if (refused > 0) this.#sender.dropped(refused, 'series_limit', 'Too many series');
    await this.#keeper.keep(request);
  }

  /** Says that all series end here. */
  async end(): Promise<void> {
    if (this.#book.series > 0) await this.#keeper.keep(this.#book.endAll(this.#nextTimeMs()));
  }

  /** Beside a kubelet: what it does not tell; it has a report of its own. */
  async #collectContainers(containers: ContainerCollection): Promise<void> {
    const kubelet = this.#kubelet;
    if (kubelet === undefined) {
      await this.#target(this.#containerSink, (sink) => containers.collect(sink));
      return;
    }
    const sink = kubelet.hasAnswered
      ? besideKubelet(this.#containerSink, kubelet)
      : this.#containerSink;
    try {
      await containers.collect(sink);
    } catch (error) {
      this.#tell(error);
    }
  }

  /** A target as a scrape has it: its series, and what is said of the scrape. */
  async #target(sink: MetricSink, collect: (sink: MetricSink) => Promise<void>): Promise<void> {
    const { clock } = this.#deps;
    const startedMs = clock.monotonicMs();
    let samples = 0;
    const counting: MetricSink = {
      gauge: (name, help, value, labels) => {
        samples++;
        sink.gauge(name, help, value, labels);
      },
      counter: (name, help, value, labels) => {
        samples++;
        sink.counter(name, help, value, labels);
      },
      untyped: (name, help, value, labels) => {
        samples++;
        sink.untyped(name, help, value, labels);
      },
    };
    let isUp = 1;
    try {
      await collect(counting);
    } catch (error) {
      isUp = 0;
      this.#tell(error);
    }
    sink.gauge('up', 'Whether the target could be read', isUp);
    sink.gauge(
      'scrape_duration_seconds',
      'Duration of the collection',
      (clock.monotonicMs() - startedMs) / 1000,
    );
    sink.gauge('scrape_samples_scraped', 'Samples of the target', samples);
  }

  #tell(error: unknown): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#deps.logger.error("Cannot collect this machine's series", { err: error });
  }

  /** Times ascend, also over a clock that is set back a little; a real jump back is followed. */
  #nextTimeMs(): number {
    const nowMs = this.#deps.clock.nowMs();
    const isStep = nowMs <= this.#lastMs && this.#lastMs - nowMs < this.#intervalMs;
    this.#lastMs = isStep ? this.#lastMs + 1 : nowMs;
    return this.#lastMs;
  }
}
