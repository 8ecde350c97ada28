import {
  bridged,
  type ChartSeries,
  type Column,
  legendItems,
  legendOptions,
  type SeriesModel,
  type Stacked,
  seriesModel,
  stacked,
  textAt,
  timeOf,
  type XField,
  type YScale,
  yScales,
} from '#dashboards/fields';
import {
  type Box,
  linearScale,
  type Markup,
  type Scale,
  textWidth,
  timeTicks,
  zoneLabel,
} from '#picture';
import { drawAnnotations } from './annotations.ts';
import { drawAxis, type YAxis, yAxisOf } from './axis.ts';
import type { DrawContext } from './contract.ts';
import { placeLegend } from './legend.ts';
import { axisPx, middleOf, rect, words } from './marks.ts';
import { drawSeries } from './series.ts';
import { thresholdAreas, thresholdLines } from './thresholds.ts';

/** More lines than this are a carpet; the legend counts the others. */
const maxSeries = 200;
const timeAxisPx = 22;
const timeTickPx = 64;

/** Series over time, or over another number, with the axes, stacks, areas and thresholds of the page. */
export function drawTimeSeries(context: DrawContext): readonly Markup[] {
  const { fields, panel, colors, words: said } = context;
  const model = seriesModel(
    fields.frames,
    fields.theme,
    panel.type === 'trend' ? xFieldOf(panel) : timeOf,
  );
  const series = model.series.filter(({ options }) => !options.hiddenFrom.viz).slice(0, maxSeries);
  if (series.length === 0) {
    return [middleOf(context.box, model.isTime ? said.noData : said.noTime, colors.text3)];
  }
  const options = legendOptions(panel);
  const key = placeLegend(legendItems(model.series, options.calcs), options, context);
  const sums = stackedSeries(series);
  const columns = series.map((one, at) => bridgedColumn(model, one, sums.columns[at] as Column));
  const scales = yScales(series);
  const places = new Map(series.map((one, at) => [one, at]));
  const plotHeight = key.box.bottom - key.box.top - timeAxisPx - 6;
  const x = xRange(model, context);
  const axes = scales.map((scale) =>
    yAxisOf(scale, seenBy(scale, { model, sums, columns, places, x }), plotHeight),
  );
  const plot = plotBox(key.box, axes);
  const toX = linearScale(x, [plot.left, plot.right]);
  const drawn = axes.map((axis) => axis.on(plot));
  const axisOf = new Map(drawn.flatMap((axis) => axis.scale.members.map((one) => [one, axis])));
  return [
    ...drawn.flatMap((axis) => drawAxis(axis, plot, context, axis === drawn[0])),
    ...xAxis(model, toX, plot, context),
    ...thresholdAreas(drawn, plot, context),
    ...series.flatMap((one, at) => {
      const axis = axisOf.get(one);
      if (axis === undefined) return [];
      return drawSeries(one, {
        xs: model.isTime ? model.xs.map((seconds) => seconds * 1000) : model.xs,
        column: columns[at] as Column,
        lower: lowerOf(at, series, sums, columns),
        x: toX,
        axis,
        plot,
        context,
      });
    }),
    ...thresholdLines(drawn, plot, context),
    ...(model.isTime ? drawAnnotations(toX, plot, context) : []),
    ...key.parts,
  ];
}

/** What a trend is drawn over: the field that its options name, else the first numbers. */
function xFieldOf({ options }: DrawContext['panel']): XField {
  const wanted = textAt(options, 'xField', '');
  return (frame) =>
    frame.fields.find(({ name }) => name === wanted) ??
    frame.fields.find(({ type }) => type === 'number');
}

/** Sums of each stack, as the page makes them. */
function stackedSeries(series: readonly ChartSeries[]): Stacked {
  return stacked(
    series.map(({ options, values, scaleKey }) => ({
      stacking: options.stacking,
      group: `${options.stackGroup} ${options.drawStyle} ${scaleKey}`,
      values,
    })),
  );
}

