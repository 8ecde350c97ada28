import {
  type BarModel,
  barModel,
  barRects,
  calcValues,
  choiceAt,
  histogramModel,
  legendOptions,
  numberAt,
  roundTicks,
  textAt,
  tickText,
} from '#dashboards/fields';
import { type Box, element, type Markup, textWidth } from '#picture';
import type { DrawContext } from './contract.ts';
import { placeLegend } from './legend.ts';
import { axisPx, middleOf, rect, words } from './marks.ts';

/** Bars for each row of a table. */
export function drawBarChart(context: DrawContext): readonly Markup[] {
  const { panel, fields, box, colors, words: said } = context;
  const { options } = panel;
  const model = barModel(
    fields.frames,
    fields.theme,
    textAt(options, 'xField', ''),
    textAt(options, 'colorByField', ''),
  );
  if (model === undefined) return [middleOf(box, said.noNumbers, colors.text3)];
  const orientation = choiceAt(options, 'orientation', ['auto', 'horizontal', 'vertical'], 'auto');
  return bars(context, {
    model,
    stacking: choiceAt(options, 'stacking', ['none', 'normal', 'percent'], 'none'),
    isLying: orientation === 'horizontal',
    groupShare: numberAt(options, 'groupWidth', 0.7),
    barShare: numberAt(options, 'barWidth', 0.97),
  });
}

/** How often values fall into each range. */
export function drawHistogram(context: DrawContext): readonly Markup[] {
  const { panel, fields, box, colors, words: said } = context;
  const built = histogramModel(fields.frames, panel.options, fields.theme);
  if (built === undefined) return [middleOf(box, said.noNumbers, colors.text3)];
  return bars(context, {
    model: built.model,
    edges: built.edges,
    stacking: 'none',
    isLying: false,
    groupShare: 1,
    barShare: 0.96,
  });
}

interface BarsLook {
  readonly model: BarModel;
  /** Bounds between the bars, in place of names below them. */
  readonly edges?: readonly string[];
  readonly stacking: 'none' | 'normal' | 'percent';
  readonly isLying: boolean;
  readonly groupShare: number;
  readonly barShare: number;
}

function bars(context: DrawContext, look: BarsLook): readonly Markup[] {
  const { panel, colors } = context;
  const { model, stacking, isLying } = look;
  const options = legendOptions(panel);
  const items = model.series.map(({ key, name, color, field }) => ({
    key,
    name,
    color,
    values: look.edges === undefined ? calcValues(field, options.calcs) : [],
  }));
  const key = placeLegend(items, options, context);
  const rects = barRects(model, model.series, stacking);
  const first = model.series[0]?.field;
  const { min, max } = first?.config ?? {};
  const low = min ?? Math.min(0, ...rects.map(({ to }) => to));
  const high = max ?? Math.max(low + 1e-9, 0, ...rects.map(({ to }) => to));
  const long = isLying ? key.box.right - key.box.left : key.box.bottom - key.box.top;
  const ticks = roundTicks(low, high, Math.max(2, Math.floor(long / (isLying ? 80 : 36))));
  const step = ticks.length > 1 ? (ticks[1] as number) - (ticks[0] as number) : 0;
  const write =
    stacking === 'percent'
      ? (value: number): string => `${Math.round(value * 100)}%`
      : tickText(first?.display, step);
  const texts = ticks.map(write);
  const widest = (all: readonly string[]): number =>
    Math.max(0, ...all.map((text) => textWidth(text, axisPx)));
  const axisRoom = isLying
    ? Math.min((key.box.right - key.box.left) * 0.35, widest(model.categories))
    : widest(texts);
  const plot: Box = {
    left: key.box.left + axisRoom + 10,
    right: key.box.right - 8,
    top: key.box.top + 6,
    bottom: key.box.bottom - 22,
  };
  const top = Math.max(high, ticks.at(-1) ?? high);
  const shareAt = (value: number): number =>
    Math.min(1, Math.max(0, (value - low) / (top - low || 1)));
  const groups = model.categories.length;
  const groupPx = (isLying ? plot.bottom - plot.top : plot.right - plot.left) / Math.max(1, groups);
  const drawn = rects.map((one): Markup => {
    const usedPx = groupPx * look.groupShare;
    const placePx = usedPx / one.places;
    const offset =
      (isLying ? plot.top : plot.left) +
      one.category * groupPx +
      (groupPx - usedPx) / 2 +
      one.place * placePx;
    const [from, to] = [shareAt(Math.min(one.from, one.to)), shareAt(Math.max(one.from, one.to))];
    const inset = (placePx * (1 - look.barShare)) / 2;
    const fill = model.categoryColors[one.category] ?? one.series.color;
    const box = isLying
      ? {
          left: plot.left + from * (plot.right - plot.left),
          right: plot.left + to * (plot.right - plot.left),
          top: offset + inset,
          bottom: offset + placePx - inset,
        }
      : {
          left: offset + inset,
          right: offset + placePx - inset,
          top: plot.bottom - to * (plot.bottom - plot.top),
          bottom: plot.bottom - from * (plot.bottom - plot.top),
        };
    return rect(box, fill, { 'fill-opacity': 0.85 });
  });
  return [
    ...ticks.flatMap((value, at) =>
      valueTick(texts[at] as string, shareAt(value), plot, isLying, context),
    ),
    ...drawn,
    ...(look.edges === undefined
      ? names(model.categories, groupPx, plot, isLying, colors.text3)
      : edgeTexts(look.edges, groupPx, plot, colors.text3)),
    ...key.parts,
  ];
}

