import type { Frame, FrameField } from '#dashboards/data-sources';
import { type Labels, labelsKey, type Point, type Value, type Values } from './values.ts';

/** Results of one query; more are no alert anybody reads. */
export const maxValues = 100_000;

/**
 * What the frames of one answer stand for: series where there are times, numbers where there are none
 * or where the data source says so (`meta.type` numeric-…). Columns of text are labels.
 * @throws {RangeError} when there are more than {@link maxValues}
 */
export function valuesOfFrames(frames: readonly Frame[]): Values {
  const values = frames.flatMap(valuesOfFrame);
  if (values.length > maxValues) {
    throw new RangeError(`the query has ${values.length} results; ${maxValues} are allowed`);
  }
  return values.length === 0 ? [{ kind: 'noData' }] : values;
}

function valuesOfFrame(frame: Frame): Value[] {
  const { fields, meta } = frame;
  const numbers = fields.filter(({ type }) => type === 'number' || type === 'boolean');
  const texts = fields.filter(({ type }) => type === 'string');
  const times = fields.find(({ type }) => type === 'time');
  const isNumeric = /^numeric-/.test(String(meta?.['type'] ?? ''));
  return groupsOf(fields, texts).flatMap(({ labels, rows }) =>
    numbers.flatMap((field): Value[] => {
      const all = { ...labels, ...field.labels, ...namedBy(field, numbers.length) };
      const points = rows.map((row) => pointOf(field.values[row]));
      if (times === undefined || isNumeric) {
        return points.map((value): Value => ({ kind: 'number', labels: all, value }));
      }
      const stamps = rows.map((row) => Number(times.values[row]));
      return points.length === 0 ? [] : [seriesOf(all, stamps, points)];
    }),
  );
}

/** Several numbers of one row need a label that tells them apart; a field with labels has one. */
const namedBy = ({ name, labels }: FrameField, count: number): Labels =>
  count > 1 && labels === undefined ? { __name__: name } : {};

function seriesOf(labels: Labels, timesMs: readonly number[], values: readonly Point[]): Value {
  const isSorted = timesMs.every((timeMs, at) => at === 0 || timesMs[at - 1]! <= timeMs);
  if (isSorted) return { kind: 'series', labels, timesMs, values };
  const order = timesMs.map((_, at) => at).sort((a, b) => timesMs[a]! - timesMs[b]!);
  return {
    kind: 'series',
    labels,
    timesMs: order.map((at) => timesMs[at]!),
    values: order.map((at) => values[at]!),
  };
}

/** Rows with equal texts belong together. */
function groupsOf(
  fields: Frame['fields'],
  texts: Frame['fields'],
): readonly { readonly labels: Labels; readonly rows: readonly number[] }[] {
  const count = fields[0]?.values.length ?? 0;
  const all = Array.from({ length: count }, (_, row) => row);
  if (texts.length === 0) return count === 0 ? [] : [{ labels: {}, rows: all }];
  const groups = new Map<string, { readonly labels: Labels; readonly rows: number[] }>();
  for (const row of all) {
    const labels = Object.fromEntries(
      texts.map(({ name, values }) => [name, String(values[row] ?? '')]),
    );
    const key = labelsKey(labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, rows: [row] });
    else group.rows.push(row);
  }
  return [...groups.values()];
}

function pointOf(value: unknown): Point {
  if (typeof value === 'number') return value;
  return typeof value === 'boolean' ? Number(value) : null;
}

/** Values as the answer of `refId`; a frame for each. */
export function framesOfValues(refId: string, values: Values): readonly Frame[] {
  return values
    .filter((value) => value.kind !== 'noData')
    .map((value) => frameOfValue(refId, value));
}

function frameOfValue(refId: string, value: Exclude<Value, { readonly kind: 'noData' }>): Frame {
  const meta = (type: string): NonNullable<Frame['meta']> => ({ type, typeVersion: [0, 1] });
  if (value.kind === 'series') {
    const { labels, timesMs, values } = value;
    return {
      name: refId,
      refId,
      meta: meta('timeseries-multi'),
      fields: [
        { name: 'Time', type: 'time', values: timesMs },
        { name: refId, type: 'number', labels, values },
      ],
    };
  }
  const labels = value.kind === 'number' ? { labels: value.labels } : {};
  return {
    name: refId,
    refId,
    meta: meta('numeric-multi'),
    fields: [{ name: refId, type: 'number', ...labels, values: [value.value] }],
  };
}
