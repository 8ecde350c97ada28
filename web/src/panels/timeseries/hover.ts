import { type DisplayProcessor, formattedValueToString } from '@grafana/data';
import type uPlot from 'uplot';
import type { TooltipOptions } from '../../../../src/dashboards/fields/legend-options.ts';
import type { ChartSeries, Column } from '../../../../src/dashboards/fields/models/series-model.ts';
import type { TipRow } from '../shared/tip.ts';
import type { PlotData } from './plot.ts';

/** A tooltip that follows the pointer shows so many lines at most; a pinned one shows all. */
const maxRows = 24;

/** A series of other moments than the one pointed at: its value so many samples away still counts. */
const maxSteps = 32;

/**
 * Where a series has its value for the moment at `index`: there, or, where only other series have a
 * sample, at its own nearest one. -1: a gap.
 */
export function indexNear(xs: readonly number[], values: Column, index: number): number {
  const here = values[index];
  if (here === null) return -1;
  if (here !== undefined) return index;
  for (let step = 1; step <= maxSteps; step++) {
    const [before, after] = [values[index - step], values[index + step]];
    const hasBefore = before !== undefined && before !== null;
    const hasAfter = after !== undefined && after !== null;
    if (hasBefore && hasAfter) {
      const x = xs[index] as number;
      const isBefore = x - (xs[index - step] as number) <= (xs[index + step] as number) - x;
      return isBefore ? index - step : index + step;
    }
    if (hasBefore) return index - step;
    if (hasAfter) return index + step;
    if (before === null && after === null) return -1;
  }
  return -1;
}

export interface Hovered {
  readonly rows: readonly TipRow[];
  readonly more: number;
  /** Index of the series nearest to the pointer; -1: none has a value there. */
  readonly nearest: number;
}

/** What is under the pointer. `top` is in CSS px of the plot; undefined: no pointer, only a moment. */
export function hovered(
  u: uPlot,
  plot: PlotData,
  index: number,
  top: number | undefined,
  options: TooltipOptions,
  isWhole: boolean,
): Hovered {
  const xs = u.data[0] as number[];
  const nearest = nearestSeries(u, plot, index, top);
  const found: { readonly at: number; readonly row: TipRow; readonly value: number }[] = [];
  for (const [at, series] of plot.series.entries()) {
    if (series.options.hiddenFrom.tooltip) continue;
    if (options.mode === 'single' && !isWhole && at !== nearest) continue;
    const own = indexNear(xs, series.values, index);
    const value = own < 0 ? null : rawValue(series, series.values[own]);
    if (value === null || (options.hidesZeros && value === 0)) continue;
    found.push({
      at,
      value,
      row: {
        name: series.name,
        text: valueText(series.field.display, value),
        color: series.color,
        isNear: at === nearest && plot.series.length > 1,
      },
    });
  }
  if (options.sort !== 'none') {
    const direction = options.sort === 'asc' ? 1 : -1;
    found.sort((a, b) => direction * (a.value - b.value));
  }
  const limit = isWhole ? found.length : maxRows;
  let shown = found.slice(0, limit);
  // The one that is pointed at is always told.
  if (nearest >= 0 && !shown.some(({ at }) => at === nearest)) {
    const own = found.find(({ at }) => at === nearest);
    if (own !== undefined) shown = [...shown.slice(0, -1), own];
  }
  return { rows: shown.map(({ row }) => row), more: found.length - shown.length, nearest };
}

/** As the data source gave it, where it is drawn on its head. */
export function rawValue(series: ChartSeries, drawn: number | null | undefined): number | null {
  if (drawn === null || drawn === undefined) return null;
  return series.options.transform === 'negative-Y' && drawn !== 0 ? -drawn : drawn;
}

export function valueText(display: DisplayProcessor | undefined, value: number): string {
  return display === undefined ? String(value) : formattedValueToString(display(value));
}

function nearestSeries(u: uPlot, plot: PlotData, index: number, top: number | undefined): number {
  if (top === undefined || top < 0) return -1;
  const xs = u.data[0] as number[];
  let nearest = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < plot.series.length; at++) {
    const column = u.data[at + 1] as Column;
    const own = indexNear(xs, column, index);
    if (own < 0) continue;
    const scale = u.series[at + 1]?.scale ?? 'y';
    const distance = Math.abs(u.valToPos(column[own] as number, scale) - top);
    if (distance < least) {
      least = distance;
      nearest = at;
    }
  }
  return nearest;
}
