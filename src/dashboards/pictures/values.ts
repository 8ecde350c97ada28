import {
  choiceAt,
  colorStops,
  displayText,
  type FieldDisplay,
  flagAt,
  gaugeRange,
  gridLayout,
  maybeNumberAt,
  numberAt,
  objectAt,
  ringPath,
  type StatOptions,
  type StatText,
  shareOf,
  singleValues,
  statOptions,
  statText,
  thresholdParts,
} from '#dashboards/fields';
import { type Box, element, type Markup, textWidth } from '#picture';
import { over, readable, textOn } from './colors.ts';
import type { DrawContext } from './contract.ts';
import { fittingPx, lineThrough, middleOf, path, rect, smallPx, words } from './marks.ts';

const gapPx = 6;
/** More figures than these are dots. */
const maxValues = 100;

const valuesOf = (context: DrawContext, wants: Parameters<typeof singleValues>[1] = {}) =>
  singleValues({ ...context, timeZone: context.zone }, wants).slice(0, maxValues);

/** Numbers as large as their boxes allow, each over the shape of its last while. */
export function drawStat(context: DrawContext): readonly Markup[] {
  const { panel, box, colors, words: said } = context;
  const options = statOptions(panel.options);
  const values = valuesOf(context, {
    sparkline: options.graphMode !== 'none',
    percentChange: options.showsChange,
  });
  if (values.length === 0) return [middleOf(box, said.noData, colors.text3)];
  const cells = cellsOf(values.length, box, 2.2, options.orientation);
  const texts = values.map((value) => statText(value, values.length === 1, options));
  const [cell] = cells as [Box];
  const [width, height] = [cell.right - cell.left, cell.bottom - cell.top];
  const hasNames = texts.some(({ name }) => name !== '');
  const namePx = hasNames ? (options.titlePx ?? Math.min(16, Math.max(11, height * 0.13))) : 0;
  const hasShape = height > 50 && values.some((value) => sparkPoints(value) !== undefined);
  // Flat boxes have the name beside the number.
  const isWide = options.isWide && hasNames && width / height > 2.5 && height < 80;
  const change = options.showsChange ? 1.35 : 1;
  const roomHeight = isWide ? height : (height - 8 - namePx * 1.4) * (hasShape ? 0.52 : 0.72);
  const roomWidth = (width - 20) * (isWide ? 0.4 : 0.94);
  // All numbers in one size: what is larger would look like more.
  const valuePx =
    options.valuePx ??
    Math.min(
      ...texts.map(({ text }) =>
        fittingPx(text, roomWidth, Math.max(10, roomHeight / change), { maxPx: isWide ? 80 : 96 }),
      ),
    );
  return values.flatMap((value, at) =>
    stat(value, {
      ...(texts[at] as StatText),
      cell: cells[at] as Box,
      options,
      context,
      valuePx,
      namePx: isWide ? Math.min(16, Math.max(11, height * 0.4)) : namePx,
      isWide,
    }),
  );
}

function cellsOf(
  count: number,
  box: Box,
  shape: number,
  orientation: 'auto' | 'horizontal' | 'vertical',
): readonly Box[] {
  const { columns, cellWidthPx, cellHeightPx } = gridLayout(
    count,
    box.right - box.left,
    box.bottom - box.top,
    gapPx,
    shape,
    orientation,
  );
  return Array.from({ length: count }, (_, at) => {
    const left = box.left + (at % columns) * (cellWidthPx + gapPx);
    const top = box.top + Math.floor(at / columns) * (cellHeightPx + gapPx);
    return { left, top, right: left + cellWidthPx, bottom: top + cellHeightPx };
  });
}

