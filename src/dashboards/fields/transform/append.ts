import { type DataFrame, type DataTransformerInfo, type Field, FieldType } from '@grafana/data';
import { ownTransformer } from './own-transformer.ts';

interface Column {
  readonly field: Field;
  type: FieldType;
  readonly values: unknown[];
}

/** Answers below each other in one table: columns of the same name are one, what an answer lacks is empty. */
export const append: DataTransformerInfo = ownTransformer('append', (frames) => {
  if (frames.length < 2) return frames;
  const columns = new Map<string, Column>();
  let length = 0;
  for (const frame of frames) {
    for (const [key, field] of keyed(frame)) {
      const column = columns.get(key) ?? { field, type: field.type, values: [] };
      columns.set(key, column);
      if (column.type !== field.type) column.type = FieldType.other;
      while (column.values.length < length) column.values.push(null);
      for (const value of field.values) column.values.push(value);
    }
    length += frame.length;
  }
  const fields = [...columns.values()].map(({ field, type, values }): Field => {
    while (values.length < length) values.push(null);
    // Labels and the name that a source gave are of one answer alone.
    const { displayNameFromDS: _, ...config } = field.config;
    return { name: field.name, type, config, values };
  });
  const { refId } = frames[0] ?? {};
  return [{ ...(refId === undefined ? {} : { refId }), length, fields }];
});

/** Columns by name; the second of a name within a frame is the second of that name in every frame. */
function keyed({ fields }: DataFrame): readonly (readonly [key: string, field: Field])[] {
  const counts = new Map<string, number>();
  return fields.map((field) => {
    const count = counts.get(field.name) ?? 0;
    counts.set(field.name, count + 1);
    return [`${field.name} ${count}`, field];
  });
}
