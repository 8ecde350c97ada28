import type { Labels } from '../../../api/metrics.ts';
import { seriesText } from './series-model.ts';

export interface LabelCount {
  readonly name: string;
  /** With the series of each, most first. */
  readonly values: readonly { readonly value: string; readonly count: number }[];
}

/** The labels of a metric with how many series each value has; those with most values first. */
export function labelCounts(series: readonly Labels[]): readonly LabelCount[] {
  const labels = new Map<string, Map<string, number>>();
  for (const one of series) {
    for (const [name, value] of Object.entries(one)) {
      if (name === '__name__') continue;
      let values = labels.get(name);
      if (values === undefined) {
        values = new Map();
        labels.set(name, values);
      }
      values.set(value, (values.get(value) ?? 0) + 1);
    }
  }
  return [...labels]
    .map(([name, values]) => ({
      name,
      values: [...values]
        .map(([value, count]) => ({ value, count }))
        .toSorted((a, b) => b.count - a.count || a.value.localeCompare(b.value)),
    }))
    .toSorted((a, b) => b.values.length - a.values.length || a.name.localeCompare(b.name));
}

export const selectorFor = (metric: string, labels: Labels): string =>
  seriesText({ __name__: metric, ...labels });

/** How a metric of its type is best looked at: counters by their rate, histograms by a quantile. */
export function suggestedQuery(selector: string, metric: string, type: string | undefined): string {
  if (metric.endsWith('_bucket') && type === 'histogram') {
    return `histogram_quantile(0.95, sum by (le) (rate(${selector}[5m])))`;
  }
  const isCounter =
    type === 'counter' ||
    (type === undefined && metric.endsWith('_total')) ||
    ((type === 'histogram' || type === 'summary') && /_(?:sum|count)$/.test(metric));
  return isCounter ? `rate(${selector}[5m])` : selector;
}