function stat(
  value: FieldDisplay,
  drawn: StatText & {
    readonly cell: Box;
    readonly options: StatOptions;
    readonly context: DrawContext;
    readonly valuePx: number;
    readonly namePx: number;
    readonly isWide: boolean;
  },
): readonly Markup[] {
  const { cell, options, context, valuePx, namePx, isWide, name, text } = drawn;
  const { colors } = context;
  const color = value.display.color ?? colors.text;
  const isFilled = options.colorMode.startsWith('background');
  const ink = isFilled
    ? textOn(color)
    : options.colorMode === 'value'
      ? readable(color, colors.background, valuePx >= 24)
      : colors.text;
  const height = cell.bottom - cell.top;
  const shape = height > 50 ? sparkPoints(value) : undefined;
  const shapePx = shape === undefined ? 0 : height * 0.42;
  const parts: Markup[] = [];
  if (isFilled) parts.push(rect(cell, color, { rx: 3 }));
  if (shape !== undefined) {
    const line = isFilled ? ink : options.colorMode === 'none' ? colors.accent : color;
    parts.push(
      ...sparkline(
        shape,
        { ...cell, top: cell.bottom - shapePx },
        line,
        options.graphMode === 'area',
      ),
    );
  }
  if (isWide && name !== '') {
    const middle = (cell.top + cell.bottom) / 2;
    const fill = isFilled ? ink : colors.text2;
    const half = (cell.right - cell.left) * 0.58;
    return [
      ...parts,
      words(name, {
        x: cell.left + 10,
        y: middle + namePx * 0.35,
        fill,
        sizePx: namePx,
        maxPx: half,
      }),
      words(text, {
        x: cell.right - 10,
        y: middle + valuePx * 0.35,
        fill: ink,
        sizePx: valuePx,
        isBold: true,
        anchor: 'end',
      }),
    ];
  }
  const isAlone = name === '';
  const isCentered = options.isCentered || isAlone;
  const x = isCentered ? (cell.left + cell.right) / 2 : cell.left + 10;
  const anchor = isCentered ? 'middle' : 'start';
  const room = height - shapePx * 0.8;
  const blockPx = valuePx + (isAlone ? 0 : namePx * 1.4);
  const top = cell.top + Math.max(2, (room - blockPx) / 2);
  const maxPx = cell.right - cell.left - 12;
  if (!isAlone) {
    const fill = isFilled ? ink : colors.text2;
    parts.push(words(name, { x, y: top + namePx, fill, sizePx: namePx, anchor, maxPx }));
  }
  const baseline = top + (isAlone ? 0 : namePx * 1.4) + valuePx * 0.82;
  parts.push(
    words(text, { x, y: baseline, fill: ink, sizePx: valuePx, isBold: true, anchor, maxPx }),
  );
  const { percentChange } = value.display;
  if (options.showsChange && percentChange !== undefined && Number.isFinite(percentChange)) {
    const isGood = options.changeColor === 'inverted' ? percentChange <= 0 : percentChange >= 0;
    const own =
      options.changeColor === 'same_as_value' ? ink : isGood ? colors.ok : colors.critical;
    const arrow = percentChange === 0 ? '→' : percentChange > 0 ? '↗' : '↘';
    const size = Math.abs(percentChange);
    const change = `${arrow} ${size.toFixed(size < 10 ? 1 : 0)}%`;
    const sizePx = options.percentPx ?? Math.max(11, valuePx * 0.3);
    const y = baseline + sizePx * 1.3;
    parts.push(words(change, { x, y, fill: isFilled ? ink : own, sizePx, anchor }));
  }
  return parts;
}

type Points = readonly (readonly [number, number])[];

function sparkPoints({ sparkline: shape }: FieldDisplay): Points | undefined {
  const values = (shape?.y.values ?? []) as readonly unknown[];
  const points = values.flatMap(
    (value, at): Points =>
      typeof value === 'number' && Number.isFinite(value)
        ? [[Number(shape?.x?.values[at] ?? at), value]]
        : [],
  );
  return points.length > 1 ? points : undefined;
}

