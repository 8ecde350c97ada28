import uPlot from 'uplot';
import { zoneOffsetMs } from '../time/zone.ts';
import { faded, token } from './colors.ts';
import { axisWidth, type TickUnit, tickSteps } from './ticks.ts';
import type { TimeSeries } from './time-chart.tsx';

export interface PlotLook {
  readonly kind: 'lines' | 'bars' | 'stacked' | 'stacked-bars';
  readonly width: number;
  readonly height: number;
  /** IANA name: where the days and hours of the axis begin. */
  readonly zone: string;
  readonly locale: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly binMs: number | undefined;
  readonly formatValue: (value: number) => string;
  /** False draws neither axis nor grid: a strip. */
  readonly axes: boolean;
  /** Where the value axis begins: `data` near the least value, for what is far from zero. */
  readonly base: 'zero' | 'data';
  readonly unit: TickUnit;
  /** Width of the value axis; undefined: as wide as its words. */
  readonly axisPx?: number | undefined;
}

/** Right of the plot where charts stand below each other: the last time of the axis has its room. */
export const sharedAxisEndPx = 18;

/** Above it, fills would cover each other and a dot for each line would slow the pointer. */
const maxDetailedSeries = 40;

/** uPlot's times are seconds; a Date whose UTC fields are the zone's wall clock places the ticks. */
export function plotOptions(
  look: PlotLook,
  series: readonly (TimeSeries & { readonly color: string })[],
  hooks: uPlot.Hooks.Arrays,
): uPlot.Options {
  const grid = token('--line');
  const text = token('--text-3');
  const font = axisFont();
  // A low chart has no room for the day under the hours.
  const isLow = look.height < 120;
  const isStacked = look.kind === 'stacked' || look.kind === 'stacked-bars';
  const isBars = look.kind === 'bars' || look.kind === 'stacked-bars';
  const isDense = series.length > maxDetailedSeries;
  const steps = tickSteps(look.unit);
  const bars = uPlot.paths.bars?.({ size: [0.86, 60], align: 1, gap: 0 });
  // In a stack the sums are drawn from the last, which is the highest, to the first.
  const drawn = isStacked ? series.toReversed() : series;
  return {
    width: look.width,
    height: look.height,
    ms: 1e-3,
    padding: look.axes ? [8, look.axisPx === undefined ? 8 : sharedAxisEndPx, 0, 0] : [2, 0, 2, 0],
    legend: { show: false },
    hooks,
    cursor: {
      y: false,
      points: { show: !isBars && !isDense, size: 6 },
      drag: { x: true, y: false, setScale: false },
      focus: { prox: -1 },
    },
    ...timeZoneOf(look.zone),
    scales: {
      x: { time: true, range: () => [look.fromMs / 1000, look.toMs / 1000] },
      y: {
        range: (_, min, max) => valueRange(min, max, look.base),
      },
    },
    axes: look.axes
      ? [
          timeAxis(isLow),
          {
            stroke: text,
            font,
            grid: { stroke: faded(grid, 0.55), width: 1 },
            ticks: { show: false },
            border: { show: false },
            gap: 6,
            space: isLow ? 22 : 34,
            size: look.axisPx ?? axisWidth,
            ...(steps === undefined ? {} : { incrs: steps }),
            values: (_, splits) => splits.map(look.formatValue),
          },
        ]
      : [{ show: false }, { show: false }],
    series: [
      {},
      ...drawn.map(
        (one): uPlot.Series => ({
          label: one.name,
          stroke: isBars ? 'transparent' : one.color,
          width: isBars ? 0 : 1.25,
          ...(one.isBound === true ? { dash: [4, 4] } : {}),
          fill: isBars
            ? one.color
            : isStacked
              ? // Opaque: each area lies over the ones behind it and must not mix with them.
                `color-mix(in oklab, ${one.color} 62%, ${token('--bg')})`
              : isDense || look.base === 'data' || one.isBound === true
                ? // From an axis that does not begin at zero, an area would mean nothing.
                  'transparent'
                : // Many areas over each other must not add up to a wall.
                  faded(one.color, 0.08 / Math.max(1, series.length / 4)),
          spanGaps: false,
          // A value between two gaps has no line.
          points: isBars || isDense ? { show: false } : { show: true, size: 4, filter: lonePoints },
          ...(isBars && bars !== undefined ? { paths: bars } : {}),
        }),
      ),
    ],
  };
}

/** Values that have a gap, or an end, on both sides. */
const lonePoints: uPlot.Series.Points.Filter = (u, series) => {
  const values = u.data[series] ?? [];
  const lone: number[] = [];
  for (let at = 0; at < values.length; at++) {
    if ((values[at] ?? null) === null) continue;
    if ((values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null) lone.push(at);
  }
  return lone;
};

/** The page's zone for the ticks of the time axis. */
export function timeZoneOf(zone: string): Pick<uPlot.Options, 'tzDate' | 'fmtDate'> {
  return {
    tzDate: (seconds) => {
      const ms = seconds * 1000;
      // uPlot asks for local fields: shift so that this machine's clock shows the zone's.
      const shown = ms + zoneOffsetMs(zone, ms);
      return new Date(shown + new Date(shown).getTimezoneOffset() * 60_000);
    },
    fmtDate: (template) => {
      const format = uPlot.fmtDate(template);
      return (date) => format(date);
    },
  };
}

/** @param isLow a low chart has no room for the day under the hours */
export function timeAxis(isLow: boolean): uPlot.Axis {
  return {
    stroke: token('--text-3'),
    font: axisFont(),
    grid: { show: false },
    ticks: { stroke: token('--line'), width: 1, size: 4 },
    gap: 3,
    size: isLow ? 22 : 36,
    space: 72,
    values: isLow ? lowAxisTemplates : axisTemplates,
  };
}

export const axisFont = (): string => `11px ${token('--font-text')}`;

/** Some air above; zero is in sight unless `base` lets it go. */
export function valueRange(
  min: number | null,
  max: number | null,
  base: 'zero' | 'data',
): [number, number] {
  if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return [0, 1];
  if (base === 'data') {
    const air = max > min ? (max - min) * 0.06 : Math.abs(max) * 0.06 || 1;
    return [min - air, max + air];
  }
  if (min === 0 && max === 0) return [0, 1];
  return [Math.min(0, min * 1.06), Math.max(0, max * 1.06)];
}

/** Ticks: [increment, text, text when the year / month / day … is new]. 24-hour, day under midnight. */
const newDay = '\n{MM}-{DD}';
const axisTemplates: uPlot.Axis.Values = [
  [31_536_000, '{YYYY}', null, null, null, null, null, null, 1],
  [2_419_200, '{YYYY}-{MM}', null, null, null, null, null, null, 1],
  [86_400, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
  [3600, '{HH}:{mm}', newDay, null, newDay, null, null, null, 1],
  [60, '{HH}:{mm}', newDay, null, newDay, null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', newDay, null, newDay, null, null, null, 1],
  [0.001, ':{ss}.{fff}', newDay, null, newDay, null, '\n{HH}:{mm}', null, 1],
] as uPlot.Axis.Values;

const lowAxisTemplates = (axisTemplates as (string | number | null)[][]).map((template) =>
  template.map((part) => (typeof part === 'string' && part.startsWith('\n') ? null : part)),
) as uPlot.Axis.Values;
