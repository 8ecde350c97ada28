import type uPlot from 'uplot';
import type { StateOptions } from '../../../../src/dashboards/fields/models/state-options.ts';
import type { StateRow, StateSpan } from '../../../../src/dashboards/fields/models/state-rows.ts';
import { faded, token } from '../../charts/colors.ts';
import { axisFont } from '../../charts/plot-options.ts';
import { textOn } from '../shared/contrast.ts';

const padPx = 5;

/** Spans as boxes in their rows, with their words where these have room. */
export function drawStates(
  u: uPlot,
  rows: readonly StateRow[],
  options: StateOptions,
  isSingle: boolean,
): void {
  const { ctx, bbox } = u;
  const ratio = window.devicePixelRatio;
  ctx.font = axisFont().replace(/^\d+px/, `${11 * ratio}px`);
  ctx.textBaseline = 'middle';
  for (const [index, row] of rows.entries()) {
    const middle = u.valToPos(index + 0.5, 'y', true);
    const full = Math.abs(u.valToPos(1, 'y', true) - u.valToPos(0, 'y', true));
    const height = Math.max(ratio, full * options.rowShare);
    for (const span of row.spans) {
      const [left, right] = edges(u, span, isSingle ? options.columnShare : undefined);
      if (right < bbox.left || left > bbox.left + bbox.width) continue;
      const width = Math.max(ratio, right - left);
      const color = resolved(span.color);
      ctx.fillStyle = faded(color, row.fillOpacity / 100);
      ctx.fillRect(left, middle - height / 2, width, height);
      if (row.lineWidth > 0) {
        ctx.strokeStyle = color;
        ctx.lineWidth = row.lineWidth * ratio;
        ctx.strokeRect(left, middle - height / 2, width, height);
      }
      drawText(ctx, span, row, options, Math.max(left, bbox.left), right, middle, height, ratio);
    }
  }
}

function edges(
  u: uPlot,
  span: StateSpan,
  columnShare: number | undefined,
): readonly [number, number] {
  const left = u.valToPos(span.fromMs / 1000, 'x', true);
  const right = u.valToPos(span.toMs / 1000, 'x', true);
  if (columnShare === undefined) return [Math.round(left), Math.round(right)];
  const gap = ((right - left) * (1 - columnShare)) / 2;
  return [left + gap, right - gap];
}

function drawText(
  ctx: CanvasRenderingContext2D,
  span: StateSpan,
  row: StateRow,
  options: StateOptions,
  left: number,
  right: number,
  middle: number,
  height: number,
  ratio: number,
): void {
  if (options.showValue === 'never' || span.text === '') return;
  const room = right - left - padPx * 2 * ratio;
  if (height < 13 * ratio && options.showValue === 'auto') return;
  const width = ctx.measureText(span.text).width;
  if (width > room && options.showValue === 'auto') return;
  // On a pale box the panel's own ground decides which words can be read.
  ctx.fillStyle = row.fillOpacity >= 50 ? textOn(resolved(span.color)) : token('--text');
  ctx.textAlign = options.align;
  const x =
    options.align === 'left'
      ? left + padPx * ratio
      : options.align === 'right'
        ? right - padPx * ratio
        : (left + right) / 2;
  ctx.fillText(span.text, x, middle, Math.max(1, room));
}

/** A canvas does not know variables of style sheets. */
function resolved(color: string): string {
  const name = /^var\((--[\w-]+)\)$/.exec(color)?.[1];
  return name === undefined ? color : token(name);
}
