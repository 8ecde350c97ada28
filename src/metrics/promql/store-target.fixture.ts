import {
  isStaleValue,
  type LabelQuery,
  type Labels,
  type Queryable,
  type SelectRequest,
  type SeriesSelection,
  setStaleAt,
  wordsOf,
} from '#metrics/model';
import { type MetricStore, openMemoryMetricStore, SampleBatch } from '#metrics/tsdb';
import { type MemorySample, withStoredHints } from './testing/memory-queryable.ts';

/** The real store in memory as what scripts load into; clearing opens another one. */
export class StoreTarget implements Queryable, AsyncDisposable {
  #store: MetricStore = openMemoryMetricStore();

  async clear(): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
    this.#store = openMemoryMetricStore();
  }

  async append(labels: Labels, samples: readonly MemorySample[]): Promise<void> {
    const ref = this.#store.seriesRef(labels);
    const batch = new SampleBatch();
    // The reference's store knows what is no reset; ours keeps the hints that it is given.
    for (const { timeMs, value, histogram, startMs } of withStoredHints(samples)) {
      const at = batch.length;
      batch.add(ref, timeMs, value);
      if (histogram !== undefined) {
        batch.histograms ??= new Map();
        batch.histograms.set(at, histogram);
      } else if (isStaleValue(value)) {
        setStaleAt(wordsOf(batch.values), at);
      }
      if (startMs === undefined) continue;
      batch.startTimesMs ??= new Float64Array(Math.max(samples.length, batch.timesMs.length));
      batch.startTimesMs[at] = startMs;
    }
    await this.#store.append(batch);
  }

  select(request: SelectRequest, signal: AbortSignal): Promise<SeriesSelection> {
    return this.#store.select(request, signal);
  }

  labelNames(query: LabelQuery, signal: AbortSignal): Promise<readonly string[]> {
    return this.#store.labelNames(query, signal);
  }

  labelValues(name: string, query: LabelQuery, signal: AbortSignal): Promise<readonly string[]> {
    return this.#store.labelValues(name, query, signal);
  }

  series(query: LabelQuery, signal: AbortSignal): Promise<readonly Labels[]> {
    return this.#store.series(query, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }
}
