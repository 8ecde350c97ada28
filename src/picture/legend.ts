import { smallSizePx } from './frame.ts';
import { element, type Markup, textElement } from './svg.ts';
import { fitText, textWidth } from './text.ts';
import type { Theme } from './theme.ts';

export const legendRowPx = 18;
const maxRows = 4;
const swatchPx = 12;
const gapPx = 16;

export interface LegendEntry {
  readonly name: string;
  readonly value: string;
  readonly color: string;
}

export interface Legend {
  readonly heightPx: number;
  /** With its first row below `top`. */
  draw(left: number, top: number): Markup[];
}

interface Placed extends LegendEntry {
  readonly x: number;
  readonly row: number;
}

/** Names and last values in rows; what finds no room is counted. */
export function legend(entries: readonly LegendEntry[], widthPx: number, theme: Theme): Legend {
  const { placed, hidden } = place(entries, widthPx);
  const rows = (placed.at(-1)?.row ?? -1) + 1;
  const total = rows + (hidden > 0 ? 1 : 0);
  return {
    heightPx: total === 0 ? 0 : total * legendRowPx + 6,
    draw: (left, top) => {
      const baseline = (row: number): number => top + row * legendRowPx + 12;
      const parts = placed.flatMap(({ name, value, color, x, row }) => [
        element('rect', {
          x: left + x,
          y: baseline(row) - 6,
          width: swatchPx,
          height: 3,
          rx: 1.5,
          fill: color,
        }),
        label(left + x + swatchPx + 6, baseline(row), name, theme.text2),
        label(left + x + swatchPx + 6 + nameWidth(name) + 8, baseline(row), value, theme.text),
      ]);
      if (hidden > 0) parts.push(label(left, baseline(rows), `+${hidden}`, theme.text3));
      return parts;
    },
  };
}

const nameWidth = (name: string): number => textWidth(name, smallSizePx);

const label = (x: number, y: number, value: string, fill: string): Markup =>
  textElement({ x, y, 'font-size': smallSizePx, fill }, value);

function place(
  entries: readonly LegendEntry[],
  widthPx: number,
): { readonly placed: readonly Placed[]; readonly hidden: number } {
  const placed: Placed[] = [];
  let x = 0;
  let row = 0;
  for (const entry of entries) {
    const valuePx = textWidth(entry.value, smallSizePx);
    const maxNamePx = widthPx - swatchPx - 6 - 8 - valuePx;
    const name = fitText(entry.name, Math.min(maxNamePx, 420), smallSizePx);
    const entryPx = swatchPx + 6 + nameWidth(name) + 8 + valuePx;
    if (x > 0 && x + entryPx > widthPx) {
      x = 0;
      row++;
    }
    const isLastRow = row === maxRows - 1;
    if (row >= maxRows || (isLastRow && entries.length > placed.length + 1 && x > 0)) {
      return { placed, hidden: entries.length - placed.length };
    }
    placed.push({ ...entry, name, x, row });
    x += entryPx + gapPx;
  }
  return { placed, hidden: 0 };
}