function sparkline(points: Points, box: Box, color: string, hasArea: boolean): readonly Markup[] {
  const [firstX] = points[0] as readonly [number, number];
  const [lastX] = points.at(-1) as readonly [number, number];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const [, value] of points) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const placed = points.map(([x, y]): readonly [number, number] => [
    box.left + ((x - firstX) / (lastX - firstX || 1)) * (box.right - box.left),
    box.bottom - 3 - ((y - low) / (high - low || 1)) * (box.bottom - box.top - 6),
  ]);
  const line = lineThrough(placed);
  const area = `${line}L${box.right} ${box.bottom}L${box.left} ${box.bottom}Z`;
  return [
    ...(hasArea ? [path(area, { fill: color, 'fill-opacity': 0.18 })] : []),
    path(line, { fill: 'none', stroke: color, 'stroke-width': 1.25 }),
  ];
}

/** Half of the angle that is open below. */
const halfOpening = Math.PI / 3;

/** Arcs along the range, with the thresholds outside of them. */
export function drawGauge(context: DrawContext): readonly Markup[] {
  const { panel, box, colors, fields, words: said } = context;
  const values = valuesOf(context);
  if (values.length === 0) return [middleOf(box, said.noData, colors.text3)];
  const { options } = panel;
  const orientation = choiceAt(options, 'orientation', ['auto', 'horizontal', 'vertical'], 'auto');
  const hasMarkers = flagAt(options, 'showThresholdMarkers', true);
  const half = options['shape'] === 'circle' ? 0 : halfOpening;
  const factor = Math.min(1, Math.max(0.05, numberAt(options, 'barWidthFactor', 0.5)));
  return cellsOf(values.length, box, 1.2, orientation).flatMap((cell, at) => {
    const value = values[at] as FieldDisplay;
    const name = values.length > 1 ? (value.display.title ?? '') : '';
    const room = cell.bottom - cell.top - (name === '' ? 0 : 20);
    const heightShare = half === 0 ? 2 : 1 + Math.cos(half);
    const radius = Math.max(10, Math.min((cell.right - cell.left) / 2, room / heightShare) - 4);
    const cx = (cell.left + cell.right) / 2;
    const cy = cell.top + (room - radius * heightShare) / 2 + radius;
    const thickness = Math.max(5, radius * 0.4 * factor);
    const markers = hasMarkers ? Math.max(2, radius * 0.05) : 0;
    const inner = radius - markers * 1.6;
    const range = gaugeRange(value);
    const angleOf = (share: number): number => -Math.PI + half + share * 2 * (Math.PI - half);
    const ring = (outer: number, width: number, from: number, to: number, fill: string): Markup =>
      path(ringPath(cx, cy, outer, outer - width, angleOf(from), angleOf(to)), { fill });
    const share = shareOf(value.display.numeric, range);
    const color = value.display.color ?? colors.accent;
    const text = displayText(value);
    const sizePx = fittingPx(text, (inner - thickness) * 1.62, radius * 0.62, { maxPx: 64 });
    return [
      ring(inner, thickness, 0, 1, colors.line),
      ...(share > 0 ? [ring(inner, thickness, 0, share, color)] : []),
      ...(hasMarkers
        ? thresholdParts(value, range, fields.theme).map((part) =>
            ring(radius, markers, part.from, part.to, part.color),
          )
        : []),
      words(text, {
        x: cx,
        y: cy + sizePx * (half === 0 ? 0.34 : 0.28),
        fill: readable(color, colors.background, sizePx >= 24),
        sizePx,
        isBold: true,
        anchor: 'middle',
      }),
      words(name, {
        x: cx,
        y: cell.bottom - 5,
        fill: colors.text2,
        anchor: 'middle',
        maxPx: cell.right - cell.left,
      }),
    ];
  });
}

