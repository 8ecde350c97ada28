import type { DataFrame, DataTransformerInfo, Field } from '@grafana/data';
import { map } from 'rxjs';

type Options = Readonly<Record<string, unknown>>;

/** A transformation that Grafana keeps outside of @grafana/data, from what its documentation says. */
export function ownTransformer(
  id: string,
  run: (frames: readonly DataFrame[], options: Options) => readonly DataFrame[],
): DataTransformerInfo {
  return {
    id,
    name: id,
    defaultOptions: {},
    operator: (options) => map((frames) => [...run(frames, options as Options)]),
  };
}

/** A field with other values: what was known of the old ones does not hold for it. */
export function fieldWith(
  field: Field,
  values: readonly unknown[],
  more: Partial<Field> = {},
): Field {
  return { ...field, ...more, values: [...values], state: {} };
}

export function pickRows(frame: DataFrame, rows: readonly number[]): DataFrame {
  return {
    ...frame,
    length: rows.length,
    fields: frame.fields.map((field) =>
      fieldWith(
        field,
        rows.map((row) => field.values[row] as unknown),
      ),
    ),
  };
}
