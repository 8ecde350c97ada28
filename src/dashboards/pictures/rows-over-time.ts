import { type Box, linearScale, type Markup, type Scale, textWidth, timeTicks } from '#picture';
import type { DrawContext } from './contract.ts';
import { axisPx, rect, words } from './marks.ts';

/** Room of rows over time: their names at the left, times below. */
export interface RowsPlot {
  readonly plot: Box;
  /** From Unix ms to px. */
  readonly x: Scale;
  readonly axes: readonly Markup[];
}

const timeAxisPx = 22;
const maxNameShare = 0.35;

/** @param names with their places, 0 at the top of the plot and 1 at its bottom */
export function rowsPlot(
  box: Box,
  names: readonly { readonly text: string; readonly share: number }[],
  { fromMs, toMs, zone, colors }: DrawContext,
): RowsPlot {
  const widest = Math.max(0, ...names.map(({ text }) => textWidth(text, axisPx)));
  const namePx = Math.min((box.right - box.left) * maxNameShare, widest);
  const plot: Box = {
    left: box.left + namePx + 8,
    right: box.right - 8,
    top: box.top + 4,
    bottom: box.bottom - timeAxisPx,
  };
  const x = linearScale([fromMs, toMs], [plot.left, plot.right]);
  const count = Math.max(2, (plot.right - plot.left) / 64);
  return {
    plot,
    x,
    axes: [
      ...names.map(({ text, share }) =>
        words(text, {
          x: plot.left - 6,
          y: plot.top + share * (plot.bottom - plot.top) + 4,
          fill: colors.text2,
          sizePx: axisPx,
          anchor: 'end',
          maxPx: namePx,
        }),
      ),
      ...timeTicks(fromMs, toMs, count, zone)
        .map(({ timeMs, label }) => ({ at: x.at(timeMs), label }))
        .filter(({ at }) => at > plot.left + 10 && at < plot.right - 14)
        .flatMap(({ at, label }) => [
          rect({ left: at, right: at + 1, top: plot.bottom, bottom: plot.bottom + 4 }, colors.line),
          words(label, {
            x: at,
            y: plot.bottom + 15,
            fill: colors.text3,
            sizePx: axisPx,
            anchor: 'middle',
          }),
        ]),
    ],
  };
}
