import {
  type HeatFormats,
  type HeatGrid,
  type HeatOptions,
  heatFormats,
  heatGrid,
  heatOptions,
  heatPalette,
  heatStep,
  heatTicks,
  isShown,
} from '#dashboards/fields';
import { element, type Markup } from '#picture';
import type { DrawContext } from './contract.ts';
import { axisPx, middleOf, path, rect, tenth, words } from './marks.ts';
import { rowsPlot } from './rows-over-time.ts';

const rampPx = 160;

/** Counts by moment and bucket, the more the stronger. */
export function drawHeatMap(context: DrawContext): readonly Markup[] {
  const { panel, fields, fromMs, toMs, theme, colors, words: said } = context;
  const options = heatOptions(panel.options);
  const grid = heatGrid(fields.frames, options, fields.theme, toMs - fromMs);
  if (grid === undefined) return [middleOf(context.box, said.noNumbers, colors.text3)];
  const palette = heatPalette(options, fields.theme, theme === 'dark');
  const formats = heatFormats(panel, options);
  const height = context.box.bottom - context.box.top;
  const hasRamp = options.hasLegend && height > 120;
  const box = hasRamp ? { ...context.box, bottom: context.box.bottom - 20 } : context.box;
  const names = options.hasYAxis ? rowNames(grid, options, formats, height) : [];
  const { plot, x, axes } = rowsPlot(box, names, context);
  const rowPx = (plot.bottom - plot.top) / grid.rows.length;
  const byStep = new Map<number, string>();
  for (let column = 0; column < grid.columnsMs.length; column++) {
    const startMs = grid.columnsMs[column] as number;
    const left = Math.max(plot.left, x.at(startMs));
    const right = Math.min(plot.right, x.at(startMs + grid.columnMs));
    if (right <= left) continue;
    const gapX = right - left > 5 ? options.cellGapPx : 0;
    for (let row = 0; row < grid.rows.length; row++) {
      const count = grid.counts[column * grid.rows.length + row] as number;
      if (!isShown(count, options)) continue;
      const place = options.isYReversed ? row : grid.rows.length - 1 - row;
      const gapY = rowPx > 5 ? options.cellGapPx : 0;
      const step = heatStep(count, grid, palette.length);
      const cell = `M${tenth(left)} ${tenth(plot.top + place * rowPx)}h${tenth(Math.max(0.5, right - left - gapX))}v${tenth(Math.max(0.5, rowPx - gapY))}H${tenth(left)}z`;
      byStep.set(step, (byStep.get(step) ?? '') + cell);
    }
  }
  const cells = [...byStep].map(([step, d]) => path(d, { fill: palette[step] as string }));
  return [...axes, ...cells, ...(hasRamp ? ramp(grid, palette, formats.count, context) : [])];
}

function rowNames(
  grid: HeatGrid,
  { isYReversed }: HeatOptions,
  { bound }: HeatFormats,
  heightPx: number,
): readonly { readonly text: string; readonly share: number }[] {
  return heatTicks(grid, bound, heightPx).map(({ at, text }) => {
    const share = at / grid.rows.length;
    return { text, share: isYReversed ? share : 1 - share };
  });
}

function ramp(
  { min, max }: HeatGrid,
  palette: readonly string[],
  count: HeatFormats['count'],
  { box, colors }: DrawContext,
): readonly Markup[] {
  const right = box.right - 8 - 60;
  const stepPx = rampPx / palette.length;
  const y = box.bottom - 4;
  return [
    element(
      'g',
      {},
      palette.map((color, at) => {
        const left = right - rampPx + at * stepPx;
        return rect({ left, right: left + stepPx + 0.5, top: y - 8, bottom: y }, color);
      }),
    ),
    words(count(min), {
      x: right - rampPx - 6,
      y,
      fill: colors.text3,
      sizePx: axisPx,
      anchor: 'end',
    }),
    words(count(max), { x: right + 6, y, fill: colors.text3, sizePx: axisPx }),
  ];
}
