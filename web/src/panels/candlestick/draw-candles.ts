import uPlot from 'uplot';
import type { Candles } from '../../../../src/dashboards/fields/models/candle-model.ts';
import { faded } from '../../charts/colors.ts';

/** Of the room that a candle has. */
const bodyShare = 0.62;
const maxBodyPx = 24;
const volumeOpacity = 0.5;

export interface CandleLook {
  readonly isBars: boolean;
  readonly colors: { readonly up: string; readonly down: string; readonly flat: string };
  /** Keys of the scales; undefined: not drawn. */
  readonly priceScale: string | undefined;
  readonly volumeScale: string | undefined;
}

/** Draws candles, or bars with a tick for each end, and the volume below them. @param xs in seconds */
export function drawCandles(
  u: uPlot,
  xs: readonly number[],
  candles: Candles,
  look: CandleLook,
): void {
  const { ctx, bbox } = u;
  const px = uPlot.pxRatio;
  const [first, last] = rowsInSight(u, xs);
  const room = roomPx(u, xs, first, last);
  const width = Math.max(px, Math.min(maxBodyPx * px, Math.floor(room * bodyShare)));
  const colorOf = (row: number): string => {
    const trend = candles.trend[row] ?? 0;
    return trend > 0 ? look.colors.up : trend < 0 ? look.colors.down : look.colors.flat;
  };
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (let row = first; row <= last; row++) {
    const x = Math.round(u.valToPos(xs[row] as number, 'x', true));
    const color = colorOf(row);
    const volume = candles.volume[row];
    if (look.volumeScale !== undefined && volume != null) {
      const top = u.valToPos(volume, look.volumeScale, true);
      const bottom = u.valToPos(0, look.volumeScale, true);
      ctx.fillStyle = look.priceScale === undefined ? color : faded(color, volumeOpacity);
      ctx.fillRect(x - width / 2, top, width, bottom - top);
    }
    if (look.priceScale !== undefined) {
      drawCandle(u, row, { x, width, color, candles, scale: look.priceScale, isBar: look.isBars });
    }
  }
  ctx.restore();
}

function drawCandle(
  u: uPlot,
  row: number,
  at: {
    readonly x: number;
    readonly width: number;
    readonly color: string;
    readonly candles: Candles;
    readonly scale: string;
    readonly isBar: boolean;
  },
): void {
  const { x, width, color, candles } = at;
  const [open, high, low, close] = [
    candles.open[row],
    candles.high[row],
    candles.low[row],
    candles.close[row],
  ].map((value) => (value == null ? undefined : Math.round(u.valToPos(value, at.scale, true))));
  if (open === undefined || close === undefined || high === undefined || low === undefined) return;
  const { ctx } = u;
  const line = Math.max(1, Math.round(uPlot.pxRatio));
  ctx.fillStyle = color;
  ctx.fillRect(x - line / 2, high, line, Math.max(line, low - high));
  if (at.isBar) {
    ctx.fillRect(x - width / 2, open - line / 2, width / 2, line);
    ctx.fillRect(x, close - line / 2, width / 2, line);
    return;
  }
  const top = Math.min(open, close);
  ctx.fillRect(x - width / 2, top, width, Math.max(line, Math.abs(close - open)));
}

function rowsInSight(u: uPlot, xs: readonly number[]): readonly [number, number] {
  const { min = 0, max = 0 } = u.scales['x'] ?? {};
  let first = 0;
  let last = xs.length - 1;
  while (first < last && (xs[first] as number) < (min ?? 0)) first++;
  while (last > first && (xs[last] as number) > (max ?? 0)) last--;
  return [Math.max(0, first - 1), Math.min(xs.length - 1, last + 1)];
}

/** Between the two rows that are nearest to each other. */
function roomPx(u: uPlot, xs: readonly number[], first: number, last: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let row = first + 1; row <= last; row++) {
    const gap = (xs[row] as number) - (xs[row - 1] as number);
    if (gap > 0) least = Math.min(least, gap);
  }
  if (!Number.isFinite(least)) return maxBodyPx * uPlot.pxRatio;
  const { min = 0, max = 1 } = u.scales['x'] ?? {};
  return (least / Math.max(1e-9, (max ?? 1) - (min ?? 0))) * u.bbox.width;
}
