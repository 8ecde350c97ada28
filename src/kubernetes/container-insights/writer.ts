import {
  type Clock,
  type Counter,
  describeError,
  type Histogram,
  type Logger,
  type MetricsRegistry,
} from '#base';
import type { Cluster } from '#kubernetes/cluster';
import { SectionBuilder } from '#logs/batch';
import type { LogStore } from '#logs/store';
import type { Queryable } from '#metrics/model';
import { type ClusterView, ClusterWatch } from './cluster-view.ts';
import type { ExporterMeasures } from './contract.ts';
import { readControlPlane } from './control-plane.ts';
import { readDevices } from './devices.ts';
import { performanceEvents } from './documents.ts';
import { readMeasures } from './measures.ts';
import { performanceLogGroup } from './names.ts';
import { Places } from './places.ts';
import { RestartCounts } from './restarts.ts';
import { SeriesReader } from './series-reader.ts';

export interface ContainerInsightsOptions {
  readonly clusterName: string;
  readonly intervalMs: number;
  readonly isEnhanced: boolean;
  readonly retentionDays: number;
}

export interface ContainerInsightsDeps {
  readonly cluster: Cluster;
  readonly logs: LogStore;
  readonly metricStore: Queryable;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** Asked before each interval. */
  readonly isOn: () => Promise<boolean>;
}

/** Written at once; a large cluster has many of these each minute. */
const maxBatchBytes = 8 * 1024 * 1024;
/** Others get their turn after so many events. */
const eventsPerTurn = 500;

/**
 * Writes the performance log events of Container Insights, once an interval. An interval that cannot be
 * written in its time is left out and counted: an event about the past is of no use.
 */
export class ContainerInsights implements AsyncDisposable {
  readonly #options: ContainerInsightsOptions;
  readonly #deps: ContainerInsightsDeps;
  readonly #group: string;
  readonly #written: Counter;
  readonly #failures: Counter;
  readonly #seconds: Histogram;
  readonly #restarts = new RestartCounts();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #isFailing = false;

  constructor(options: ContainerInsightsOptions, deps: ContainerInsightsDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#group = performanceLogGroup(options.clusterName);
    const { metrics } = deps;
    this.#written = metrics.counter(
      'nunchi_container_insights_events_total',
      'Performance log events that were written, by type',
    );
    this.#failures = metrics.counter(
      'nunchi_container_insights_failures_total',
      'Intervals without performance log events, as something failed',
    );
    this.#seconds = metrics.histogram(
      'nunchi_container_insights_duration_seconds',
      'Time to make and write the performance log events of one interval',
    );
  }

  start(): this {
    this.#running ??= this.#run();
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('Container Insights is stopping', 'AbortError'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { clock, cluster } = this.#deps;
    const { intervalMs } = this.#options;
    using watch = new ClusterWatch(cluster, this.#options.isEnhanced);
    while (!signal.aborted) {
      // At even times, so that averages over minutes hold one event each.
      const atMs = (Math.floor(clock.nowMs() / intervalMs) + 1) * intervalMs;
      // Timers may be a little early.
      for (let left = atMs - clock.nowMs(); left > 0 && left <= intervalMs; ) {
        await clock.sleep(left, signal).catch(() => {});
        if (signal.aborted) return;
        left = atMs - clock.nowMs();
      }
      if (!watch.isReady()) continue;
      const startMs = clock.monotonicMs();
      try {
        if (!(await this.#deps.isOn())) continue;
        const limited = AbortSignal.any([signal, AbortSignal.timeout(intervalMs)]);
        await this.write(watch, atMs, limited);
        this.#isFailing = false;
      } catch (error) {
        if (!signal.aborted) this.#failed(error);
      }
      this.#seconds.observe((clock.monotonicMs() - startMs) / 1000);
    }
  }

  /** The events of the interval that ends at `atMs`. */
  async write(watch: ClusterWatch, atMs: number, signal: AbortSignal): Promise<void> {
    const { clusterName, intervalMs, isEnhanced } = this.#options;
    await this.#prepareGroup();
    const reader = new SeriesReader(this.#deps.metricStore, { atMs, intervalMs }, signal);
    const measures = await readMeasures(reader);
    const view = watch.view();
    const exporters = isEnhanced ? await readExporters(reader, view) : undefined;
    const setting = { clusterName, isEnhanced, atMs };
    const counts = new Map<string, number>();
    let sections = new Map<string, SectionBuilder>();
    let events = 0;
    let sizeBytes = 0;
    const flush = async (): Promise<void> => {
      if (sections.size === 0) return;
      const finished = [...sections.values()].map((section) => section.finish());
      sections = new Map();
      sizeBytes = 0;
      await this.#deps.logs.append({ sections: finished });
      signal.throwIfAborted();
    };
    const all = performanceEvents(view, measures, this.#restarts, setting, exporters);
    for (const event of all) {
      const { stream, document } = event;
      const section = sections.get(stream) ?? new SectionBuilder(this.#group, stream);
      sections.set(stream, section);
      const text = JSON.stringify(document);
      section.add(atMs, text);
      sizeBytes += text.length;
      const type = String(document['Type']);
      counts.set(type, (counts.get(type) ?? 0) + 1);
      if (sizeBytes > maxBatchBytes) await flush();
      else if (++events % eventsPerTurn === 0) {
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
    await flush();
    for (const [type, count] of counts) this.#written.add(count, { type });
  }

  async #prepareGroup(): Promise<void> {
    const { logs } = this.#deps;
    if (logs.group(this.#group) !== undefined) return;
    const { retentionDays } = this.#options;
    await logs.createGroup(this.#group, { retentionDays }).catch((error: unknown) => {
      // An agent of CloudWatch's may write there too.
      if (logs.group(this.#group) === undefined) throw error;
    });
  }

  #failed(error: unknown): void {
    this.#failures.add(1);
    const level = this.#isFailing ? 'debug' : 'warn';
    this.#isFailing = true;
    this.#deps.log[level]('Performance log events could not be written', {
      err: describeError(error),
    });
  }
}

/** What only enhanced observability tells. */
const readExporters = async (
  reader: SeriesReader,
  view: ClusterView,
): Promise<ExporterMeasures> => ({
  devices: await readDevices(reader, new Places(view)),
  controlPlane: await readControlPlane(reader),
});
