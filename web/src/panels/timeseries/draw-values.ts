import type uPlot from 'uplot';
import { token } from '../../charts/colors.ts';
import { axisFont } from '../../charts/plot-options.ts';
import { rawValue, valueText } from './hover.ts';
import type { PlotData } from './plot.ts';

/** Room that a number needs; where points are nearer, some of them stay without one. */
const gapPx = 4;

/** Writes values above the points and bars of the series that ask for it. */
export function drawValues(u: uPlot, plot: PlotData): void {
  const { ctx, bbox } = u;
  const ratio = window.devicePixelRatio;
  ctx.save();
  ctx.font = axisFont().replace(/^\d+px/, `${10 * ratio}px`);
  ctx.fillStyle = token('--text');
  ctx.textAlign = 'center';
  ctx.textBaseline = 'bottom';
  const [xs] = u.data;
  for (const [index, series] of plot.series.entries()) {
    if (!series.options.showsValues) continue;
    const column = u.data[index + 1] ?? [];
    const scale = u.series[index + 1]?.scale ?? 'y';
    let right = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < xs.length; at++) {
      const drawn = column[at];
      const value = rawValue(series, series.values[at]);
      if (drawn === null || drawn === undefined || value === null) continue;
      const x = u.valToPos(xs[at] as number, 'x', true);
      const text = valueText(series.field.display, value);
      const half = ctx.measureText(text).width / 2;
      if (x - half < right || x < bbox.left || x > bbox.left + bbox.width) continue;
      right = x + half + gapPx * ratio;
      const y = u.valToPos(drawn, scale, true) - 3 * ratio;
      ctx.fillText(text, x, Math.max(y, bbox.top + 10 * ratio));
    }
  }
  ctx.restore();
}
