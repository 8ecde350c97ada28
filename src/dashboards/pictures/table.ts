import {
  cellText,
  columnsOf,
  columnWidths,
  footerOf,
  isExemplars,
  rowsOf,
  type TableColumn,
  tableOptions,
} from '#dashboards/fields';
import { type Box, element, type Markup, textWidth } from '#picture';
import { over, readable, textOn } from './colors.ts';
import type { DrawContext } from './contract.ts';
import { axisPx, middleOf, rect, smallPx, words } from './marks.ts';

const headPx = 26;
const padPx = 8;
/** The console's rows: a picture has no fingers to hit them. */
const maxRowPx = 30;

/** Rows of one frame, as many as there is room for; the last line counts the others. */
export function drawTable(context: DrawContext): readonly Markup[] {
  const { panel, fields, box, colors, words: said } = context;
  const options = tableOptions(panel.options);
  const frames = fields.frames.filter((one) => !isExemplars(one));
  const frame = frames[options.frameIndex] ?? frames[0];
  const columns = frame === undefined ? [] : columnsOf(frame, fields.frames);
  if (frame === undefined || columns.length === 0) {
    return [middleOf(box, said.noData, colors.text3)];
  }
  const sorted = columns.find(({ name }) => name === options.sortBy?.displayName);
  const rows = rowsOf(
    frame,
    columns,
    sorted === undefined ? undefined : { key: sorted.key, desc: options.sortBy?.desc === true },
    {},
  );
  const widths = fitting(columnWidths(columns, rows, box.right - box.left, {}), box);
  const lefts = widths.map((_, at) => widths.slice(0, at).reduce((a, b) => a + b, box.left));
  const footer = footerOf(columns, rows, options, said.rows);
  const rowPx = Math.min(maxRowPx, options.rowHeightPx);
  const head = options.hasHeader ? headPx : 0;
  const footPx = footer === undefined ? 0 : headPx;
  const room = Math.floor((box.bottom - box.top - head - footPx) / rowPx);
  const isCut = rows.length > room;
  const shown = rows.slice(0, Math.max(0, isCut ? room - 1 : room));
  const cellBox = (at: number, top: number): Box => ({
    left: lefts[at] as number,
    right: (lefts[at] as number) + (widths[at] as number),
    top,
    bottom: top + rowPx,
  });
  const parts: Markup[] = [];
  if (options.hasHeader) {
    for (const [at, column] of columns.entries()) {
      const place = { ...cellBox(at, box.top), bottom: box.top + headPx };
      if (column.options.hasHeader)
        parts.push(textIn(place, column.name, column, colors.text2, true));
    }
    const y = box.top + headPx - 1;
    parts.push(rect({ ...box, top: y, bottom: y + 1 }, colors.strongLine));
  }
  for (const [line, row] of shown.entries()) {
    const top = box.top + head + line * rowPx;
    parts.push(...rowParts(columns, row, (at) => cellBox(at, top), context));
    parts.push(rect({ ...box, top: top + rowPx - 1, bottom: top + rowPx }, colors.line));
  }
  const below = box.top + head + shown.length * rowPx;
  if (isCut) {
    const style = { x: box.left + padPx, y: below + rowPx / 2 + 4, fill: colors.text3 };
    parts.push(words(said.more(rows.length - shown.length), style));
  }
  for (const [at, texts] of (footer ?? []).entries()) {
    const place = { ...cellBox(at, box.bottom - footPx), bottom: box.bottom };
    parts.push(textIn(place, texts.join(' '), columns[at] as TableColumn, colors.text, true));
  }
  return parts;
}

/** Wider than the picture, every column gives way alike. */
function fitting(widths: readonly number[], box: Box): readonly number[] {
  const total = widths.reduce((a, b) => a + b, 0);
  const room = box.right - box.left;
  return total <= room ? widths : widths.map((width) => (width * room) / total);
}

function rowParts(
  columns: readonly TableColumn[],
  row: number,
  boxOf: (at: number) => Box,
  context: DrawContext,
): readonly Markup[] {
  const { colors } = context;
  const whole = columns.find(
    ({ options }) => options.cell === 'color-background' && options.colorsRow,
  );
  const rowColor = whole?.field.display?.(whole.field.values[row]).color;
  return columns.flatMap((column, at) => {
    const place = boxOf(at);
    const { field, options } = column;
    const value: unknown = field.values[row];
    const shown = field.display?.(value);
    const text = plainText(cellText(field, row), value);
    const own = options.cell === 'color-background' ? shown?.color : undefined;
    const background = rowColor ?? own;
    if (background !== undefined && background !== '') {
      return [rect(place, background), textIn(place, text, column, textOn(background))];
    }
    if (options.cell === 'gauge' && shown !== undefined)
      return gaugeCell(column, row, place, context);
    const ink =
      options.cell === 'color-text' && shown?.color !== undefined
        ? readable(shown.color, colors.background)
        : colors.text;
    return [textIn(place, text, column, ink)];
  });
}

const plainText = (text: string, value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : text;

function textIn(
  { left, right, top, bottom }: Box,
  text: string,
  { options }: TableColumn,
  fill: string,
  isBold = false,
): Markup {
  const anchor =
    options.align === 'right' ? 'end' : options.align === 'center' ? 'middle' : 'start';
  const x =
    anchor === 'end' ? right - padPx : anchor === 'middle' ? (left + right) / 2 : left + padPx;
  const y = (top + bottom) / 2 + smallPx * 0.35;
  const maxPx = right - left - 2 * padPx;
  return words(text.replaceAll(/\s+/g, ' '), { x, y, fill, anchor, maxPx, isBold });
}

function gaugeCell(
  { field, options }: TableColumn,
  row: number,
  place: Box,
  { colors }: DrawContext,
): readonly Markup[] {
  const shown = field.display?.(field.values[row]);
  if (shown === undefined) return [];
  const range = field.state?.range;
  const min = field.config.min ?? range?.min ?? 0;
  const max = field.config.max ?? range?.max ?? 100;
  const share = Math.min(1, Math.max(0, (shown.numeric - min) / (max - min || 1) || 0));
  const color = shown.color ?? colors.accent;
  const text = options.valueMode === 'hidden' ? '' : cellText(field, row);
  const valuePx = text === '' ? 0 : Math.max(62, textWidth(text, axisPx) + 8);
  const bar = {
    left: place.left + padPx,
    right: Math.max(place.left + padPx + 8, place.right - padPx - valuePx),
    top: place.top + 6,
    bottom: place.bottom - 6,
  };
  const end = bar.left + (bar.right - bar.left) * share;
  const ink = options.valueMode === 'color' ? readable(color, colors.background) : colors.text;
  return [
    rect(bar, colors.line, { 'fill-opacity': 0.6, rx: 1 }),
    element('g', {}, [
      rect(
        { ...bar, right: end },
        options.barMode === 'basic' ? over(color, colors.background, 0.4) : color,
        { rx: 1 },
      ),
    ]),
    words(text, {
      x: place.right - padPx,
      y: (place.top + place.bottom) / 2 + 4,
      fill: ink,
      sizePx: axisPx,
      anchor: 'end',
    }),
  ];
}
