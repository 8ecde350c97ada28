import type { DataFrame, Field } from '@grafana/data';

/** A frame of columns; their types follow from their values, `Time` is time. */
export function frameOf(
  columns: Readonly<Record<string, readonly unknown[]>>,
  rest: Partial<DataFrame> = {},
): DataFrame {
  const fields = Object.entries(columns).map(([name, values]) => {
    const first = values.find((value) => value !== null);
    const type = name.startsWith('Time') ? 'time' : typeof first === 'number' ? 'number' : 'string';
    return { name, type, config: {}, values: [...values] } as unknown as Field;
  });
  return { refId: 'A', length: fields[0]?.values.length ?? 0, fields, ...rest };
}

/** One frame a series, as a query over time answers. */
export function seriesOf(
  labels: Readonly<Record<string, string>>,
  values: readonly (number | null)[],
  options: { readonly name?: string; readonly legend?: string; readonly refId?: string } = {},
): DataFrame {
  const { name = 'Value', legend, refId = 'A' } = options;
  return {
    refId,
    ...(legend === undefined ? {} : { name: legend }),
    length: values.length,
    fields: [
      {
        name: 'Time',
        type: 'time',
        config: {},
        values: values.map((_, at) => 1_700_000_000_000 + at * 60_000),
      },
      {
        name,
        type: 'number',
        labels: { ...labels },
        config: legend === undefined ? {} : { displayNameFromDS: legend },
        values: [...values],
      },
    ] as unknown as Field[],
  };
}

/** Columns by display name would be those of a test: here by name, with values as they are. */
export function columnsOf(frame: DataFrame | undefined): Record<string, unknown[]> {
  return Object.fromEntries(
    (frame?.fields ?? []).map((field) => [
      field.config.displayName ?? field.name,
      [...field.values],
    ]),
  );
}