/** Bars along the range, below each other or side by side. */
export function drawBarGauge(context: DrawContext): readonly Markup[] {
  const { panel, box, colors, words: said } = context;
  const { options } = panel;
  const values = valuesOf(context);
  if (values.length === 0) return [middleOf(box, said.noData, colors.text3)];
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const orientation = choiceAt(options, 'orientation', ['auto', 'horizontal', 'vertical'], 'auto');
  const isUpright =
    orientation === 'vertical' ||
    (orientation === 'auto' && width > height * 1.8 && values.length > 1 && height > 150);
  const hasValues = choiceAt(options, 'valueMode', ['color', 'text', 'hidden'], 'color');
  const placement = choiceAt(options, 'namePlacement', ['auto', 'left', 'top', 'hidden'], 'auto');
  const names = values.map(({ display }) =>
    placement === 'hidden' || (values.length === 1 && placement === 'auto')
      ? ''
      : (display.title ?? ''),
  );
  const texts = hasValues === 'hidden' ? values.map(() => '') : values.map(displayText);
  const look = { names, texts, values, context, hasColor: hasValues === 'color' };
  return isUpright ? uprightBars(look) : lyingBars(look, placement === 'top');
}

interface BarLook {
  readonly names: readonly string[];
  readonly texts: readonly string[];
  readonly values: readonly FieldDisplay[];
  readonly context: DrawContext;
  readonly hasColor: boolean;
}

const inkOf = ({ hasColor, context }: BarLook, color: string): string =>
  hasColor ? readable(color, context.colors.background) : context.colors.text;

function uprightBars(look: BarLook): readonly Markup[] {
  const { names, texts, values, context } = look;
  const { box, colors } = context;
  const cells = cellsOf(values.length, box, 1, 'vertical');
  const hasNames = names.some((name) => name !== '');
  const cellPx = (cells[0] as Box).right - (cells[0] as Box).left;
  const longest = texts.reduce((a, b) => (b.length > a.length ? b : a), '');
  const sizePx = fittingPx(longest, cellPx - 4, 28, { maxPx: 18, minPx: 9 });
  return cells.flatMap((cell, at) => {
    const value = values[at] as FieldDisplay;
    const color = value.display.color ?? colors.accent;
    const bar = {
      ...cell,
      top: cell.top + (longest === '' ? 0 : sizePx * 1.4),
      bottom: cell.bottom - (hasNames ? 20 : 0),
    };
    const middle = { x: (cell.left + cell.right) / 2, anchor: 'middle', maxPx: cellPx } as const;
    const y = cell.top + sizePx;
    return [
      words(texts[at] ?? '', { ...middle, y, fill: inkOf(look, color), sizePx, isBold: true }),
      ...barOf(value, bar, context, true),
      words(names[at] ?? '', { ...middle, y: cell.bottom - 5, fill: colors.text2 }),
    ];
  });
}

function lyingBars(look: BarLook, isNameOnTop: boolean): readonly Markup[] {
  const { names, texts, values, context } = look;
  const { box, colors, panel } = context;
  const { options } = panel;
  const width = box.right - box.left;
  const gap = 8;
  const rowPx = Math.min(
    numberAt(options, 'maxVizHeight', 300),
    Math.max(
      numberAt(options, 'minVizHeight', 16),
      (box.bottom - box.top - gap * (values.length - 1)) / values.length,
    ),
  );
  const hasNames = names.some((name) => name !== '');
  const isAbove = hasNames && (isNameOnTop || rowPx > 44);
  const barPx = Math.max(8, isAbove ? rowPx - 20 : rowPx);
  const longest = texts.reduce((a, b) => (b.length > a.length ? b : a), '');
  const sizePx =
    maybeNumberAt(objectAt(options, 'text'), 'valueSize') ??
    fittingPx(longest, width * 0.3, barPx * 0.8, { maxPx: 28, minPx: 10 });
  const valuePx = longest === '' ? 0 : textWidth(longest, sizePx, true) + 14;
  const namePx = Math.min(14, Math.max(11, barPx * 0.45));
  const widest = Math.max(0, ...names.map((name) => textWidth(name, namePx)));
  const nameRoom = hasNames && !isAbove ? Math.min(width * 0.4, widest + 14) : 0;
  return values.flatMap((value, at) => {
    const top = box.top + at * (rowPx + gap);
    if (top + rowPx > box.bottom + 1) return [];
    const color = value.display.color ?? colors.accent;
    const bar = {
      left: box.left + nameRoom,
      right: box.right - valuePx,
      top: top + (isAbove ? 20 : 0),
      bottom: top + rowPx,
    };
    const middle = (bar.top + bar.bottom) / 2;
    return [
      words(names[at] ?? '', {
        x: box.left,
        y: isAbove ? top + 14 : middle + namePx * 0.35,
        fill: colors.text2,
        sizePx: isAbove ? smallPx : namePx,
        maxPx: isAbove ? width : nameRoom - 8,
      }),
      ...barOf(value, bar, context, false),
      words(texts[at] ?? '', {
        x: box.right,
        y: middle + sizePx * 0.35,
        fill: inkOf(look, color),
        sizePx,
        isBold: true,
        anchor: 'end',
      }),
    ];
  });
}

