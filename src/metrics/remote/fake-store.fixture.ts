import {
  isStaleValue,
  type LabelBytes,
  type Labels,
  labelsKey,
  labelsToRecord,
  type MetricMetadata,
} from '#metrics/model';
import type { AppendResult, MetricStore, Rejection, SampleBatch } from '#metrics/tsdb';

/** A store of samples in memory with the part of the contract that receivers use. */
export class FakeStore {
  readonly #refs = new Map<string, number>();
  readonly #labels = new Map<number, Labels>();
  readonly rows: {
    readonly labels: Record<string, string>;
    readonly timeMs: number;
    readonly value: unknown;
    readonly startTimeMs: number;
  }[] = [];
  readonly exemplarRows: unknown[] = [];
  readonly metadataRows: Map<string, MetricMetadata> = new Map();
  readonly #last = new Map<number, number>();
  lookups: number = 0;
  maxSeries: number = Number.POSITIVE_INFINITY;
  #nextRef = 1;

  get store(): MetricStore {
    return this as unknown as MetricStore;
  }

  seriesRef(labels: Labels): number {
    this.lookups++;
    const key = labelsKey(labels);
    const known = this.#refs.get(key);
    if (known !== undefined) return known;
    if (this.#labels.size >= this.maxSeries) return 0;
    const ref = this.#nextRef++;
    this.#refs.set(key, ref);
    this.#labels.set(ref, labels);
    return ref;
  }

  seriesRefOfBytes({ view, places, count }: LabelBytes): number {
    const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
    const labels: string[] = [];
    for (let at = 0; at < count * 4; at += 2) {
      labels.push(bytes.toString('utf8', places[at], places[at + 1]));
    }
    return this.seriesRef(labels);
  }

  seriesLimit(): string | undefined {
    return this.#labels.size >= this.maxSeries ? 'the limit of series is reached' : undefined;
  }

  /** All series lose their numbers, as after a time without samples. */
  forgetSeries(): void {
    this.#refs.clear();
    this.#labels.clear();
  }

  setMetadata(metric: string, metadata: MetricMetadata): void {
    this.metadataRows.set(metric, metadata);
  }

  async append(batch: SampleBatch): Promise<AppendResult> {
    const rejected: Record<Rejection, number> = {
      outOfOrder: 0,
      outOfBounds: 0,
      tooOld: 0,
      duplicate: 0,
      unknownSeries: 0,
    };
    const unknown: number[] = [];
    let first: AppendResult['first'];
    let appended = 0;
    const reject = (index: number, reason: Rejection): void => {
      rejected[reason]++;
      first ??= { index, reason };
    };
    for (let at = 0; at < batch.length; at++) {
      const ref = batch.refs[at]!;
      const labels = this.#labels.get(ref);
      const timeMs = batch.timesMs[at]!;
      if (labels === undefined) {
        unknown.push(at);
        reject(at, 'unknownSeries');
        continue;
      }
      if (timeMs < (this.#last.get(ref) ?? Number.NEGATIVE_INFINITY)) {
        reject(at, 'outOfOrder');
        continue;
      }
      this.#last.set(ref, timeMs);
      appended++;
      const value = batch.histograms?.get(at) ?? batch.values[at]!;
      this.rows.push({
        labels: labelsToRecord(labels),
        timeMs,
        value: typeof value === 'number' && isStaleValue(value) ? 'stale' : value,
        startTimeMs: batch.startTimesMs?.[at] ?? 0,
      });
    }
    for (const { ref, exemplar } of batch.exemplars ?? []) {
      this.exemplarRows.push({ ref, ...exemplar });
    }
    return { appended, rejected, first, unknown };
  }
}