function valueTick(
  text: string,
  share: number,
  plot: Box,
  isLying: boolean,
  { colors }: DrawContext,
): readonly Markup[] {
  if (isLying) {
    const x = plot.left + share * (plot.right - plot.left);
    return [
      rect({ left: x, right: x + 1, top: plot.top, bottom: plot.bottom }, colors.line),
      words(text, { x, y: plot.bottom + 15, fill: colors.text3, sizePx: axisPx, anchor: 'middle' }),
    ];
  }
  const y = plot.bottom - share * (plot.bottom - plot.top);
  return [
    rect({ left: plot.left, right: plot.right, top: y, bottom: y + 1 }, colors.line),
    words(text, { x: plot.left - 6, y: y + 4, fill: colors.text3, sizePx: axisPx, anchor: 'end' }),
  ];
}

function names(
  categories: readonly string[],
  groupPx: number,
  plot: Box,
  isLying: boolean,
  fill: string,
): readonly Markup[] {
  if (isLying) {
    const stride = Math.max(1, Math.ceil(14 / groupPx));
    return categories.flatMap((name, at) =>
      at % stride !== 0
        ? []
        : [
            words(name, {
              x: plot.left - 6,
              y: plot.top + (at + 0.5) * groupPx + 4,
              fill,
              sizePx: axisPx,
              anchor: 'end',
              maxPx: plot.left - 12,
            }),
          ],
    );
  }
  const widest = Math.min(110, Math.max(0, ...categories.map((name) => textWidth(name, axisPx))));
  const stride = Math.max(1, Math.ceil((widest + 10) / groupPx));
  return categories.flatMap((name, at) =>
    at % stride !== 0
      ? []
      : [
          words(name, {
            x: plot.left + (at + 0.5) * groupPx,
            y: plot.bottom + 15,
            fill,
            sizePx: axisPx,
            anchor: 'middle',
            maxPx: groupPx * stride - 4,
          }),
        ],
  );
}

function edgeTexts(
  edges: readonly string[],
  groupPx: number,
  plot: Box,
  fill: string,
): readonly Markup[] {
  const widest = Math.max(0, ...edges.map((text) => textWidth(text, axisPx)));
  const stride = Math.max(1, Math.ceil((widest + 10) / groupPx));
  const shown = edges.flatMap((text, at) =>
    at % stride !== 0
      ? []
      : [
          words(text, {
            x: plot.left + at * groupPx,
            y: plot.bottom + 15,
            fill,
            sizePx: axisPx,
            anchor: 'middle',
          }),
        ],
  );
  return [element('g', {}, shown)];
}
