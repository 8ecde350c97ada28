import type { MetricMetadata } from '#metrics/model';

/** Metric names are chosen by those who send: beyond this many nothing new is kept. */
const maxMetrics = 200_000;
/** Different words for one metric; the newest stay. */
const maxPerMetric = 10;

/** What is known of metrics by their names. */
export class MetadataTable {
  readonly #metrics = new Map<string, MetricMetadata[]>();

  /** @returns whether that is news */
  set(metric: string, metadata: MetricMetadata): boolean {
    const known = this.#metrics.get(metric);
    if (known === undefined) {
      if (this.#metrics.size >= maxMetrics) return false;
      this.#metrics.set(metric, [metadata]);
      return true;
    }
    const { type, help, unit } = metadata;
    const isKnown = known.some(
      (each) => each.type === type && each.help === help && each.unit === unit,
    );
    if (isKnown) return false;
    known.push({ type, help, unit });
    if (known.length > maxPerMetric) known.shift();
    return true;
  }

  get(metric?: string): ReadonlyMap<string, readonly MetricMetadata[]> {
    if (metric === undefined) return this.#metrics;
    const known = this.#metrics.get(metric);
    return known === undefined ? new Map() : new Map([[metric, known]]);
  }
}
