import {
  type Labels,
  labelsKey,
  labelsOf,
  type MetricMetadata,
  metricNameLabel,
} from '#metrics/model';
import { type MetricStore, refusedSeries, SampleBatch } from '#metrics/tsdb';

/** Series that log events may make: a dimension with endless values must not fill the store. */
const maxSeries = 20_000;
/** Of one namespace of metrics: one that is full leaves room for the others. */
const maxNamespaceSeries = 10_000;
/** A series of a dimension value that came no more is let go after this. */
const forgetMs = 60 * 60_000;

interface Entry {
  readonly metric: string;
  readonly namespace: string;
  readonly labels: readonly (readonly [string, string])[];
  sum: number;
  count: number;
  lastMs: number;
}

/**
 * Values out of log events as series: `NAME_sum` and `NAME_count` grow as the parts of a summary do, so
 * that `rate(x_sum[5m]) / rate(x_count[5m])` is the average and `increase(x_count[1h])` the number.
 */
export class LogMetricAccumulator {
  readonly #entries = new Map<string, Entry>();
  readonly #byNamespace = new Map<string, number>();
  readonly #metadata = new Map<string, MetricMetadata>();
  /** Values left out because there are too many series. */
  refused = 0;

  get series(): number {
    return this.#entries.size;
  }

  /** Names and labels are as CloudWatch has them; they are made fit for PromQL here. */
  add(
    metric: { readonly namespace: string; readonly name: string; readonly unit: string },
    dimensions: Iterable<readonly [string, string]>,
    { sum, count }: { readonly sum: number; readonly count: number },
    nowMs: number,
  ): void {
    const name = metricName(metric.namespace, metric.name);
    const labels = [...dimensions].map(([key, text]) => [labelName(key), text] as const);
    const key = `${name}\n${labelsKey(labelsOf(labels))}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const { namespace } = metric;
      const others = this.#byNamespace.get(namespace) ?? 0;
      if (this.#entries.size >= maxSeries || others >= maxNamespaceSeries) {
        this.refused++;
        return;
      }
      this.#byNamespace.set(namespace, others + 1);
      entry = { metric: name, namespace, labels, sum: 0, count: 0, lastMs: nowMs };
      this.#entries.set(key, entry);
      const unit = metric.unit === 'None' ? '' : metric.unit;
      const help = `${metric.name} of ${metric.namespace}, out of log events`;
      this.#metadata.set(name, { type: 'summary', help, unit });
    }
    entry.sum += sum;
    entry.count += count;
    entry.lastMs = nowMs;
  }

  /** Writes the present values. @throws {AppError} STORE_FULL, STORE_CLOSED; they are written next time */
  async flush(store: MetricStore, nowMs: number): Promise<void> {
    const batch = new SampleBatch();
    for (const [key, { metric, namespace, labels, sum, count, lastMs }] of this.#entries) {
      if (nowMs - lastMs > forgetMs) {
        this.#entries.delete(key);
        const left = (this.#byNamespace.get(namespace) ?? 1) - 1;
        if (left === 0) this.#byNamespace.delete(namespace);
        else this.#byNamespace.set(namespace, left);
        continue;
      }
      for (const [suffix, value] of [
        ['sum', sum],
        ['count', count],
      ] as const) {
        const ref = store.seriesRef(seriesLabels(`${metric}_${suffix}`, labels));
        if (ref !== refusedSeries) batch.add(ref, nowMs, value);
      }
    }
    for (const [metric, metadata] of this.#metadata) store.setMetadata(metric, metadata);
    this.#metadata.clear();
    if (batch.length > 0) await store.append(batch);
  }
}

const seriesLabels = (name: string, labels: Entry['labels']): Labels =>
  labelsOf([...labels, [metricNameLabel, name]]);

/** `MyApp/Web` and `ErrorCount` are `MyApp_Web_ErrorCount`. */
export function metricName(namespace: string, name: string): string {
  const joined = `${namespace}_${name}`.replace(/[^a-zA-Z0-9_:]+/g, '_');
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

function labelName(dimension: string): string {
  const name = dimension.replace(/[^a-zA-Z0-9_]+/g, '_');
  return /^\d/.test(name) || name === '' ? `_${name}` : name;
}
