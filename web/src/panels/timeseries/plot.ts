import type { GrafanaTheme2 } from '@grafana/data';
import uPlot from 'uplot';
import { type YScale, yScaleOptions } from '../../../../src/dashboards/fields/models/scales.ts';
import {
  bridged,
  type ChartSeries,
  type Column,
  type SeriesModel,
} from '../../../../src/dashboards/fields/models/series-model.ts';
import { stacked } from '../../../../src/dashboards/fields/models/stacks.ts';
import { timeZoneOf } from '../../charts/plot-options.ts';
import { xNumberAxis, xTimeAxis, yAxis } from './axes.ts';
import { fillOf, strokeOf } from './paint.ts';

/** Beyond these, a dot for each line under the pointer costs more than it shows. */
const maxHoverPoints = 40;

export interface PlotData {
  readonly series: readonly ChartSeries[];
  /** What is drawn, as uPlot takes it: x first. */
  readonly data: uPlot.AlignedData;
  readonly bands: readonly uPlot.Band[];
  /** Series that stand on a baseline; these come after all series in `data` and are not seen. */
  readonly baselines: readonly ChartSeries[];
}

/** Sums of stacks, bridged gaps and areas between series, of those that are shown. */
export function plotData(model: SeriesModel, isHidden: (series: ChartSeries) => boolean): PlotData {
  const series = model.series.filter((one) => !one.options.hiddenFrom.viz && !isHidden(one));
  const sums = stacked(
    series.map(({ options, values, scaleKey }) => ({
      stacking: options.stacking,
      group: `${options.stackGroup} ${options.drawStyle} ${scaleKey}`,
      values,
    })),
  );
  const columns = series.map((one, index) => {
    const { spanNulls } = one.options;
    const column = sums.columns[index] as Column;
    return typeof spanNulls === 'number' && model.isTime
      ? bridged(model.xs, column, spanNulls / 1000)
      : column;
  });
  const bands: uPlot.Band[] = sums.bands.map(({ upper, lower, down }) => ({
    series: [upper + 1, lower + 1],
    dir: down ? 1 : -1,
  }));
  for (const [index, { options }] of series.entries()) {
    if (options.fillBelowTo === '') continue;
    const lower = series.findIndex(({ name }) => name === options.fillBelowTo);
    if (lower >= 0) bands.push({ series: [index + 1, lower + 1], dir: -1 });
  }
  const lows = sums.baselines.map(({ column }) => column);
  return {
    series,
    data: [model.xs, ...columns, ...lows] as unknown as uPlot.AlignedData,
    bands,
    baselines: sums.baselines.map(({ under }) => series[under] as ChartSeries),
  };
}

export interface PlotRequest {
  readonly plot: PlotData;
  readonly scales: readonly YScale[];
  readonly model: SeriesModel;
  readonly theme: GrafanaTheme2;
  readonly zones: readonly string[];
  readonly widthPx: number;
  readonly heightPx: number;
  readonly xRange: () => [number, number];
  readonly hooks: uPlot.Hooks.Arrays;
}

export function plotOptions(request: PlotRequest): uPlot.Options {
  const { plot, scales, model, theme, zones, widthPx, heightPx, hooks, xRange } = request;
  const scaleOf = new Map(
    scales.flatMap((scale) => scale.members.map((one) => [one, scale.key] as const)),
  );
  const hasLeft = scales.some(({ side }) => side === 'left');
  const hasRight = scales.some(({ side }) => side === 'right');
  return {
    width: widthPx,
    height: heightPx,
    ms: 1e-3,
    // The last time of the axis stands under the edge and needs room beside it.
    padding: [8, hasRight ? 4 : 18, 0, hasLeft ? 0 : 18],
    legend: { show: false },
    focus: { alpha: 1 },
    hooks,
    ...timeZoneOf(zones[0] ?? 'UTC'),
    cursor: {
      y: false,
      points: { show: plot.series.length <= maxHoverPoints, size: 7, width: 2 },
      drag: { x: true, y: false, setScale: false },
      // Of a series without a value at the moment there is no point either.
      dataIdx: (u, index, closest) =>
        u.data[index]?.[closest] == null && index > 0 ? null : closest,
    },
    scales: {
      x: { time: model.isTime, range: () => xRange() },
      ...Object.fromEntries(scales.map((scale) => [scale.key, yScaleOptions(scale)])),
    },
    axes: [
      ...(model.isTime ? zones.map(timeAxisOf) : [xNumberAxis(model.x?.display)]),
      ...scales.map((scale, index) => yAxis(scale, heightPx, index === 0)),
    ],
    bands: [...plot.bands],
    series: [
      {},
      ...plot.series.map((one) => seriesOf(one, scaleOf.get(one) ?? 'y0', theme)),
      ...plot.baselines.map((one) => baselineOf(one, scaleOf.get(one) ?? 'y0')),
    ],
  };
}

