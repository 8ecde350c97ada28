import type { PictureOptions } from './contract.ts';
import { element, type Markup, textElement } from './svg.ts';
import { fitText } from './text.ts';
import { themes } from './theme.ts';

export const paddingPx = 16;
export const fontFamily = 'Pretendard';
export const axisSizePx = 11;
export const smallSizePx = 12;
const titleSizePx = 15;

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Background, title and subtitle, and the room that is left. */
export function frame(
  options: PictureOptions,
  fill: string = themes[options.theme].background,
): { readonly parts: Markup[]; readonly box: Box } {
  const { width, height, title, subtitle } = options;
  const theme = themes[options.theme];
  const parts = [element('rect', { width, height, fill })];
  const roomPx = width - 2 * paddingPx;
  let top = paddingPx;
  if (title !== undefined && title !== '') {
    top += titleSizePx;
    parts.push(
      textElement(
        {
          x: paddingPx,
          y: top - 2,
          'font-size': titleSizePx,
          'font-weight': 600,
          fill: theme.text,
        },
        fitText(title, roomPx, titleSizePx, true),
      ),
    );
    top += 6;
  }
  if (subtitle !== undefined && subtitle !== '') {
    top += smallSizePx;
    parts.push(
      textElement(
        { x: paddingPx, y: top - 1, 'font-size': smallSizePx, fill: theme.text2 },
        fitText(subtitle, roomPx, smallSizePx),
      ),
    );
    top += 6;
  }
  if (top > paddingPx) top += 6;
  return {
    parts,
    box: { left: paddingPx, top, right: width - paddingPx, bottom: height - paddingPx },
  };
}

/** The whole document. */
export function svgDocument(
  { width, height, title }: PictureOptions,
  parts: readonly Markup[],
): string {
  const label = title === undefined ? [] : [{ svg: element('title', {}, [text(title)]).svg }];
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      'font-family': fontFamily,
      role: 'img',
    },
    [...label, ...parts],
  ).svg;
}

/** The inside of a text element: nothing but the text. */
const text = (value: string): Markup => ({
  svg: textElement({}, value).svg.slice('<text>'.length, -'</text>'.length),
});

/** A sentence in the middle of a box. */
export function centered(box: Box, sentence: string, options: PictureOptions): Markup {
  return textElement(
    {
      x: (box.left + box.right) / 2,
      y: (box.top + box.bottom) / 2,
      'text-anchor': 'middle',
      'dominant-baseline': 'middle',
      'font-size': smallSizePx,
      fill: themes[options.theme].text3,
    },
    fitText(sentence, box.right - box.left, smallSizePx),
  );
}
