import type { Mark, Threshold, TimeSeriesOptions } from './contract.ts';
import { axisSizePx, type Box, centered, frame, svgDocument } from './frame.ts';
import { type Legend, legend } from './legend.ts';
import { shortNumber } from './number-text.ts';
import { linearScale, niceTicks, type Scale, timeTicks, zoneLabel } from './scale.ts';
import { type DrawnSeries, drawnSeries, lastValue, rangeOf } from './series-paths.ts';
import { element, type Markup, textElement } from './svg.ts';
import { fitText, textWidth } from './text.ts';
import { seriesColors, type Theme, themes } from './theme.ts';

/** More lines than this are a carpet; the legend counts the others. */
export const maxDrawnSeries = 40;
/** Of flags at the top edge. */
const maxMarks = 20;
const timeAxisPx = 24;
const flagRowPx = 16;

/** A chart of series over time as an SVG document. The same input gives the same text. */
export function timeSeriesSvg(options: TimeSeriesOptions): string {
  const theme = themes[options.theme];
  const format = options.formatValue ?? shortNumber;
  const { parts, box } = frame(options);
  const shown = options.series.slice(0, maxDrawnSeries);
  const byName = seriesColors(
    shown.map(({ name }) => name),
    theme,
  );
  const colors = shown.map(({ color }, at) => color ?? (byName[at] as string));
  const key = legendOf(options, colors, box, format);
  const marks = (options.marks ?? []).slice(0, maxMarks);
  const plotTop = box.top + (marks.length > 0 ? flagRowPx : 4);
  const plotBottom = box.bottom - key.heightPx - timeAxisPx;
  const drawn = drawnSeries(shown, options);
  const isEmpty = drawn.every(({ runs }) => runs.length === 0);
  if (isEmpty && (options.thresholds ?? []).length === 0) {
    return svgDocument(options, [...parts, centered(box, options.emptyText ?? 'No data', options)]);
  }
  const values = valueTicks(options, drawn, plotBottom - plotTop);
  const labels = withoutRepeats(values.map(format));
  const axisPx = Math.max(24, ...labels.map((text) => textWidth(text, axisSizePx))) + 8;
  const plot: Box = {
    left: box.left + axisPx,
    top: plotTop,
    right: box.right,
    bottom: plotBottom,
  };
  const x = linearScale([options.fromMs, options.toMs], [plot.left, plot.right]);
  const y = linearScale([values[0] as number, values.at(-1) as number], [plot.bottom, plot.top]);
  parts.push(
    ...valueAxis(values, labels, { plot, y, theme }),
    ...timeAxis(options, { plot, x, theme }),
    ...regions(options.thresholds ?? [], { plot, y, theme }),
  );
  const fillOpacity = options.fillOpacity ?? (shown.length === 1 ? 0.08 : 0);
  for (const [at, series] of drawn.entries()) {
    parts.push(...line(series, { x, y, color: colors[at] as string, fillOpacity }));
  }
  if (isEmpty) {
    parts.push(centered(plot, options.emptyText ?? 'No data', options));
  }
  parts.push(
    ...thresholdLines(options.thresholds ?? [], { plot, y, theme, format }),
    ...flags(marks, { plot, x, theme }),
    ...key.draw(box.left, plot.bottom + timeAxisPx + 4),
  );
  return svgDocument(options, parts);
}

/** A format with few decimals makes the same text of several ticks: one of them says it. */
const withoutRepeats = (labels: readonly string[]): readonly string[] =>
  labels.map((label, at) => (label === labels[at - 1] ? '' : label));

interface Axes {
  readonly plot: Box;
  readonly theme: Theme;
}

function legendOf(
  options: TimeSeriesOptions,
  colors: readonly string[],
  box: Box,
  format: (value: number) => string,
): Legend {
  const entries =
    options.legend === 'none'
      ? []
      : options.series.map((series, at) => {
          const last = lastValue(series);
          return {
            name: series.name,
            value: last === undefined ? '' : format(last),
            color: colors[at] ?? themes[options.theme].text3,
          };
        });
  return legend(entries, box.right - box.left, themes[options.theme]);
}

/** Thresholds are shown even where the values are far from them. */
function valueTicks(
  options: TimeSeriesOptions,
  drawn: readonly DrawnSeries[],
  heightPx: number,
): readonly number[] {
  const [low, high] = rangeOf(
    drawn,
    (options.thresholds ?? []).map(({ value }) => value),
  );
  const min = options.min ?? (low > 0 && low < high * 0.6 ? 0 : low);
  const max = options.max ?? high;
  const count = Math.max(2, Math.floor(heightPx / 44));
  if (options.isBinary !== true) return niceTicks(min, Math.max(min, max), count);
  const size = Math.max(Math.abs(min), Math.abs(max), 1);
  const unit = 1024 ** Math.floor(Math.log(size) / Math.log(1024));
  return niceTicks(min / unit, Math.max(min, max) / unit, count).map((tick) => tick * unit);
}

function valueAxis(
  values: readonly number[],
  labels: readonly string[],
  { plot, y, theme }: Axes & { readonly y: Scale },
): Markup[] {
  return values.flatMap((value, at) => [
    element('line', {
      x1: plot.left,
      x2: plot.right,
      y1: y.at(value),
      y2: y.at(value),
      stroke: at === 0 ? theme.strongLine : theme.line,
    }),
    textElement(
      {
        x: plot.left - 8,
        y: y.at(value) + 4,
        'text-anchor': 'end',
        'font-size': axisSizePx,
        fill: theme.text3,
      },
      labels[at] as string,
    ),
  ]);
}

