import { type LegendItem, type LegendOptions, sortItems } from '#dashboards/fields';
import { type Box, element, fitText, type Markup, textWidth } from '#picture';
import type { DrawContext } from './contract.ts';
import { axisPx, rect, words } from './marks.ts';

const rowPx = 18;
const swatchPx = 12;
const gapPx = 14;
const maxNamePx = 360;
/** Of the panel, below the chart. */
const maxHeightShare = { list: 0.36, table: 0.5 };
/** Columns of a table give way until names have so much. */
const minNamePx = 70;
const maxWidthShare = { list: 0.45, table: 0.58 };

/** The legend in its place, and the room that is left for the chart. */
export function placeLegend(
  given: readonly LegendItem[],
  options: LegendOptions,
  { box, colors, words: said }: DrawContext,
): { readonly parts: readonly Markup[]; readonly box: Box } {
  if (!options.isShown || given.length === 0) return { parts: [], box };
  const items = sortItems(given, options.sortBy, options.sortDesc, said.name);
  const isRight = options.placement === 'right' && box.right - box.left > 260;
  const widthPx = isRight ? rightWidth(items, options, box) : box.right - box.left;
  const left = box.right - widthPx;
  const maxPx = isRight
    ? box.bottom - box.top
    : (box.bottom - box.top) * maxHeightShare[options.isTable ? 'table' : 'list'];
  const draw = options.isTable ? table : isRight ? column : list;
  const { heightPx, parts } = draw(items, { widthPx, maxPx, colors, said });
  const top = isRight ? box.top : box.bottom - heightPx;
  const placed = element('g', { transform: `translate(${left} ${Math.round(top)})` }, parts);
  return {
    parts: [placed],
    box: isRight ? { ...box, right: left - 12 } : { ...box, bottom: top - 6 },
  };
}

interface Room {
  readonly widthPx: number;
  readonly maxPx: number;
  readonly colors: DrawContext['colors'];
  readonly said: DrawContext['words'];
}

interface Drawn {
  readonly heightPx: number;
  readonly parts: readonly Markup[];
}

function rightWidth(items: readonly LegendItem[], options: LegendOptions, box: Box): number {
  const full = box.right - box.left;
  const { width } = options;
  if (typeof width === 'number') return Math.min(width, full * 0.7);
  if (width !== undefined) return (full * Math.min(70, Number.parseFloat(width))) / 100;
  const names = items.map(({ name }) => Math.min(220, textWidth(name, axisPx)));
  const columns = options.isTable ? columnWidths(items).reduce((sum, one) => sum + one, 0) : 60;
  return Math.min(
    full * maxWidthShare[options.isTable ? 'table' : 'list'],
    Math.max(0, ...names) + swatchPx + 12 + columns,
  );
}

const swatch = ({ color, isDashed }: LegendItem, x: number, middle: number): Markup =>
  element('line', {
    x1: x,
    x2: x + swatchPx,
    y1: middle,
    y2: middle,
    stroke: color,
    'stroke-width': 3,
    'stroke-dasharray': isDashed === true ? '4 2' : undefined,
  });

function list(items: readonly LegendItem[], { widthPx, maxPx, colors, said }: Room): Drawn {
  const maxRows = Math.max(1, Math.floor(maxPx / rowPx));
  const parts: Markup[] = [];
  let x = 0;
  let row = 0;
  /** Where the row before ends. */
  let lastX = 0;
  for (const [at, item] of items.entries()) {
    const values = item.values.map(({ title, text }) => `${title} ${text}`).join('  ');
    const valuePx = values === '' ? 0 : textWidth(values, axisPx) + 8;
    const name = fitText(item.name, Math.min(maxNamePx, widthPx - swatchPx - 6 - valuePx), axisPx);
    const itemPx = swatchPx + 6 + textWidth(name, axisPx) + valuePx;
    if (x > 0 && x + itemPx > widthPx) {
      lastX = x;
      x = 0;
      row++;
    }
    const left = items.length - at;
    const isFull = row >= maxRows || (row === maxRows - 1 && left > 1 && x + itemPx > widthPx - 80);
    if (isFull && at > 0) {
      const y = Math.min(row, maxRows - 1) * rowPx + 13;
      const end = row >= maxRows ? lastX : x;
      parts.push(words(said.more(left), { x: end, y, fill: colors.text3, sizePx: axisPx }));
      return { heightPx: (Math.min(row, maxRows - 1) + 1) * rowPx, parts };
    }
    const y = row * rowPx + 13;
    parts.push(
      swatch(item, x, y - 4),
      words(name, { x: x + swatchPx + 6, y, fill: colors.text2, sizePx: axisPx }),
    );
    if (values !== '') {
      const nameEnd = x + swatchPx + 6 + textWidth(name, axisPx) + 8;
      parts.push(words(values, { x: nameEnd, y, fill: colors.text, sizePx: axisPx }));
    }
    x += itemPx + gapPx;
  }
  return { heightPx: (row + 1) * rowPx, parts };
}

