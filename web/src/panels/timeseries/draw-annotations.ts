import type { GrafanaTheme2 } from '@grafana/data';
import type uPlot from 'uplot';
import { faded } from '../../charts/colors.ts';
import type { AnnotationMark } from '../contract.ts';

/** More of them would be a wall. */
export const maxAnnotations = 500;

/** Dashed lines for moments, tinted bands for regions, with a foot on the time axis. */
export function drawAnnotations(
  u: uPlot,
  marks: readonly AnnotationMark[],
  theme: GrafanaTheme2,
): void {
  const { ctx, bbox } = u;
  const ratio = window.devicePixelRatio;
  const bottom = bbox.top + bbox.height;
  ctx.save();
  ctx.lineWidth = ratio;
  for (const mark of marks.slice(0, maxAnnotations)) {
    const color = theme.visualization.getColorByName(mark.color);
    const left = u.valToPos(mark.fromMs / 1000, 'x', true);
    const right = u.valToPos(mark.toMs / 1000, 'x', true);
    if (right < bbox.left || left > bbox.left + bbox.width) continue;
    const from = Math.max(bbox.left, left);
    const to = Math.min(bbox.left + bbox.width, right);
    if (to > from) {
      ctx.fillStyle = faded(color, 0.12);
      ctx.fillRect(from, bbox.top, to - from, bbox.height);
      ctx.fillStyle = color;
      ctx.fillRect(from, bottom, to - from, 4 * ratio);
    }
    ctx.strokeStyle = faded(color, 0.9);
    ctx.setLineDash([5 * ratio, 5 * ratio]);
    for (const x of mark.toMs > mark.fromMs ? [left, right] : [left]) {
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(Math.round(x) + 0.5, bbox.top);
      ctx.lineTo(Math.round(x) + 0.5, bottom);
      ctx.stroke();
    }
    if (to <= from) {
      ctx.fillStyle = color;
      ctx.beginPath();
      ctx.moveTo(left, bottom - 1);
      ctx.lineTo(left - 4 * ratio, bottom + 5 * ratio);
      ctx.lineTo(left + 4 * ratio, bottom + 5 * ratio);
      ctx.fill();
    }
  }
  ctx.restore();
}

const reachPx = 5;

/** Those under a place of the plot, in CSS px from its left. */
export function annotationsAt(
  u: uPlot,
  marks: readonly AnnotationMark[],
  left: number,
): readonly AnnotationMark[] {
  return marks.slice(0, maxAnnotations).filter((mark) => {
    const from = u.valToPos(mark.fromMs / 1000, 'x');
    const to = u.valToPos(mark.toMs / 1000, 'x');
    return left >= from - reachPx && left <= to + reachPx;
  });
}
