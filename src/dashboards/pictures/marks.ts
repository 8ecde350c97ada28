import { type Box, element, fitText, type Markup, textElement, textWidth } from '#picture';

export const axisPx = 11;
export const smallPx = 12;

export interface TextStyle {
  readonly x: number;
  /** Of the baseline. */
  readonly y: number;
  readonly fill: string;
  readonly sizePx?: number;
  readonly isBold?: boolean;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Longer texts end in `…`. */
  readonly maxPx?: number;
}

export function words(text: string, style: TextStyle): Markup {
  const { x, y, fill, sizePx = smallPx, isBold = false, anchor = 'start', maxPx } = style;
  return textElement(
    {
      x,
      y,
      fill,
      'font-size': sizePx,
      'font-weight': isBold ? 600 : undefined,
      'text-anchor': anchor === 'start' ? undefined : anchor,
    },
    maxPx === undefined ? text : fitText(text, maxPx, sizePx, isBold),
  );
}

export const rect = (
  { left, top, right, bottom }: Box,
  fill: string,
  more: Readonly<Record<string, string | number | undefined>> = {},
): Markup =>
  element('rect', {
    x: left,
    y: top,
    width: Math.max(0, right - left),
    height: Math.max(0, bottom - top),
    fill,
    ...more,
  });

export const path = (
  d: string,
  more: Readonly<Record<string, string | number | undefined>>,
): Markup => element('path', { d, ...more });

export const middleOf = (box: Box, text: string, fill: string): Markup =>
  words(text, {
    x: (box.left + box.right) / 2,
    y: (box.top + box.bottom) / 2 + smallPx * 0.35,
    fill,
    anchor: 'middle',
    maxPx: box.right - box.left,
  });

/** The largest size at which a text has room. */
export function fittingPx(
  text: string,
  widthPx: number,
  heightPx: number,
  {
    maxPx = Number.POSITIVE_INFINITY,
    minPx = 6,
  }: { readonly maxPx?: number; readonly minPx?: number } = {},
): number {
  const at100 = textWidth(text, 100, true);
  const byWidth = at100 === 0 ? heightPx : (widthPx / at100) * 100;
  return Math.max(minPx, Math.min(byWidth, heightPx / 1.2, maxPx));
}

/** `M`, `L` and numbers of a tenth of a pixel. */
export const lineThrough = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${tenth(x)} ${tenth(y)}`).join('');

export const tenth = (value: number): number => Math.round(value * 10) / 10;