function timeAxis(
  { fromMs, toMs, zone }: TimeSeriesOptions,
  { plot, x, theme }: Axes & { readonly x: Scale },
): Markup[] {
  const zoneText = zoneLabel(zone, toMs);
  const zonePx = textWidth(zoneText, axisSizePx) + 12;
  const baseline = plot.bottom + 17;
  const label = (at: number, anchor: string, text: string): Markup =>
    textElement(
      { x: at, y: baseline, 'text-anchor': anchor, 'font-size': axisSizePx, fill: theme.text3 },
      text,
    );
  const ticks = timeTicks(fromMs, toMs, Math.max(2, (plot.right - plot.left) / 90), zone);
  return [
    ...ticks
      .filter(({ timeMs }) => x.at(timeMs) < plot.right - zonePx - 16)
      .map(({ timeMs, label: text }) => label(x.at(timeMs), 'middle', text)),
    label(plot.right, 'end', zoneText),
  ];
}

function regions(
  thresholds: readonly Threshold[],
  { plot, y, theme }: Axes & { readonly y: Scale },
): Markup[] {
  return thresholds.flatMap(({ value, region, color }) => {
    if (region === undefined) return [];
    const edge = within(y.at(value), plot.top, plot.bottom);
    const [top, bottom] = region === 'above' ? [plot.top, edge] : [edge, plot.bottom];
    return [
      element('rect', {
        x: plot.left,
        y: top,
        width: plot.right - plot.left,
        height: bottom - top,
        fill: color ?? theme.critical,
        'fill-opacity': 0.08,
      }),
    ];
  });
}

function thresholdLines(
  thresholds: readonly Threshold[],
  {
    plot,
    y,
    theme,
    format,
  }: Axes & { readonly y: Scale; readonly format: (value: number) => string },
): Markup[] {
  return thresholds
    .filter(({ value }) => value >= y.min && value <= y.max)
    .flatMap(({ value, color = theme.critical, label }) => {
      const at = y.at(value);
      const text = label ?? format(value);
      // Above the line, unless it is the top one.
      const baseline = at - plot.top < 16 ? at + 13 : at - 5;
      return [
        element('line', {
          x1: plot.left,
          x2: plot.right,
          y1: at,
          y2: at,
          stroke: color,
          'stroke-dasharray': '5 4',
        }),
        haloText({ x: plot.left + 6, y: baseline, fill: color, text }, theme),
      ];
    });
}

/** Readable on top of lines. */
function haloText(
  {
    x,
    y,
    fill,
    text,
  }: {
    readonly x: number;
    readonly y: number;
    readonly fill: string;
    readonly text: string;
  },
  theme: Theme,
): Markup {
  return textElement(
    {
      x,
      y,
      'font-size': axisSizePx,
      fill,
      stroke: theme.background,
      'stroke-width': 3,
      'stroke-linejoin': 'round',
      'paint-order': 'stroke',
    },
    text,
  );
}

function line(
  { runs }: DrawnSeries,
  style: {
    readonly x: Scale;
    readonly y: Scale;
    readonly color: string;
    readonly fillOpacity: number;
  },
): Markup[] {
  const { x, y, color, fillOpacity } = style;
  const low = Math.min(y.min, y.max);
  const clamp = (value: number): number => within(value, low, Math.max(y.min, y.max));
  return runs.flatMap((run) => {
    const top = run.map(({ timeMs, value }): readonly [number, number] => [
      x.at(timeMs),
      y.at(clamp(value)),
    ]);
    const path = run.length === 1 ? dotOf(top[0] as readonly [number, number]) : pathText(top);
    const parts: Markup[] = [];
    if (fillOpacity > 0 && run.length > 1) {
      const base = [...run]
        .reverse()
        .map(({ timeMs, base: from }): readonly [number, number] => [
          x.at(timeMs),
          y.at(clamp(from ?? Math.max(low, Math.min(0, Math.max(y.min, y.max))))),
        ]);
      parts.push(
        element('path', {
          d: `${pathText([...top, ...base])}Z`,
          fill: color,
          'fill-opacity': fillOpacity,
        }),
      );
    }
    parts.push(
      element('path', {
        d: path,
        fill: 'none',
        stroke: color,
        'stroke-width': run.length === 1 ? 4 : 1.5,
        'stroke-linejoin': 'round',
        'stroke-linecap': 'round',
      }),
    );
    return parts;
  });
}

function flags(marks: readonly Mark[], { plot, x, theme }: Axes & { readonly x: Scale }): Markup[] {
  return marks
    .filter(({ timeMs }) => timeMs >= x.min && timeMs <= x.max)
    .flatMap(({ timeMs, label, color = theme.text2 }) => {
      const at = x.at(timeMs);
      const isLeft = at > (plot.left + plot.right) / 2;
      const roomPx = (isLeft ? at - plot.left : plot.right - at) - 6;
      return [
        element('line', {
          x1: at,
          x2: at,
          y1: plot.top - 10,
          y2: plot.bottom,
          stroke: color,
          'stroke-dasharray': '2 3',
        }),
        textElement(
          {
            x: isLeft ? at - 5 : at + 5,
            y: plot.top - 5,
            'text-anchor': isLeft ? 'end' : 'start',
            'font-size': axisSizePx,
            fill: color,
          },
          fitText(label, roomPx, axisSizePx),
        ),
      ];
    });
}

const within = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value));

const pathText = (points: readonly (readonly [number, number])[]): string => {
  const written = (value: number): number => Math.round(value * 10) / 10;
  return points
    .map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${written(px)} ${written(py)}`)
    .join('');
};

const dotOf = ([px, py]: readonly [number, number]): string =>
  pathText([
    [px, py],
    [px, py],
  ]);