/** One below the other; the first has the grid. */
function timeAxisOf(zone: string, at: number): uPlot.Axis {
  const axis = { ...xTimeAxis(zone), scale: 'x', side: 2 } as uPlot.Axis;
  return at === 0 ? axis : { ...axis, grid: { show: false } };
}

function seriesOf(one: ChartSeries, scale: string, theme: GrafanaTheme2): uPlot.Series {
  const { options } = one;
  const isPoints = options.drawStyle === 'points';
  const isBars = options.drawStyle === 'bars';
  const stroke = strokeOf(one, theme);
  const fill = isPoints ? undefined : fillOf(one, theme);
  return {
    label: one.name,
    scale,
    stroke: stroke as uPlot.Series.Stroke,
    width: isPoints ? 0 : options.lineWidth,
    ...(fill === undefined ? {} : { fill: fill as uPlot.Series.Fill }),
    ...(options.dash.length === 0 ? {} : { dash: [...options.dash] }),
    ...(options.isDotted ? { cap: 'round' as const } : {}),
    spanGaps: options.spanNulls === true,
    paths: pathsOf(one),
    points: pointsOf(one, isPoints, isBars),
    // An area ends at zero where that is in sight, else at the edge.
    fillTo: (u, index) => {
      const { min = 0, max = 0 } = u.scales[u.series[index]?.scale ?? ''] ?? {};
      return Math.min(Math.max(0, min ?? 0), max ?? 0);
    },
  };
}

/** The lower edge of an area, drawn by nothing but the area. */
function baselineOf(one: ChartSeries, scale: string): uPlot.Series {
  const paths = pathsOf(one);
  return { scale, stroke: 'transparent', width: 0, paths, points: { show: false } };
}

function pathsOf({ options }: ChartSeries): uPlot.Series.PathBuilder {
  const { paths } = uPlot;
  const nothing = (): null => null;
  if (options.drawStyle === 'points') return nothing;
  if (options.drawStyle === 'bars') {
    const size: [number, number] = [
      Math.min(1, Math.max(0.05, options.barWidthFactor)),
      options.barMaxWidthPx,
    ];
    return paths.bars?.({ size, align: options.barAlignment, gap: 0 }) ?? nothing;
  }
  switch (options.lineInterpolation) {
    case 'smooth':
      return paths.spline?.() ?? nothing;
    case 'stepBefore':
      return paths.stepped?.({ align: -1 }) ?? nothing;
    case 'stepAfter':
      return paths.stepped?.({ align: 1 }) ?? nothing;
    default:
      return paths.linear?.() ?? nothing;
  }
}

/** Room that a point needs before lines get any by themselves. */
const autoSpacePx = 20;

function pointsOf(one: ChartSeries, isPoints: boolean, isBars: boolean): uPlot.Series.Points {
  const { options, color } = one;
  const size = options.pointSizePx;
  const look = { size, fill: color, width: 0 };
  if (isPoints || options.showPoints === 'always') return { show: true, ...look };
  if (isBars || options.lineWidth === 0) return { show: false };
  if (options.showPoints === 'never')
    return { show: true, ...look, size: Math.min(size, 4), filter: lonePoints };
  return {
    show: true,
    ...look,
    filter: (u, index, isShown) => {
      const { min = 0, max = 0 } = u.scales['x'] ?? {};
      const [first = 0, last = 0] = u.series[0]?.idxs ?? [];
      const xs = u.data[0];
      // Of the part that has values: a series that has just begun is as dense there as ever.
      const part = ((xs[last] ?? 0) - (xs[first] ?? 0)) / (max - min);
      const widthPx = (u.bbox.width / devicePixelRatio) * part;
      const hasRoom = max !== min && (last - first) * autoSpacePx <= widthPx;
      return hasRoom && isShown ? null : lonePoints(u, index);
    },
  };
}

/** Values with a gap, or an end, on both sides: no line shows them. */
function lonePoints(u: uPlot, index: number): number[] {
  const values = u.data[index] as Column;
  const lone: number[] = [];
  let before: number | null = null;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    // Undefined is bridged by the line: neither a value nor a gap.
    if (value === undefined) continue;
    if (value === null) {
      before = null;
      continue;
    }
    if (before === null && isGapAfter(values, at)) lone.push(at);
    before = value;
  }
  return lone;
}

function isGapAfter(values: readonly (number | null | undefined)[], at: number): boolean {
  for (let next = at + 1; next < values.length; next++) {
    const value = values[next];
    if (value !== undefined) return value === null;
  }
  return true;
}