const lampPx = 12;

function barOf(
  value: FieldDisplay,
  box: Box,
  { panel, colors, fields, newId }: DrawContext,
  isUpright: boolean,
): readonly Markup[] {
  const range = gaugeRange(value);
  const share = shareOf(value.display.numeric, range);
  const color = value.display.color ?? colors.accent;
  const lengthPx = isUpright ? box.bottom - box.top : box.right - box.left;
  const part = (from: number, to: number): Box =>
    isUpright
      ? { ...box, top: box.bottom - to * lengthPx, bottom: box.bottom - from * lengthPx }
      : { ...box, left: box.left + from * lengthPx, right: box.left + to * lengthPx };
  const mode = choiceAt(panel.options, 'displayMode', ['gradient', 'lcd', 'basic'], 'gradient');
  if (mode === 'lcd') {
    const count = Math.max(1, Math.floor(lengthPx / lampPx));
    const field = value.view?.dataFrame.fields[value.colIndex ?? -1];
    return Array.from({ length: count }, (_, at) => {
      const own =
        field?.display?.(range.min + ((range.max - range.min) * at) / count).color ?? color;
      const isLit = at / count < share;
      const lamp = part(at / count, (at + 1) / count - 2 / lengthPx);
      return rect(lamp, isLit ? own : over(own, colors.background, 0.18), { rx: 1 });
    });
  }
  const unfilled = flagAt(panel.options, 'showUnfilled', true)
    ? [rect(box, colors.line, { rx: 2, 'fill-opacity': 0.6 })]
    : [];
  const end = part(Math.max(0, share - 2 / lengthPx), share);
  if (mode === 'basic') {
    const body = rect(part(0, share), over(color, colors.background, 0.32));
    return [...unfilled, body, rect(end, color)];
  }
  const gradient = gradientOf(value, share, { newId, fields, isUpright });
  if (gradient === undefined) return [...unfilled, rect(part(0, share), color)];
  return [...unfilled, gradient.defs, rect(part(0, share), `url(#${gradient.id})`, { rx: 2 })];
}

/** From the colours below the value up to its own. */
function gradientOf(
  value: FieldDisplay,
  share: number,
  {
    newId,
    fields,
    isUpright,
  }: Pick<DrawContext, 'newId' | 'fields'> & { readonly isUpright: boolean },
): { readonly id: string; readonly defs: Markup } | undefined {
  const field = value.view?.dataFrame.fields[value.colIndex ?? -1];
  const stops = field === undefined ? undefined : colorStops(field, fields.theme);
  const { color } = value.display;
  if (stops === undefined || color === undefined || share <= 0) return undefined;
  const range = gaugeRange(value);
  const shown = stops
    .map((stop) => ({ ink: stop.color, at: shareOf(stop.value, range) }))
    .filter(({ at }, index) => index === 0 || at <= share);
  const stop = (ink: string, at: number): Markup =>
    element('stop', { offset: `${(at * 100).toFixed(1)}%`, 'stop-color': ink });
  const id = newId();
  const ends = isUpright ? { x1: 0, x2: 0, y1: 1, y2: 0 } : { x1: 0, x2: 1, y1: 0, y2: 0 };
  const marks = [...shown.map(({ ink, at }) => stop(ink, at / share)), stop(color, 1)];
  return { id, defs: element('defs', {}, [element('linearGradient', { id, ...ends }, marks)]) };
}
