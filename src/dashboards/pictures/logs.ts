import type { DataFrame, Field } from '@grafana/data';
import { choiceAt, flagAt } from '#dashboards/fields';
import type { Markup } from '#picture';
import { sortableTime } from '#time';
import type { DrawContext } from './contract.ts';
import { axisPx, middleOf, words } from './marks.ts';

const linePx = 17;
const timePx = 142;
const bodyNames = ['@message', 'Line', 'line', 'body', 'message', 'msg'];

/** The newest lines that have room (or the oldest, where the panel is read from there). */
export function drawLogs(context: DrawContext): readonly Markup[] {
  const { panel, fields, box, colors, zone, words: said } = context;
  const isAscending =
    choiceAt(panel.options, 'sortOrder', ['Descending', 'Ascending'], 'Descending') === 'Ascending';
  const lines = fields.frames.flatMap(linesOf);
  if (lines.length === 0) return [middleOf(box, said.noData, colors.text3)];
  lines.sort((a, b) => (isAscending ? a.timeMs - b.timeMs : b.timeMs - a.timeMs));
  const hasTime = flagAt(panel.options, 'showTime', true);
  const room = Math.floor((box.bottom - box.top) / linePx);
  const left = box.left + (hasTime ? timePx : 0);
  return lines.slice(0, room).flatMap(({ timeMs, text }, at) => {
    const y = box.top + at * linePx + 12;
    const body = words(text.replaceAll(/\s+/g, ' '), {
      x: left,
      y,
      fill: colors.text,
      sizePx: axisPx,
      maxPx: box.right - left,
    });
    if (!hasTime) return [body];
    const time = sortableTime(zone, timeMs, 'second');
    return [words(time, { x: box.left, y, fill: colors.text3, sizePx: axisPx }), body];
  });
}

function linesOf(frame: DataFrame): readonly { readonly timeMs: number; readonly text: string }[] {
  const time = frame.fields.find(({ type }) => type === 'time');
  const body: Field | undefined =
    bodyNames
      .map((name) => frame.fields.find((field) => field.name === name))
      .find((field) => field !== undefined) ?? frame.fields.find(({ type }) => type === 'string');
  if (body === undefined) return [];
  return body.values.map((text: unknown, row: number) => ({
    timeMs: Number(time?.values[row] ?? 0),
    text: String(text ?? ''),
  }));
}
