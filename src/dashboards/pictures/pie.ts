import {
  choiceAt,
  displayText,
  legendOptions,
  objectAt,
  percentText,
  ringPath,
  singleValues,
  sliceKey,
  slicesOf,
  textsAt,
} from '#dashboards/fields';
import type { Markup } from '#picture';
import { textOn } from './colors.ts';
import type { DrawContext } from './contract.ts';
import { placeLegend } from './legend.ts';
import { axisPx, middleOf, path, words } from './marks.ts';

/** A slice narrower than this has no room for words. */
const minLabelPx = 26;

/** Shares of a whole. */
export function drawPie(context: DrawContext): readonly Markup[] {
  const { panel, colors, words: said } = context;
  const { options } = panel;
  const values = singleValues({ ...context, timeZone: context.zone });
  const sort = choiceAt(options, 'sort', ['desc', 'asc', 'none'], 'desc');
  const slices = slicesOf(values, sort, new Set());
  if (slices.length === 0) return [middleOf(context.box, said.noData, colors.text3)];
  const shares = new Map(slices.map(({ key, share }) => [key, share]));
  const columns = textsAt(objectAt(options, 'legend'), 'values');
  const items = values.map((value, at) => {
    const key = sliceKey(value, at);
    const share = shares.get(key) ?? 0;
    return {
      key,
      name: value.display.title ?? '',
      color: value.display.color ?? colors.text3,
      values: columns.flatMap((column) =>
        column === 'percent'
          ? [{ title: said.percent, text: percentText(share), numeric: share }]
          : column === 'value'
            ? [{ title: said.value, text: displayText(value), numeric: value.display.numeric }]
            : [],
      ),
    };
  });
  const key = placeLegend(items, legendOptions(panel), context);
  const { box } = key;
  const radius = Math.max(4, Math.min(box.right - box.left, box.bottom - box.top) / 2 - 6);
  const inner = options['pieType'] === 'donut' ? radius * 0.62 : 0;
  const cx = (box.left + box.right) / 2;
  const cy = (box.top + box.bottom) / 2;
  const labels = textsAt(options, 'displayLabels');
  return [
    ...slices.map(({ value, from, to }) =>
      path(ringPath(cx, cy, radius, inner, from, to), {
        fill: value.display.color ?? colors.text3,
        stroke: colors.background,
        'stroke-width': slices.length > 1 ? 1 : 0,
      }),
    ),
    ...slices.flatMap(({ value, share, from, to }) => {
      const at = inner > 0 ? (radius + inner) / 2 : radius * 0.66;
      if (labels.length === 0 || (to - from) * at < minLabelPx || radius < 40) return [];
      const lines = [
        ...(labels.includes('name') ? [value.display.title ?? ''] : []),
        ...(labels.includes('value') ? [displayText(value)] : []),
        ...(labels.includes('percent') ? [percentText(share)] : []),
      ];
      const angle = (from + to) / 2;
      const x = cx + at * Math.sin(angle);
      const y = cy - at * Math.cos(angle) - (lines.length - 1) * 7 + 4;
      const fill = textOn(value.display.color ?? colors.text3);
      return lines.map((line, index) =>
        words(line, {
          x,
          y: y + index * 14,
          fill,
          sizePx: axisPx,
          anchor: 'middle',
          maxPx: radius * 0.8,
        }),
      );
    }),
    ...key.parts,
  ];
}
