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
import type { BatchClient } from '../ship/client.ts';
import type { MetricOptions } from './options.ts';
import { MetricSender } from './sender.ts';
import { SeriesBook, type WriteRequest } from './series-book.ts';
import { compressSnappy } from './snappy.ts';
import { MetricSpool } from './spool.ts';

export interface MetricDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly client: BatchClient;
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
  const collecting = new MetricCollecting(options, spool, sender, deps);
  const stopSending = new AbortController();
  const sending = sender.run(stopSending.signal);
  const { intervalMs } = options;
  const startedMs = clock.monotonicMs();
  let dueMs = startedMs;
  try {
    for (let count = 0; !signal.aborted; count++) {
      await collecting.collect();
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
  } finally {
    await collecting.end();
    await sender.drain(options.graceMs);
    stopSending.abort();
    await sending;
  }
}

/** One collection after the other: machine and cgroups into one request, to the spool. */
class MetricCollecting {
  readonly #spool: MetricSpool;
  readonly #sender: MetricSender;
  readonly #deps: MetricDeps;
  readonly #book = new SeriesBook();
  readonly #machine: Collection;
  readonly #containers: ContainerCollection | undefined;
  readonly #nodeSink: MetricSink;
  readonly #containerSink: MetricSink;
  readonly #intervalMs: number;
  readonly #collections: Counter;
  readonly #samples: Counter;
  #packed: Buffer = Buffer.alloc(0);
  #lastMs = 0;
  #refused = 0;
  #isTold = false;

  constructor(
    options: MetricOptions & { readonly host: string; readonly isKubernetes: boolean },
    spool: MetricSpool,
    sender: MetricSender,
    deps: MetricDeps,
  ) {
    this.#spool = spool;
    this.#sender = sender;
    this.#deps = deps;
    this.#intervalMs = options.intervalMs;
    const { host, isKubernetes } = options;
    const files = new HostFiles(options.paths);
    const machine = {
      nodeName: host,
      ...(isKubernetes ? { ignoredInterfaces: podInterfaces } : {}),
    };
    this.#machine = new Collection(machineCollectors(machine, deps.clock), files, deps);
    this.#containers = ContainerCollection.isPossible(files)
      ? new ContainerCollection(files, deps)
      : undefined;
    this.#nodeSink = this.#book.target(['instance', `${host}:9100`, 'job', 'node-exporter']);
    this.#containerSink = this.#book.target(
      isKubernetes
        ? [
            'instance',
            `${host}:10250`,
            'job',
            'kubelet',
            'metrics_path',
            '/metrics/cadvisor',
            'node',
            host,
          ]
        : ['instance', `${host}:8080`, 'job', 'cadvisor'],
    );
    const { metrics } = deps;
    this.#collections = metrics.counter(
      'nunchi_agent_metrics_collections_total',
      "Collections of this machine's series",
    );
    this.#samples = metrics.counter(
      'nunchi_agent_metrics_samples_total',
      'Samples collected, with the markers of series that ended',
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
    book.begin(this.#nextTimeMs());
    await this.#target(this.#nodeSink, (sink) => this.#machine.collect(sink));
    const containers = this.#containers;
    if (containers !== undefined) {
      await this.#target(this.#containerSink, (sink) => containers.collect(sink));
    }
    const request = book.end();
    this.#collections.add(1);
    const refused = book.refused - this.#refused;
    this.#refused = book.refused;
    if (refused > 0) this.#sender.dropped(refused, 'series_limit', 'Too many series');
    await this.#keep(request);
  }

  /** Says that all series end here. */
  async end(): Promise<void> {
    if (this.#book.series > 0) await this.#keep(this.#book.endAll(this.#nextTimeMs()));
  }

  /** A target as a scrape has it: its series, and what is said of the scrape. */
  async #target(sink: MetricSink, collect: (sink: MetricSink) => Promise<void>): Promise<void> {
    const { clock, logger } = this.#deps;
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
      if (!this.#isTold) logger.error("Cannot collect this machine's series", { err: error });
      this.#isTold = true;
    }
    sink.gauge('up', 'Whether the target could be read', isUp);
    sink.gauge(
      'scrape_duration_seconds',
      'Duration of the collection',
      (clock.monotonicMs() - startedMs) / 1000,
    );
    sink.gauge('scrape_samples_scraped', 'Samples of the target', samples);
  }

  async #keep({ body, samples }: WriteRequest): Promise<void> {
    this.#samples.add(samples);
    const packed = compressSnappy(body, this.#packed);
    if (packed.buffer !== this.#packed.buffer) this.#packed = Buffer.from(packed.buffer);
    try {
      const dropped = await this.#spool.push(packed, samples);
      if (dropped > 0) this.#sender.dropped(dropped, 'spool_full', 'The spool is full');
    } catch (error) {
      this.#sender.dropped(samples, 'disk', 'Cannot write to the spool', error);
    }
  }

  /** Times ascend, also over a clock that is set back a little; a real jump back is followed. */
  #nextTimeMs(): number {
    const nowMs = this.#deps.clock.nowMs();
    const isStep = nowMs <= this.#lastMs && this.#lastMs - nowMs < this.#intervalMs;
    this.#lastMs = isStep ? this.#lastMs + 1 : nowMs;
    return this.#lastMs;
  }
}