function column(items: readonly LegendItem[], { widthPx, maxPx, colors, said }: Room): Drawn {
  const { shown, more } = fitting(items, Math.floor(maxPx / rowPx));
  const parts = shown.flatMap((item, row) => {
    const y = row * rowPx + 13;
    const text = item.values.map((one) => one.text).join('  ');
    const valuePx = textWidth(text, axisPx);
    return [
      swatch(item, 0, y - 4),
      words(item.name, {
        x: swatchPx + 6,
        y,
        fill: colors.text2,
        sizePx: axisPx,
        maxPx: widthPx - swatchPx - 12 - valuePx,
      }),
      words(text, { x: widthPx, y, fill: colors.text, sizePx: axisPx, anchor: 'end' }),
    ];
  });
  if (more > 0) {
    const y = shown.length * rowPx + 13;
    parts.push(words(said.more(more), { x: 0, y, fill: colors.text3, sizePx: axisPx }));
  }
  return { heightPx: (shown.length + (more > 0 ? 1 : 0)) * rowPx, parts };
}

function table(given: readonly LegendItem[], { widthPx, maxPx, colors, said }: Room): Drawn {
  const items = withRoomForNames(given, widthPx);
  const { shown, more } = fitting(items, Math.max(1, Math.floor(maxPx / rowPx) - 1));
  const widths = columnWidths(items);
  const titles = items[0]?.values.map(({ title }) => title) ?? [];
  /** Right edges of the columns. */
  const edges = widths.map((_, at) => widthPx - widths.slice(at + 1).reduce((a, b) => a + b, 0));
  const namePx = widthPx - widths.reduce((a, b) => a + b, 0) - swatchPx - 10;
  const parts = [
    words(said.name, { x: 0, y: 13, fill: colors.text3, sizePx: axisPx }),
    ...titles.map((title, at) =>
      words(title, {
        x: edges[at] as number,
        y: 13,
        fill: colors.text3,
        sizePx: axisPx,
        anchor: 'end',
      }),
    ),
    rect({ left: 0, right: widthPx, top: rowPx, bottom: rowPx + 1 }, colors.line),
    ...shown.flatMap((item, at) => {
      const y = (at + 1) * rowPx + 13;
      return [
        swatch(item, 0, y - 4),
        words(item.name, {
          x: swatchPx + 6,
          y,
          fill: colors.text2,
          sizePx: axisPx,
          maxPx: namePx,
        }),
        ...item.values.map(({ text }, index) =>
          words(text, {
            x: edges[index] as number,
            y,
            fill: colors.text,
            sizePx: axisPx,
            anchor: 'end',
          }),
        ),
      ];
    }),
  ];
  if (more > 0) {
    const y = (shown.length + 1) * rowPx + 13;
    parts.push(words(said.more(more), { x: 0, y, fill: colors.text3, sizePx: axisPx }));
  }
  return { heightPx: (shown.length + 1 + (more > 0 ? 1 : 0)) * rowPx, parts };
}

/** The first columns: as many as leave room for names. */
function withRoomForNames(items: readonly LegendItem[], widthPx: number): readonly LegendItem[] {
  const widths = columnWidths(items);
  let count = widths.length;
  const taken = (): number => widths.slice(0, count).reduce((a, b) => a + b, 0);
  while (count > 1 && widthPx - taken() - swatchPx - 10 < minNamePx) count--;
  return items.map((item) => ({ ...item, values: item.values.slice(0, count) }));
}

function columnWidths(items: readonly LegendItem[]): readonly number[] {
  return (items[0]?.values ?? []).map(
    ({ title }, at) =>
      Math.max(
        textWidth(title, axisPx),
        ...items.map(({ values }) => textWidth(values[at]?.text ?? '', axisPx)),
      ) + 14,
  );
}

/** As many as there are rows; the last of them says how many there are besides. */
function fitting(
  items: readonly LegendItem[],
  rows: number,
): { readonly shown: readonly LegendItem[]; readonly more: number } {
  if (items.length <= rows) return { shown: items, more: 0 };
  const shown = items.slice(0, Math.max(1, rows - 1));
  return { shown, more: items.length - shown.length };
}
