import { legendOptions, type StateRow, stateOptions, stateRows } from '#dashboards/fields';
import { type Markup, textWidth } from '#picture';
import { over, textOn } from './colors.ts';
import type { DrawContext } from './contract.ts';
import { placeLegend } from './legend.ts';
import { axisPx, middleOf, rect, words } from './marks.ts';
import { rowsPlot } from './rows-over-time.ts';

const padPx = 5;
/** A legend of more states than these explains nothing. */
const maxStates = 30;

/** How long each thing was in which state; `isSingle`: one box for each sample. */
export function drawStates(context: DrawContext, isSingle: boolean): readonly Markup[] {
  const { panel, fields, toMs, colors, words: said } = context;
  const options = stateOptions(panel.options);
  const all = stateRows(fields.frames, !isSingle && options.merges, toMs, isSingle ? 1 : 0);
  if (all.length === 0) return [middleOf(context.box, said.noTime, colors.text3)];
  const rows = all.slice(0, options.perPage);
  const key = placeLegend(stateItems(all), legendOptions(panel), context);
  const names = rows.map(({ name }, at) => ({ text: name, share: (at + 0.5) / rows.length }));
  const { plot, x, axes } = rowsPlot(key.box, names, context);
  const rowPx = (plot.bottom - plot.top) / rows.length;
  const heightPx = Math.max(1, rowPx * options.rowShare);
  const boxes = rows.flatMap((row, at) => {
    const middle = plot.top + (at + 0.5) * rowPx;
    return row.spans.flatMap((span): readonly Markup[] => {
      const [start, end] = [x.at(span.fromMs), x.at(span.toMs)];
      const gap = isSingle ? ((end - start) * (1 - options.columnShare)) / 2 : 0;
      const left = Math.max(plot.left, start + gap);
      const right = Math.min(plot.right, end - gap);
      if (right <= left) return [];
      const top = middle - heightPx / 2;
      const fill = over(span.color, colors.background, row.fillOpacity / 100);
      const box = rect({ left, right, top, bottom: top + heightPx }, fill, {
        ...(row.lineWidth > 0 ? { stroke: span.color, 'stroke-width': row.lineWidth } : {}),
      });
      const room = right - left - 2 * padPx;
      const fits = heightPx >= 13 && textWidth(span.text, axisPx) <= room;
      if (options.showValue === 'never' || span.text === '') return [box];
      if (!fits && options.showValue === 'auto') return [box];
      const { align } = options;
      const text = words(span.text, {
        x: align === 'left' ? left + padPx : align === 'right' ? right - padPx : (left + right) / 2,
        y: middle + 4,
        fill: textOn(fill),
        sizePx: axisPx,
        anchor: align === 'left' ? 'start' : align === 'right' ? 'end' : 'middle',
        maxPx: room,
      });
      return [box, text];
    });
  });
  return [...axes, ...boxes, ...key.parts];
}

/** Each state once, as far as there are few of them. */
function stateItems(rows: readonly StateRow[]) {
  const found = new Map<string, { key: string; name: string; color: string; values: [] }>();
  for (const { text, color } of rows.flatMap(({ spans }) => spans)) {
    const key = `${text} ${color}`;
    if (!found.has(key)) found.set(key, { key, name: text, color, values: [] });
    if (found.size > maxStates) return [];
  }
  return [...found.values()];
}
