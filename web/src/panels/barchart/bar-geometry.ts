import { formattedValueToString } from '@grafana/data';
import {
  type BarModel,
  type BarRect,
  type BarSeries,
  roundTicks,
} from '../../../../src/dashboards/fields/models/bar-model.ts';

export type BarStacking = 'none' | 'normal' | 'percent';

/** What decides where bars stand; sizes in px. */
export interface BarLayoutRequest {
  readonly model: BarModel;
  readonly shown: readonly BarSeries[];
  readonly rects: readonly BarRect[];
  readonly stacking: BarStacking;
  /** Bars lie, from the left. */
  readonly isLying: boolean;
  readonly groupWidth: number;
  readonly barWidth: number;
  readonly rotationDeg: number;
  readonly maxLabelChars: number;
  /** Bars touch and stand for ranges: the ticks are their edges. */
  readonly edges?: readonly string[];
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface BarLayout {
  readonly isLying: boolean;
  readonly plot: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
  readonly valueText: (value: number) => string;
  readonly valueTicks: readonly {
    readonly value: number;
    readonly at: number;
    readonly text: string;
  }[];
  readonly boxOf: (rect: BarRect) => Box;
  /** Of groups, or of the edges of ranges, those that have room. */
  readonly names: readonly { readonly text: string; readonly at: number }[];
  readonly turnDeg: number;
}

export const charPx = 6.3;
const labelHeightPx = 16;
const maxNameShare = 0.35;
/** Of a name in less room than this nothing could be read. */
const minNamePx = 64;

/** Where everything stands: axes as wide as their words, bars in the rest. */
export function barLayout(request: BarLayoutRequest): BarLayout {
  const { model, shown, rects, stacking, isLying, edges, widthPx, heightPx } = request;
  const bounds = boundsOf(rects, shown, stacking);
  const valueText = textOf(shown, stacking);
  const ticks = roundTicks(
    bounds.min,
    bounds.max,
    Math.max(2, isLying ? widthPx / 90 : heightPx / 40),
  );
  const valueRoom = Math.max(...ticks.map((tick) => valueText(tick).length)) * charPx + 10;
  const names = model.categories.map((name) => cut(name, request.maxLabelChars));
  const longest = Math.max(0, ...names.map((name) => name.length)) * charPx;
  const nameRoom = Math.min(widthPx * maxNameShare, longest + 10);
  // Names that do not fit beside each other are turned, or some of them are left out.
  const turnDeg = isLying ? 0 : request.rotationDeg;
  const turned = Math.abs(Math.sin((turnDeg * Math.PI) / 180)) * longest + labelHeightPx;
  const bottom = turnDeg === 0 ? labelHeightPx + 4 : Math.min(heightPx * 0.4, turned);
  const left = isLying ? nameRoom : valueRoom;
  const plot = { left, top: 8, width: widthPx - left - 12, height: heightPx - bottom - 8 };
  const along = isLying ? plot.width : plot.height;
  const slot = (isLying ? plot.height : plot.width) / Math.max(1, model.categories.length);
  const placeOf = (value: number): number =>
    ((value - bounds.min) / (bounds.max - bounds.min)) * along;
  const stride = nameStride({ isLying, turnDeg, slot, longest });
  const nameChars = isLying
    ? Math.floor(nameRoom / charPx)
    : Math.max(3, Math.floor((slot * stride) / charPx));
  return {
    isLying,
    plot,
    turnDeg,
    valueText,
    valueTicks: ticks.map((value) => ({ value, at: placeOf(value), text: valueText(value) })),
    boxOf: (rect) => boxOf(rect, { request, bounds, plot, slot, placeOf }),
    names: (edges ?? names).flatMap((name, at) =>
      at % stride === 0
        ? [
            {
              text: turnDeg === 0 ? cut(name, nameChars) : name,
              at: edges === undefined ? (at + 0.5) * slot : at * slot,
            },
          ]
        : [],
    ),
  };
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

function boundsOf(
  rects: readonly BarRect[],
  shown: readonly BarSeries[],
  stacking: BarStacking,
): Bounds {
  const config = shown[0]?.field.config;
  let min = 0;
  let max = 0;
  for (const { from, to } of rects) {
    min = Math.min(min, from, to);
    max = Math.max(max, from, to);
  }
  if (min === max) max = min + 1;
  // Air for the numbers at the ends of bars.
  const air = stacking === 'percent' ? 0 : (max - min) * 0.08;
  return {
    min: config?.min ?? (min < 0 ? min - air : min),
    max: config?.max ?? (max > 0 ? max + air : max),
  };
}

function textOf(shown: readonly BarSeries[], stacking: BarStacking): (value: number) => string {
  const display = shown[0]?.field.display;
  return (value) => {
    if (stacking === 'percent') return `${Math.round(value * 100)}%`;
    return display === undefined ? String(value) : formattedValueToString(display(value));
  };
}

/** Every so many names are written. */
function nameStride(room: {
  readonly isLying: boolean;
  readonly turnDeg: number;
  readonly slot: number;
  readonly longest: number;
}): number {
  const needed = room.isLying
    ? 14
    : room.turnDeg !== 0
      ? 13
      : Math.min(room.longest + 8, minNamePx);
  return Math.max(1, Math.ceil(needed / room.slot));
}

function boxOf(
  { category, place, places, from, to }: BarRect,
  at: {
    readonly request: BarLayoutRequest;
    readonly bounds: Bounds;
    readonly plot: BarLayout['plot'];
    readonly slot: number;
    readonly placeOf: (value: number) => number;
  },
): Box {
  const { request, bounds, plot, slot, placeOf } = at;
  const groupShare = request.edges === undefined ? request.groupWidth : 1;
  const barShare = request.edges === undefined ? request.barWidth : 0.97;
  const thick = (slot * groupShare) / places;
  const start =
    category * slot + (slot * (1 - groupShare)) / 2 + place * thick + (thick * (1 - barShare)) / 2;
  const low = placeOf(Math.max(bounds.min, Math.min(from, to)));
  const high = placeOf(Math.min(bounds.max, Math.max(from, to)));
  const size = Math.max(0.5, high - low);
  return request.isLying
    ? { x: plot.left + low, y: plot.top + start, w: size, h: thick * barShare }
    : { x: plot.left + start, y: plot.top + plot.height - high, w: thick * barShare, h: size };
}

function cut(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, Math.max(1, chars - 1))}…` : text;
}
