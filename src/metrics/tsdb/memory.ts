import { AppError, BoundedQueue, systemClock } from '#base';
import type {
  Exemplar,
  LabelBytes,
  LabelMatcher,
  LabelQuery,
  Labels,
  MetricMetadata,
  SelectRequest,
  SeriesSelection,
} from '#metrics/model';
import {
  type AppendResult,
  type BlockInfo,
  type Cardinality,
  type FollowedBatch,
  type HeadStats,
  type MetricStore,
  SampleBatch,
  type SeriesRef,
} from './contract.ts';
import { closedError, StoreCore, sortedLabels, sortedTexts } from './core.ts';
import type { MemoryStoreOptions } from './options.ts';
import { selectFrom } from './select/selection.ts';

/** Batches that wait for a follower of a store in memory; the appender waits for room. */
const maxQueuedBatches = 1000;

/** A store without files: it holds what the process lives for. For tests and for scripts of PromQL. */
export function openMemoryMetricStore(options: MemoryStoreOptions = {}): MetricStore {
  return new MemoryStore(options);
}

class MemoryStore implements MetricStore {
  readonly #core: StoreCore;
  readonly #followers = new Set<BoundedQueue<FollowedBatch>>();
  #isClosed = false;
  #batches = 0;

  constructor(options: MemoryStoreOptions) {
    const clock = options.clock ?? systemClock;
    this.#core = new StoreCore(
      {
        outOfOrderWindowMs: options.outOfOrderWindowMs ?? Number.POSITIVE_INFINITY,
        maxBehindMs: Number.POSITIVE_INFINITY,
        maxAheadMs: options.maxAheadMs ?? Number.POSITIVE_INFINITY,
        nowMs: () => clock.nowMs(),
      },
      options.maxSeries ?? Number.POSITIVE_INFINITY,
    );
  }

  seriesRef(labels: Labels): SeriesRef {
    return this.#core.seriesRef(labels);
  }

  seriesRefOfBytes(labels: LabelBytes): SeriesRef {
    return this.#core.seriesRefOfBytes(labels);
  }

  seriesLimit(): string | undefined {
    return this.#core.seriesLimit();
  }

  async append(batch: SampleBatch): Promise<AppendResult> {
    this.#mustBeOpen();
    const { dropped, ...result } = this.#core.append(batch);
    if (this.#followers.size > 0) {
      const copy = copyBatch(batch, dropped);
      const cursor = String(++this.#batches);
      const labels = (ref: SeriesRef): Labels | undefined => this.#core.head.labels(ref);
      for (const follower of this.#followers) await follower.push({ cursor, batch: copy, labels });
    }
    return result;
  }

  setMetadata(metric: string, metadata: MetricMetadata): void {
    this.#core.metadata.set(metric, metadata);
  }

  metadata(metric?: string): ReadonlyMap<string, readonly MetricMetadata[]> {
    return this.#core.metadataOf(metric);
  }

  exemplars(
    sets: readonly (readonly LabelMatcher[])[],
    fromMs: number,
    toMs: number,
  ): readonly { readonly labels: Labels; readonly exemplars: readonly Exemplar[] }[] {
    return this.#core.findExemplars(sets, fromMs, toMs);
  }

  async deleteSeries(
    sets: readonly (readonly LabelMatcher[])[],
    fromMs: number,
    toMs: number,
  ): Promise<void> {
    this.#core.hide(this.#core.query.refsOfAny(sets), fromMs, toMs);
  }

  async cleanTombstones(): Promise<void> {}

  async snapshot(): Promise<string> {
    throw new AppError('STORE_IN_MEMORY', 'A store in memory has no snapshots');
  }

  cursor(): string {
    return String(this.#batches);
  }

  async *follow(_cursor: string, signal: AbortSignal): AsyncIterable<FollowedBatch> {
    const queue = new BoundedQueue<FollowedBatch>(maxQueuedBatches);
    this.#followers.add(queue);
    try {
      for (;;) {
        const next = await queue.shift(signal);
        if (next === undefined) return;
        yield next;
      }
    } finally {
      this.#followers.delete(queue);
      queue.close();
    }
  }

  headStats(): HeadStats {
    return this.#core.headStats();
  }

  blocks(): readonly BlockInfo[] {
    return [];
  }

  async cardinality(limit: number, query?: LabelQuery): Promise<Cardinality> {
    return this.#core.cardinality(limit, query);
  }

  diskBytes(): number {
    return 0;
  }

  async select(request: SelectRequest, signal: AbortSignal): Promise<SeriesSelection> {
    this.#mustBeOpen();
    signal.throwIfAborted();
    const { head, query } = this.#core;
    const { fromMs, toMs } = request;
    const part = query.part(query.find(request.matchers), fromMs, toMs);
    const release = head.arena.enter();
    return selectFrom([part], request, head.minTimeMs, head.arena.pages.slice(), release);
  }

  async labelNames(query: LabelQuery, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    if (!this.#overlaps(query)) return [];
    return sortedTexts(this.#core.query.labelNames(query.matcherSets), query.limit);
  }

  async labelValues(
    name: string,
    query: LabelQuery,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    signal.throwIfAborted();
    if (!this.#overlaps(query)) return [];
    return sortedTexts(this.#core.query.labelValues(name, query.matcherSets), query.limit);
  }

  async series(query: LabelQuery, signal: AbortSignal): Promise<readonly Labels[]> {
    signal.throwIfAborted();
    if (!this.#overlaps(query)) return [];
    const found = this.#core.query.findAny(query.matcherSets);
    const all = Array.from({ length: found.count }, (_, index) => found.labels(index));
    return sortedLabels(all, query.limit);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const follower of this.#followers) follower.close();
  }

  #overlaps({ fromMs, toMs }: LabelQuery): boolean {
    const { oldestMs, maxTimeMs } = this.#core.head;
    return toMs >= oldestMs && fromMs <= maxTimeMs;
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw closedError();
  }
}

/** A batch of its own, without the samples that are marked. */
export function copyBatch(batch: SampleBatch, dropped: Uint8Array | undefined): SampleBatch {
  const copy = new SampleBatch();
  const kept: number[] = [];
  for (let at = 0; at < batch.length; at++) if (dropped?.[at] !== 1) kept.push(at);
  copy.length = kept.length;
  copy.refs = Uint32Array.from(kept, (at) => batch.refs[at]!);
  copy.timesMs = Float64Array.from(kept, (at) => batch.timesMs[at]!);
  const words = new Uint32Array(batch.values.buffer, batch.values.byteOffset, batch.length * 2);
  copy.values = new Float64Array(kept.length);
  const copied = new Uint32Array(copy.values.buffer);
  kept.forEach((at, to) => {
    copied[to * 2] = words[at * 2]!;
    copied[to * 2 + 1] = words[at * 2 + 1]!;
  });
  const { histograms, startTimesMs } = batch;
  if (histograms !== undefined) {
    copy.histograms = new Map();
    kept.forEach((at, to) => {
      const histogram = histograms.get(at);
      if (histogram !== undefined) copy.histograms!.set(to, histogram);
    });
  }
  if (startTimesMs !== undefined) {
    copy.startTimesMs = Float64Array.from(kept, (at) => startTimesMs[at]!);
  }
  copy.exemplars = batch.exemplars?.slice();
  return copy;
}
