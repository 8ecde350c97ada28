import type { AnnotationMark } from '#dashboards/marks';
import type { Box, Markup, Scale } from '#picture';
import type { DrawContext } from './contract.ts';
import { path, rect, tenth } from './marks.ts';

/** More of them would be a wall. */
const maxAnnotations = 500;
const footPx = 4;

/** Dashed lines for moments, tinted bands for regions, with a foot on the time axis, as the page draws them. */
export function drawAnnotations(
  x: Scale,
  plot: Box,
  { annotations = [], fields }: DrawContext,
): readonly Markup[] {
  return annotations
    .filter(({ fromMs, toMs }) => toMs >= x.min && fromMs <= x.max)
    .slice(0, maxAnnotations)
    .flatMap((mark) =>
      marked(mark, x, plot, fields.theme.visualization.getColorByName(mark.color)),
    );
}

function marked(
  { fromMs, toMs }: AnnotationMark,
  x: Scale,
  plot: Box,
  color: string,
): readonly Markup[] {
  const { top, bottom } = plot;
  const edges = toMs > fromMs ? [fromMs, toMs] : [fromMs];
  const lines = edges
    .filter((ms) => ms >= x.min && ms <= x.max)
    .map((ms) =>
      path(`M${tenth(x.at(ms))} ${top}V${bottom}`, {
        stroke: color,
        'stroke-opacity': 0.9,
        'stroke-dasharray': '5 5',
        fill: 'none',
      }),
    );
  if (toMs <= fromMs) return [...lines, foot(x.at(fromMs), bottom, color)];
  const left = Math.max(plot.left, x.at(Math.max(fromMs, x.min)));
  const right = Math.min(plot.right, x.at(Math.min(toMs, x.max)));
  return [
    rect({ left, right, top, bottom }, color, { 'fill-opacity': 0.12 }),
    rect({ left, right, top: bottom, bottom: bottom + footPx }, color),
    ...lines,
  ];
}

const foot = (at: number, bottom: number, fill: string): Markup =>
  path(`M${tenth(at)} ${bottom - 1}L${tenth(at - footPx)} ${bottom + 5}H${tenth(at + footPx)}Z`, {
    fill,
  });
