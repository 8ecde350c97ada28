import {
  type Clock,
  type Counter,
  describeError,
  type Gauge,
  type Logger,
  type MetricsRegistry,
} from '#base';
import { compareText, type Labels, metricNameLabel, setStaleAt, wordsOf } from '#metrics/model';
import { type IngestStore, refusedSeries, SampleBatch } from '#metrics/tsdb';
import { labelPairs } from './label-sets.ts';
import type { ObjectTable } from './object-table.ts';
import { refusedRef, type StateMetrics } from './registry.ts';
import type { SelfMetric } from './self.ts';

/** Samples of one append: enough for the log to be quick, few enough for others to get their turn. */
const batchSamples = 10_000;
/** The job under which dashboards and rules look for these series. */
export const stateMetricsJob = 'kube-state-metrics';

export interface CollectorOptions {
  readonly intervalMs: number;
  /** Value of the label `instance`: the address under which others read the same series. */
  readonly instance: string;
}

export interface CollectorDeps {
  readonly registry: StateMetrics;
  readonly store: Pick<IngestStore, 'seriesRef' | 'seriesLimit' | 'append' | 'setMetadata'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** Whether every resource has been listed once: half a cluster would look like a disaster. */
  readonly isReady: () => boolean;
  /** What the watching tells of itself. */
  readonly self?: () => readonly SelfMetric[];
}

/** What one collection came to. */
export interface Collected {
  readonly samples: number;
  readonly added: number;
  readonly ended: number;
  readonly refused: number;
}

/**
 * Writes the present values of all series into the metric store, all with one time, and a staleness
 * marker for each series that has ended since the last time.
 */
export class StateMetricsCollector implements AsyncDisposable {
  readonly #options: CollectorOptions;
  readonly #deps: CollectorDeps;
  readonly #batch = new SampleBatch();
  /** Row of each sample of the batch, to find the series that the store has forgotten. */
  readonly #rows: number[] = [];
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #hasDescribed = false;
  #selfRefs = new Map<string, number>();
  readonly #collections: Counter;
  readonly #failures: Counter;
  readonly #seconds: Gauge;
  #lastFailure: string | undefined;

