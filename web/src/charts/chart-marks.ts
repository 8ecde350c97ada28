import type uPlot from 'uplot';
import { faded, token } from './colors.ts';

/** Something that happened: a thin flag on every chart of the page. */
export interface ChartMark {
  readonly atMs: number;
  /** A token's name: what kind of thing it was. */
  readonly colorToken: string;
}

/** Beyond these, lines through the chart would be a wall: only the flags at its edge are left. */
const maxLines = 24;
const flagPx = 7;

/** Draws the marks: a flag at the upper edge, and a faint line down to the axis. */
export function drawMarks(u: uPlot, marks: readonly ChartMark[]): void {
  const { ctx, bbox } = u;
  const ratio = window.devicePixelRatio;
  const byPixel = new Map<number, string>();
  for (const { atMs, colorToken } of marks) {
    const x = Math.round(u.valToPos(atMs / 1000, 'x', true));
    if (x >= bbox.left && x <= bbox.left + bbox.width) byPixel.set(x, colorToken);
  }
  if (byPixel.size === 0) return;
  ctx.save();
  ctx.lineWidth = ratio;
  for (const [x, colorToken] of byPixel) {
    const color = token(colorToken);
    if (byPixel.size <= maxLines) {
      ctx.strokeStyle = faded(color, 0.34);
      ctx.beginPath();
      ctx.moveTo(x + 0.5, bbox.top);
      ctx.lineTo(x + 0.5, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.fillStyle = color;
    ctx.fillRect(x - ratio, bbox.top, 2 * ratio, flagPx * ratio);
  }
  ctx.restore();
}
