import {
  type DataFrame,
  type DataTransformerInfo,
  type Field,
  FieldType,
  getFieldDisplayName,
  outerJoinDataFrames,
  reduceField,
} from '@grafana/data';
import { flagAt, objectAt, textAt, textsAt } from '../read.ts';
import { fieldWith, ownTransformer, pickRows } from './own-transformer.ts';

/** Frames in the shape that a chart wants: one for each series, or one for all of them. */
export const prepareTimeSeries: DataTransformerInfo = ownTransformer(
  'prepareTimeSeries',
  (frames, options) => {
    const format = textAt(options, 'format', 'multi');
    const series = frames.flatMap((frame) => toMulti(frame));
    if (format === 'multi' || format === 'many' || series.length === 0) return series;
    if (format === 'long') return [toLong(series)];
    const joined = outerJoinDataFrames({ frames: [...series] });
    return joined === undefined ? series : [joined];
  },
);

/** A frame for each number of a frame; rows with other texts are series of their own. */
function toMulti(frame: DataFrame): readonly DataFrame[] {
  const time = frame.fields.find(({ type }) => type === FieldType.time);
  if (time === undefined) return [];
  const texts = frame.fields.filter(({ type }) => type === FieldType.string);
  const numbers = frame.fields.filter(
    ({ type }) => type === FieldType.number || type === FieldType.boolean,
  );
  return numbers.flatMap((field) =>
    groupsOf(frame, texts).map(({ rows, values }): DataFrame => {
      const own = Object.fromEntries(texts.map((text, at) => [text.name, values[at] ?? '']));
      const labels = { ...field.labels, ...own };
      return {
        ...frame,
        length: rows.length,
        fields: [
          fieldWith(
            time,
            rows.map((row) => time.values[row] as unknown),
          ),
          fieldWith(
            field,
            rows.map((row) => field.values[row] as unknown),
            Object.keys(labels).length === 0 ? {} : { labels },
          ),
        ],
      };
    }),
  );
}

/** One row for each sample, labels as columns. */
function toLong(series: readonly DataFrame[]): DataFrame {
  const names = [...new Set(series.flatMap(({ fields }) => Object.keys(fields[1]?.labels ?? {})))];
  const rows = series.flatMap(({ fields: [time, value] }) =>
    (time?.values ?? []).map((ms: number, at: number) => ({
      ms,
      value: value?.values[at] as unknown,
      labels: value?.labels ?? {},
    })),
  );
  rows.sort((a, b) => a.ms - b.ms);
  const [first] = series as [DataFrame];
  const [time, value] = first.fields as [Field, Field];
  return {
    length: rows.length,
    fields: [
      fieldWith(
        time,
        rows.map(({ ms }) => ms),
      ),
      {
        ...fieldWith(
          value,
          rows.map((row) => row.value),
        ),
        labels: undefined as never,
      },
      ...names.map((name) => ({
        name,
        type: FieldType.string,
        config: {},
        values: rows.map(({ labels }) => labels[name] ?? ''),
      })),
    ],
  };
}

interface RowGroup {
  readonly values: readonly string[];
  readonly rows: readonly number[];
}

/** Rows with the same texts together, in the order in which these occur. */
function groupsOf(frame: DataFrame, fields: readonly Field[]): readonly RowGroup[] {
  const groups = new Map<string, { values: readonly string[]; rows: number[] }>();
  for (let row = 0; row < frame.length; row++) {
    const values = fields.map((field) => String(field.values[row] ?? ''));
    const key = JSON.stringify(values);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { values, rows: [row] });
    else known.rows.push(row);
  }
  return [...groups.values()];
}