function bridgedColumn(model: SeriesModel, { options }: ChartSeries, column: Column): Column {
  const { spanNulls } = options;
  if (spanNulls === true) return column.map((value) => value ?? undefined);
  return typeof spanNulls === 'number' && model.isTime
    ? bridged(model.xs, column, spanNulls / 1000)
    : column;
}

/** The edge below an area: of a stack, or of the series that it is filled down to. */
function lowerOf(
  at: number,
  series: readonly ChartSeries[],
  sums: Stacked,
  columns: readonly Column[],
): Column | undefined {
  const band = sums.bands.find(({ upper }) => upper === at);
  if (band !== undefined) {
    return band.lower < series.length
      ? columns[band.lower]
      : sums.baselines[band.lower - series.length]?.column;
  }
  const { fillBelowTo } = (series[at] as ChartSeries).options;
  if (fillBelowTo === '') return undefined;
  const lower = series.findIndex(({ name }) => name === fillBelowTo);
  return lower < 0 ? undefined : columns[lower];
}

function xRange(model: SeriesModel, { fromMs, toMs }: DrawContext): readonly [number, number] {
  if (model.isTime) return [fromMs, toMs];
  const [first = 0] = model.xs;
  return [first, model.xs.at(-1) ?? first + 1];
}

/** The least and the greatest value of an axis that are in sight. */
function seenBy(
  scale: YScale,
  seen: {
    readonly model: SeriesModel;
    readonly sums: Stacked;
    readonly columns: readonly Column[];
    readonly places: ReadonlyMap<ChartSeries, number>;
    readonly x: readonly [number, number];
  },
): readonly [number, number] | undefined {
  const { model, columns, places, x } = seen;
  const factor = model.isTime ? 1000 : 1;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const member of scale.members) {
    const column = columns[places.get(member) ?? -1] ?? [];
    for (let at = 0; at < column.length; at++) {
      const value = column[at];
      const place = (model.xs[at] as number) * factor;
      if (value == null || place < x[0] || place > x[1]) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low > high ? undefined : [low, high];
}

function plotBox(box: Box, axes: readonly YAxis[]): Box {
  const widthOf = (side: 'left' | 'right'): number =>
    axes.filter((axis) => axis.scale.side === side).reduce((sum, axis) => sum + axis.widthPx, 0);
  return {
    left: box.left + Math.max(8, widthOf('left')),
    right: box.right - Math.max(8, widthOf('right')),
    top: box.top + 6,
    bottom: box.bottom - timeAxisPx,
  };
}

function xAxis(
  model: SeriesModel,
  toX: Scale,
  plot: Box,
  { fromMs, toMs, zone, colors }: DrawContext,
): readonly Markup[] {
  const y = plot.bottom + 15;
  const count = Math.max(2, (plot.right - plot.left) / timeTickPx);
  if (!model.isTime) {
    const texts = [toX.min, (toX.min + toX.max) / 2, toX.max];
    return texts.map((value) =>
      words(String(Number(value.toPrecision(4))), {
        x: toX.at(value),
        y,
        fill: colors.text3,
        sizePx: axisPx,
        anchor: 'middle',
      }),
    );
  }
  const zoneText = zoneLabel(zone, toMs);
  const zonePx = textWidth(zoneText, axisPx);
  const hasZone = plot.right - plot.left > 420;
  const lastPx = plot.right - (hasZone ? zonePx + 40 : 14);
  return [
    ...timeTicks(fromMs, toMs, count, zone)
      .filter(({ timeMs }) => toX.at(timeMs) < lastPx && toX.at(timeMs) > plot.left + 10)
      .flatMap(({ timeMs, label }) => {
        const x = toX.at(timeMs);
        return [
          rect({ left: x, right: x + 1, top: plot.top, bottom: plot.bottom }, colors.line, {
            'fill-opacity': 0.45,
          }),
          words(label, { x, y, fill: colors.text3, sizePx: axisPx, anchor: 'middle' }),
        ];
      }),
    ...(hasZone
      ? [words(zoneText, { x: plot.right, y, fill: colors.text3, sizePx: axisPx, anchor: 'end' })]
      : []),
  ];
}
