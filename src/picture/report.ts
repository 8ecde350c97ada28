import type { ReportOptions } from './contract.ts';
import { frame, paddingPx, svgDocument } from './frame.ts';
import { element, type Markup, nested, textElement } from './svg.ts';
import { fitText } from './text.ts';
import { themes } from './theme.ts';

const headingSizePx = 13;

/** How far below the top the pictures begin. */
export const reportHeaderPx = (options: ReportOptions): number => frame(options).box.top;

/** One document of several pictures, each an SVG document of this module, on cards. */
export function reportSvg(options: ReportOptions): string {
  const theme = themes[options.theme];
  const { parts, box } = frame(options, theme.page);
  const pictures = options.pictures.flatMap(({ left, top, width, height, svg }): Markup[] => [
    nested(svg, left, box.top + top),
    element('rect', {
      x: left + 0.5,
      y: box.top + top + 0.5,
      width: width - 1,
      height: height - 1,
      rx: 4,
      fill: 'none',
      stroke: theme.line,
    }),
  ]);
  const headings = (options.headings ?? []).map(({ top, text }) =>
    textElement(
      {
        x: paddingPx,
        y: box.top + top + 24,
        'font-size': headingSizePx,
        'font-weight': 600,
        fill: theme.text2,
      },
      fitText(text, options.width - 2 * paddingPx, headingSizePx, true),
    ),
  );
  return svgDocument(options, [...parts, ...headings, ...pictures]);
}