/** A table becomes one for each combination of the values of some columns. */
export const partitionByValues: DataTransformerInfo = ownTransformer(
  'partitionByValues',
  (frames, options) => {
    const names = textsAt(options, 'fields');
    if (names.length === 0) return frames;
    const naming = objectAt(options, 'naming');
    return frames.flatMap((frame) => {
      const by = names.flatMap(
        (name) =>
          frame.fields.find(
            (field) => field.name === name || getFieldDisplayName(field, frame) === name,
          ) ?? [],
      );
      if (by.length === 0) return [frame];
      return groupsOf(frame, by).map(({ rows, values }): DataFrame => {
        const part = pickRows(frame, rows);
        const kept = flagAt(options, 'keepFields', false)
          ? part.fields
          : part.fields.filter((_, at) => !by.includes(frame.fields[at] as Field));
        const labels = Object.fromEntries(by.map(({ name }, at) => [name, values[at] ?? '']));
        const name = by
          .map((field, at) =>
            flagAt(naming, 'withNames', false) ? `${field.name}=${values[at]}` : values[at],
          )
          .join(' ');
        return {
          ...part,
          name: flagAt(naming, 'append', false) && frame.name ? `${frame.name} ${name}` : name,
          fields: kept.map((field) =>
            flagAt(naming, 'asLabels', false) && field.type !== FieldType.time
              ? { ...field, labels: { ...field.labels, ...labels } }
              : field,
          ),
        };
      });
    });
  },
);

/** Series become rows: their labels are columns, the values of one label the columns of their numbers. */
export const joinByLabels: DataTransformerInfo = ownTransformer(
  'joinByLabels',
  (frames, options) => {
    const valueLabel = textAt(options, 'value', '');
    const chosen = textsAt(options, 'join');
    const numbers = frames.flatMap(({ fields }) =>
      fields.filter((field) => field.type === FieldType.number && field.labels !== undefined),
    );
    if (numbers.length === 0) return frames;
    const joins =
      chosen.length > 0
        ? chosen
        : [...new Set(numbers.flatMap(({ labels }) => Object.keys(labels ?? {})))].filter(
            (name) => name !== valueLabel,
          );
    const rows = new Map<string, { labels: readonly string[]; values: Map<string, unknown> }>();
    const columns = new Set<string>();
    for (const field of numbers) {
      const labels = joins.map((name) => field.labels?.[name] ?? '');
      const column = field.labels?.[valueLabel] ?? field.name;
      columns.add(column);
      const key = JSON.stringify(labels);
      const row = rows.get(key) ?? { labels, values: new Map() };
      row.values.set(column, field.values.at(-1));
      rows.set(key, row);
    }
    const all = [...rows.values()];
    return [
      {
        ...(frames[0]?.refId === undefined ? {} : { refId: frames[0].refId }),
        length: all.length,
        fields: [
          ...joins.map((name, at) => ({
            name,
            type: FieldType.string,
            config: {},
            values: all.map(({ labels }) => labels[at]),
          })),
          ...[...columns].map((name) => ({
            name,
            type: FieldType.number,
            config: {},
            values: all.map(({ values }) => values.get(name) ?? null),
          })),
        ],
      },
    ];
  },
);

/** A row for each series: its labels, and the series itself as a small chart. */
export const timeSeriesTable: DataTransformerInfo = ownTransformer(
  'timeSeriesTable',
  (frames, options) => {
    const byQuery = new Map<string, DataFrame[]>();
    for (const frame of frames) {
      const refId = frame.refId ?? '';
      byQuery.set(refId, [...(byQuery.get(refId) ?? []), frame]);
    }
    return [...byQuery].map(([refId, own]): DataFrame => {
      const series = own.flatMap((frame) =>
        frame.fields
          .filter(({ type }) => type === FieldType.number)
          .map((field) => ({
            field,
            time: frame.fields.find(({ type }) => type === FieldType.time),
          })),
      );
      const names = [...new Set(series.flatMap(({ field }) => Object.keys(field.labels ?? {})))];
      const stat = textAt(objectAt(options, refId), 'stat', 'lastNotNull');
      return {
        refId,
        length: series.length,
        fields: [
          ...names.map((name) => ({
            name,
            type: FieldType.string,
            config: {},
            values: series.map(({ field }) => field.labels?.[name] ?? ''),
          })),
          {
            name: byQuery.size > 1 ? `Trend #${refId}` : 'Trend',
            type: FieldType.frame,
            config: {},
            values: series.map(({ field, time }) => ({
              fields: time === undefined ? [field] : [time, field],
              length: field.values.length,
              value: reduceField({ field, reducers: [stat] })[stat] as unknown,
            })),
          },
        ],
      };
    });
  },
);
