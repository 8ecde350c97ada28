import { binaryUnits, roundTicks, tickText, type YScale, yRange } from '#dashboards/fields';
import { type Box, element, type Markup, textWidth } from '#picture';
import type { DrawContext } from './contract.ts';
import { axisPx, rect, words } from './marks.ts';

/** A value axis of a chart, before it has a place. */
export interface YAxis {
  readonly scale: YScale;
  readonly widthPx: number;
  on(plot: Box): PlacedAxis;
}

export interface PlacedAxis {
  readonly scale: YScale;
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
  readonly widthPx: number;
  /** From a value to px; values beyond the bounds lie at the edge. */
  at(value: number): number;
}

/** Px between two lines at least. */
const spacePx = { low: 24, high: 34 };
const labelPx = 16;

/** Bounds, ticks and width, as the page chooses them. @param seen undefined: there is no value */
export function yAxisOf(
  scale: YScale,
  seen: readonly [number, number] | undefined,
  plotHeightPx: number,
): YAxis {
  const { options, field } = scale.first;
  const [min, max] = yRange(scale)(
    undefined as never,
    seen?.[0] ?? (null as never),
    seen?.[1] ?? (null as never),
    scale.key,
  ) as [number, number];
  const count = Math.max(
    1,
    Math.floor(plotHeightPx / (plotHeightPx < 140 ? spacePx.low : spacePx.high)),
  );
  const values =
    options.scale === 'linear'
      ? linearTicks(min, max, count, scale)
      : logTicks(min, max, count, options.logBase);
  const step = values.length > 1 ? (values[1] as number) - (values[0] as number) : 0;
  const write =
    options.stacking === 'percent'
      ? (value: number): string => `${Math.round(value * 100)}%`
      : tickText(field.display, options.scale === 'linear' ? step : 0);
  const ticks = values.map((value) => ({ value, text: write(value) }));
  const textPx = Math.max(0, ...ticks.map(({ text }) => textWidth(text, axisPx)));
  const widthPx =
    scale.side === 'hidden'
      ? 0
      : (options.axisWidthPx ?? textPx + 10) + (options.axisLabel === '' ? 0 : labelPx);
  return {
    scale,
    widthPx,
    on: (plot) => {
      const place = placer(options.scale, options.linearThreshold, min, max);
      return {
        scale,
        min,
        max,
        ticks,
        widthPx,
        at: (value) => plot.bottom - place(value) * (plot.bottom - plot.top),
      };
    },
  };
}

/** From a value to its share of the axis, 0 to 1. */
function placer(
  kind: 'linear' | 'log' | 'symlog',
  threshold: number,
  min: number,
  max: number,
): (value: number) => number {
  const bend =
    kind === 'log'
      ? (value: number): number => Math.log(Math.max(value, Number.MIN_VALUE))
      : kind === 'symlog'
        ? (value: number): number => Math.asinh(value / threshold)
        : (value: number): number => value;
  const [low, high] = [bend(min), bend(max)];
  return (value) => Math.min(1, Math.max(0, (bend(value) - low) / (high - low || 1)));
}

function linearTicks(
  min: number,
  max: number,
  count: number,
  { first }: YScale,
): readonly number[] {
  if (!binaryUnits.has(first.field.config.unit ?? '')) return roundTicks(min, max, count);
  const raw = (max - min) / count;
  let step = 1;
  while (step < raw) step *= 2;
  const ticks: number[] = [];
  for (let at = Math.ceil(min / step); at * step <= max; at++) ticks.push(at * step);
  return ticks;
}

function logTicks(min: number, max: number, count: number, base: number): readonly number[] {
  const log = (value: number): number => Math.log(value) / Math.log(base);
  const low = Math.ceil(log(Math.max(min, 1e-12)) - 1e-9);
  const high = Math.floor(log(Math.max(max, 1e-12)) + 1e-9);
  const stride = Math.max(1, Math.ceil((high - low + 1) / count));
  const ticks: number[] = [];
  for (let power = low; power <= high; power += stride) ticks.push(base ** power);
  return ticks;
}

export function drawAxis(
  axis: PlacedAxis,
  plot: Box,
  { colors }: DrawContext,
  hasGrid: boolean,
): readonly Markup[] {
  const { options, color } = axis.scale.first;
  if (axis.scale.side === 'hidden') return [];
  const isLeft = axis.scale.side === 'left';
  const fill = options.isAxisColored ? color : colors.text3;
  const x = isLeft ? plot.left - 6 : plot.right + 6;
  const parts = axis.ticks.flatMap(({ value, text }) => {
    const y = axis.at(value);
    return [
      ...(hasGrid && options.hasGrid
        ? [rect({ left: plot.left, right: plot.right, top: y, bottom: y + 1 }, colors.line)]
        : []),
      words(text, { x, y: y + 4, fill, sizePx: axisPx, anchor: isLeft ? 'end' : 'start' }),
    ];
  });
  if (options.axisLabel !== '') {
    const edge = isLeft ? plot.left - axis.widthPx + 10 : plot.right + axis.widthPx - 4;
    const middle = (plot.top + plot.bottom) / 2;
    const label = words(options.axisLabel, { x: 0, y: 0, fill, sizePx: axisPx, anchor: 'middle' });
    parts.push(element('g', { transform: `translate(${edge} ${middle}) rotate(-90)` }, [label]));
  }
  return parts;
}
