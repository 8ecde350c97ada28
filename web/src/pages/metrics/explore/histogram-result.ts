import type { WireHistogramValue, WireMatrixItem } from '../../../api/metrics.ts';
import { type HeatCell, type HeatModel, heatModel } from '../../../charts/heat-model.ts';
import type { Grid } from './series-model.ts';

/** How the buckets of a result stand in it; undefined: it has none. */
export type HistogramKind = 'classic' | 'native';

/** Native: a sample is a whole histogram. Classic: every series is one bucket, named by `le`. */
export function histogramKind(items: readonly WireMatrixItem[]): HistogramKind | undefined {
  if (items.some((item) => (item.histograms?.length ?? 0) > 0)) return 'native';
  const bounds = new Set(items.map((item) => item.metric['le']));
  return bounds.size > 1 && !bounds.has(undefined) ? 'classic' : undefined;
}

/** The buckets of a result at each moment; series that differ in other labels than `le` are summed. */
export function heatOf(items: readonly WireMatrixItem[], grid: Grid): HeatModel {
  const timesMs = Array.from({ length: grid.count }, (_, at) => grid.fromMs + at * grid.stepMs);
  const columns =
    histogramKind(items) === 'native' ? nativeColumns(items, grid) : classicColumns(items, grid);
  return heatModel(timesMs, grid.stepMs, columns);
}

const placeOf = (seconds: number, grid: Grid): number =>
  Math.round((seconds * 1000 - grid.fromMs) / grid.stepMs);

/** Buckets of classic histograms hold those below them too. */
function classicColumns(
  items: readonly WireMatrixItem[],
  grid: Grid,
): readonly (readonly HeatCell[])[] {
  const sums = new Map<number, Float64Array>();
  for (const item of items) {
    const bound = boundOf(item.metric['le'] ?? '');
    if (Number.isNaN(bound)) continue;
    const sum = sums.get(bound) ?? new Float64Array(grid.count).fill(Number.NaN);
    sums.set(bound, sum);
    for (const [seconds, text] of item.values ?? []) {
      const at = placeOf(seconds, grid);
      const value = Number(text);
      if (at < 0 || at >= grid.count || !Number.isFinite(value)) continue;
      const before = sum[at] as number;
      sum[at] = Number.isNaN(before) ? value : before + value;
    }
  }
  const bounds = [...sums.keys()].sort((a, b) => a - b);
  return Array.from({ length: grid.count }, (_, at) => {
    const cells: HeatCell[] = [];
    let below = 0;
    // Below the first bound nobody knows how far down: times and sizes begin at zero.
    let lower = (bounds[0] ?? 0) > 0 ? 0 : Number.NEGATIVE_INFINITY;
    for (const upper of bounds) {
      const sum = sums.get(upper)?.[at] ?? Number.NaN;
      if (!Number.isNaN(sum)) {
        cells.push({ lower, upper, count: Math.max(0, sum - below) });
        below = Math.max(below, sum);
      }
      lower = upper;
    }
    return cells;
  });
}

function nativeColumns(
  items: readonly WireMatrixItem[],
  grid: Grid,
): readonly (readonly HeatCell[])[] {
  const columns = Array.from({ length: grid.count }, () => new Map<string, HeatCell>());
  for (const item of items) {
    for (const [seconds, histogram] of item.histograms ?? []) {
      const column = columns[placeOf(seconds, grid)];
      if (column === undefined) continue;
      for (const cell of bucketsOf(histogram)) {
        const key = `${cell.lower} ${cell.upper}`;
        const before = column.get(key);
        const count = cell.count + (before?.count ?? 0);
        column.set(key, before === undefined ? cell : { ...cell, count });
      }
    }
  }
  return columns.map((column) => [...column.values()].sort((a, b) => a.lower - b.lower));
}

/** From below. */
export function bucketsOf({ buckets = [] }: WireHistogramValue): readonly HeatCell[] {
  return buckets.map(([, lower, upper, count]) => ({
    lower: boundOf(lower),
    upper: boundOf(upper),
    count: Number(count),
  }));
}

/** As Go writes numbers: `+Inf` is none to JavaScript. */
function boundOf(text: string): number {
  if (/^\+?inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  return /^-inf$/i.test(text) ? Number.NEGATIVE_INFINITY : text === '' ? Number.NaN : Number(text);
}
