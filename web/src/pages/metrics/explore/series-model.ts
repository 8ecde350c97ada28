import type { Labels, WireMatrixItem } from '../../../api/metrics.ts';
import type { TimeSeries } from '../../../charts/time-chart.tsx';
import type { ResolvedRange } from '../../../time/range.ts';

/** More lines than these are a blur to the eye and a burden to the browser; the table has all. */
export const maxDrawnSeries = 1000;

/** The moments of a range query: `count` of them from `fromMs`, `stepMs` apart. */
export interface Grid {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly count: number;
}

/** Begins at a multiple of the step, so that the same moments are asked for after a refresh. */
export function gridOf({ fromMs, toMs }: ResolvedRange, stepMs: number): Grid {
  const start = Math.floor(fromMs / stepMs) * stepMs;
  const count = Math.floor((toMs - start) / stepMs) + 1;
  return { fromMs: start, toMs: start + (count - 1) * stepMs, stepMs, count };
}

export interface QueryResult {
  /** `A` for the first query. */
  readonly letter: string;
  readonly expr: string;
  readonly items: readonly WireMatrixItem[];
}

export interface GraphModel {
  readonly timesMs: readonly number[];
  readonly series: readonly TimeSeries[];
  /** Of each series, by its name in the chart. */
  readonly labels: ReadonlyMap<string, Labels>;
  /** The letter of each one's query. */
  readonly letters: ReadonlyMap<string, string>;
  /** Series that are not drawn. */
  readonly more: number;
}

/** Results of several queries as the series of one chart, over one grid. */
export function graphModel(results: readonly QueryResult[], grid: Grid): GraphModel {
  const timesMs = Array.from({ length: grid.count }, (_, at) => grid.fromMs + at * grid.stepMs);
  const series: TimeSeries[] = [];
  const labels = new Map<string, Labels>();
  const letters = new Map<string, string>();
  let more = 0;
  for (const { letter, expr, items } of results) {
    const names = seriesNames(
      items.map((item) => item.metric),
      expr,
    );
    for (const [index, item] of items.entries()) {
      if (series.length >= maxDrawnSeries) {
        more += items.length - index;
        break;
      }
      const own = names[index] as string;
      // Two queries may give the same series; the letter tells them apart.
      const name = results.length > 1 ? `${letter}  ${own}` : own;
      labels.set(name, item.metric);
      letters.set(name, letter);
      series.push({ name, values: valuesOn(item, grid) });
    }
  }
  return { timesMs, series, labels, letters, more };
}

/** One value for each moment of the grid; null where there is none, or none that can be drawn. */
export function valuesOn(item: WireMatrixItem, grid: Grid): readonly (number | null)[] {
  const values = new Array<number | null>(grid.count).fill(null);
  const put = (seconds: number, text: string): void => {
    const at = Math.round((seconds * 1000 - grid.fromMs) / grid.stepMs);
    const value = Number(text);
    if (at >= 0 && at < grid.count && Number.isFinite(value)) values[at] = value;
  };
  for (const [seconds, text] of item.values ?? []) put(seconds, text);
  // A native histogram is drawn as its mean.
  for (const [seconds, { sum, count }] of item.histograms ?? []) {
    put(seconds, String(Number(sum) / Number(count)));
  }
  return values;
}

/**
 * A name for each series of a query that is as short as tells them apart: labels that all share are
 * left out. A series without any label is named by its expression.
 */
export function seriesNames(metrics: readonly Labels[], expr: string): readonly string[] {
  const [first] = metrics;
  if (first === undefined) return [];
  if (metrics.length === 1) return [seriesText(first) || expr.trim()];
  const shared = new Set(
    Object.keys(first).filter((name) => metrics.every((labels) => labels[name] === first[name])),
  );
  const metric = shared.has('__name__') ? first['__name__'] : undefined;
  return metrics.map((labels) => {
    const rest = Object.fromEntries(Object.entries(labels).filter(([name]) => !shared.has(name)));
    return seriesText(metric === undefined ? rest : { __name__: metric, ...rest }) || '{}';
  });
}

const plainName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** As PromQL writes a series: `up{job="node"}`; '' for one without labels. */
export function seriesText({ __name__: metric = '', ...labels }: Labels): string {
  const isPlain = metric === '' || plainName.test(metric);
  const parts = Object.entries(labels).map(
    ([name, value]) =>
      `${plainName.test(name) ? name : JSON.stringify(name)}=${JSON.stringify(value)}`,
  );
  if (!isPlain) parts.unshift(JSON.stringify(metric));
  return `${isPlain ? metric : ''}${parts.length === 0 ? '' : `{${parts.join(', ')}}`}`;
}

/** Labels, name apart, that all the series share: what they have in common with the logs beside them. */
export function sharedLabels(metrics: readonly Labels[]): Labels {
  const [first] = metrics;
  if (first === undefined) return {};
  return Object.fromEntries(
    Object.entries(first).filter(
      ([name, value]) => name !== '__name__' && metrics.every((labels) => labels[name] === value),
    ),
  );
}