  constructor(options: CollectorOptions, deps: CollectorDeps) {
    this.#options = options;
    this.#deps = { ...deps, log: deps.log.child('kubernetes/state-metrics') };
    const { metrics, registry } = deps;
    this.#collections = metrics.counter(
      'nunchi_state_metrics_collections_total',
      'Times that the series of Kubernetes objects were written to the store.',
    );
    this.#failures = metrics.counter(
      'nunchi_state_metrics_failed_collections_total',
      'Times that they could not be written.',
    );
    this.#seconds = metrics.gauge(
      'nunchi_state_metrics_collection_seconds',
      'How long the last writing took.',
    );
    metrics.collected(
      'nunchi_state_metrics_series',
      'Series of Kubernetes objects.',
      'gauge',
      () => [{ value: registry.series }],
    );
    metrics.collected(
      'nunchi_state_metrics_objects',
      'Kubernetes objects that have series, by resource.',
      'gauge',
      () =>
        [...registry.tables].map(([resource, table]) => ({
          labels: { resource },
          value: table.size,
        })),
    );
  }

  /** Begins to write at every interval. */
  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  /** No markers of the end: the same series go on after a restart. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('State metrics are stopping', 'AbortError'));
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log, isReady } = this.#deps;
    const { intervalMs } = this.#options;
    let slotMs = slotAfter(clock.nowMs(), intervalMs);
    while (!signal.aborted) {
      try {
        await clock.sleep(Math.max(0, slotMs - clock.nowMs()), signal);
        if (isReady()) await this.collect(slotMs, signal);
        this.#lastFailure = undefined;
      } catch (error) {
        if (signal.aborted) return;
        this.#failures.add(1);
        const reason = describeError(error);
        // Once for each reason: it comes back at every interval.
        if (reason !== this.#lastFailure)
          log.warn('Series of Kubernetes objects are not written', { reason });
        this.#lastFailure = reason;
      }
      const nowMs = clock.nowMs();
      slotMs += intervalMs;
      // Late: the slots that passed are left out. Far ahead: somebody set the clock back.
      if (slotMs < nowMs || slotMs - nowMs > 2 * intervalMs) slotMs = slotAfter(nowMs, intervalMs);
    }
  }

  /**
   * Writes once, with that time (Unix ms).
   * @throws {AppError} STORE_FULL, STORE_CLOSED; what ended is told the next time
   */
  async collect(timeMs: number, signal?: AbortSignal): Promise<Collected> {
    const { registry, store, clock } = this.#deps;
    const startMs = clock.monotonicMs();
    if (!this.#hasDescribed) this.#describe();
    const ended = registry.takeEnded();
    const counts = { samples: 0, added: 0, ended: 0, refused: 0 };
    // Refused ones are tried again once there is room.
    const hasRoom = store.seriesLimit() === undefined;
    try {
      this.#clear();
      for (const table of registry.tables.values()) {
        for (let id = 0; id < table.identities.length; id++) {
          this.#addObject(table, id, { timeMs, ended, counts, hasRoom });
          if (this.#batch.length >= batchSamples) await this.#append(counts, signal);
        }
      }
      await this.#append(counts, signal);
      await this.#endSeries(ended, timeMs, counts);
    } catch (error) {
      registry.giveBackEnded(ended);
      throw error;
    }
    const seconds = (clock.monotonicMs() - startMs) / 1000;
    await this.#report(timeMs, seconds, counts);
    this.#collections.add(1);
    this.#seconds.set(seconds);
    return counts;
  }

  #addObject(
    table: ObjectTable,
    id: number,
    pass: {
      timeMs: number;
      ended: Set<number>;
      counts: { added: number; refused: number };
      hasRoom: boolean;
    },
  ): void {
    const identity = table.identities[id];
    if (identity === undefined) return;
    const { registry } = this.#deps;
    const { refs, values } = registry.columns;
    const start = table.starts[id]!;
    const end = start + table.counts[id]!;
    for (let row = start; row < end; row++) {
      let ref = refs[row]!;
      if (ref === 0 || (ref === refusedRef && pass.hasRoom)) {
        ref = this.#resolve(table, identity, row);
        refs[row] = ref;
        if (ref !== refusedRef) {
          pass.counts.added++;
          pass.ended.delete(ref);
          registry.revive(ref);
        }
      }
      if (ref === refusedRef) pass.counts.refused++;
      else {
        this.#rows.push(row);
        this.#batch.add(ref, pass.timeMs, values[row]!);
      }
    }
  }

  #resolve(table: ObjectTable, identity: readonly string[], row: number): number {
    const { registry, store } = this.#deps;
    const { columns, labelSets } = registry;
    const pairs = [
      metricNameLabel,
      table.families[columns.families[row]!]!.name,
      ...this.#targetLabels(),
    ];
    for (const [at, name] of table.resource.identity.entries())
      pairs.push(name, identity[at] ?? '');
    const own = columns.labels[row]!;
    if (own !== 0) pairs.push(...labelPairs(labelSets.text(own)));
    const ref = store.seriesRef(sortedLabels(pairs));
    return ref === refusedSeries ? refusedRef : ref;
  }

  #targetLabels(): string[] {
    return ['instance', this.#options.instance, 'job', stateMetricsJob];
  }

  async #append(counts: { samples: number }, signal?: AbortSignal): Promise<void> {
    if (this.#batch.length === 0) return;
    const { refs } = this.#deps.registry.columns;
    const sent = this.#batch.refs.slice(0, this.#batch.length);
    const { appended, unknown } = await this.#deps.store.append(this.#batch);
    counts.samples += appended;
    // The store forgot them; their numbers are asked for at the next interval.
    for (const index of unknown) {
      const row = this.#rows[index]!;
      if (refs[row] === sent[index]) this.#deps.registry.columns.refs[row] = 0;
    }
    this.#clear();
    signal?.throwIfAborted();
  }

  #clear(): void {
    this.#batch.clear();
    this.#rows.length = 0;
  }

  async #endSeries(ended: Set<number>, timeMs: number, counts: { ended: number }): Promise<void> {
    const { store } = this.#deps;
    const refs = [...ended];
    for (let from = 0; from < refs.length; from += batchSamples) {
      const part = refs.slice(from, from + batchSamples);
      const batch = new SampleBatch();
      for (const ref of part) batch.add(ref, timeMs, 0);
      const words = wordsOf(batch.values);
      for (let at = 0; at < part.length; at++) setStaleAt(words, at);
      await store.append(batch);
      for (const ref of part) ended.delete(ref);
      counts.ended += part.length;
    }
  }

  /** What a scrape tells of itself, and what kube-state-metrics does. */
  async #report(timeMs: number, seconds: number, counts: Collected): Promise<void> {
    const batch = new SampleBatch();
    const add = (name: string, value: number, labels: readonly string[] = []): void => {
      const key = [name, ...labels].join('\n');
      let ref = this.#selfRefs.get(key);
      if (ref === undefined) {
        ref = this.#deps.store.seriesRef(
          sortedLabels([metricNameLabel, name, ...this.#targetLabels(), ...labels]),
        );
        if (ref === refusedSeries) return;
        this.#selfRefs.set(key, ref);
      }
      batch.add(ref, timeMs, value);
    };
    add('up', 1);
    add('scrape_duration_seconds', seconds);
    add('scrape_samples_scraped', counts.samples);
    add('scrape_samples_post_metric_relabeling', counts.samples);
    add('scrape_series_added', counts.added);
    for (const { name, labels, value } of this.#deps.self?.() ?? []) add(name, value, labels);
    const { unknown } = await this.#deps.store.append(batch);
    if (unknown.length > 0) this.#selfRefs = new Map();
  }

  #describe(): void {
    const { registry, store } = this.#deps;
    for (const { families } of registry.tables.values()) {
      for (const { name, help, type = 'gauge' } of families)
        store.setMetadata(name, { type, help, unit: '' });
    }
    for (const { name, help, type } of this.#deps.self?.() ?? [])
      store.setMetadata(name, { type, help, unit: '' });
    this.#hasDescribed = true;
  }
}

const slotAfter = (nowMs: number, intervalMs: number): number =>
  Math.ceil(nowMs / intervalMs) * intervalMs;

/** Labels of the store: by name, without empty ones. Few, and nearly in order: the plain way is quick. */
function sortedLabels(pairs: readonly string[]): Labels {
  const sorted: string[] = [];
  for (let from = 0; from < pairs.length; from += 2) {
    const name = pairs[from]!;
    const value = pairs[from + 1]!;
    if (value === '') continue;
    let at = sorted.length;
    while (at > 0 && compareText(sorted[at - 2]!, name) > 0) at -= 2;
    sorted.splice(at, 0, name, value);
  }
  return sorted;
}
