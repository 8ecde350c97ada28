import type { Frame } from '#dashboards/data-sources';

export type SqlType = 'TIMESTAMP' | 'DOUBLE' | 'BOOLEAN' | 'VARCHAR';

export interface SqlColumn {
  readonly name: string;
  readonly type: SqlType;
  /** Times in Unix ms. */
  readonly values: readonly unknown[];
}

/** Cells of all tables together. */
export const maxCells = 1_000_000;

/**
 * One answer as a table. A single frame without labels is the table; series with labels become long:
 * `time`, `__value__`, `__metric_name__` and a column for each label, as Grafana has it.
 */
export function tableOf(frames: readonly Frame[]): readonly SqlColumn[] {
  const filled = frames.filter(({ fields }) => fields.length > 0);
  const [first] = filled;
  if (first === undefined) return [];
  const hasLabels = filled.some(({ fields }) =>
    fields.some(({ labels }) => labels !== undefined && Object.keys(labels).length > 0),
  );
  return filled.length === 1 && !hasLabels ? wideTable(first) : longTable(filled);
}

const types: Readonly<Record<string, SqlType>> = {
  time: 'TIMESTAMP',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
};

function wideTable({ fields }: Frame): readonly SqlColumn[] {
  const taken = new Map<string, number>();
  return fields.map(({ name, type, values }) => {
    // Names differ whatever their case: SQL knows no other.
    const key = name.toLowerCase();
    const count = taken.get(key) ?? 0;
    taken.set(key, count + 1);
    const text = name === '' ? 'value' : name;
    return {
      name: count === 0 ? text : `${text}_${count + 1}`,
      type: types[type] ?? 'VARCHAR',
      values: Array.from(values),
    };
  });
}

interface LongRow {
  readonly time: unknown;
  readonly value: unknown;
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
}

function longTable(frames: readonly Frame[]): readonly SqlColumn[] {
  const rows: LongRow[] = [];
  let hasTime = false;
  for (const { fields } of frames) {
    const times = fields.find(({ type }) => type === 'time');
    const texts = fields.filter(({ type }) => type === 'string');
    hasTime ||= times !== undefined;
    for (const field of fields) {
      if (field.type !== 'number' && field.type !== 'boolean') continue;
      for (const [at, value] of Array.from(field.values).entries()) {
        rows.push({
          time: times?.values[at] ?? null,
          value: typeof value === 'boolean' ? Number(value) : value,
          metric: field.name,
          labels: {
            ...Object.fromEntries(
              texts.map(({ name, values }) => [name, String(values[at] ?? '')]),
            ),
            ...field.labels,
          },
        });
      }
    }
  }
  const names = [...new Set(rows.flatMap(({ labels }) => Object.keys(labels)))].sort();
  const column = (name: string, type: SqlType, read: (row: LongRow) => unknown): SqlColumn => ({
    name,
    type,
    values: rows.map(read),
  });
  return [
    ...(hasTime ? [column('time', 'TIMESTAMP', ({ time }) => time)] : []),
    column('__value__', 'DOUBLE', ({ value }) => value),
    column('__metric_name__', 'VARCHAR', ({ metric }) => metric),
    ...names
      .filter((name) => !['time', '__value__', '__metric_name__'].includes(name))
      .map((name) => column(name, 'VARCHAR', ({ labels }) => labels[name] ?? null)),
  ];
}

/** Words of a query outside of its texts and comments: among them are the tables that it reads. */
export function identifiersIn(sql: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, quoted, tick, plain] of sql.matchAll(tokens)) {
    const name = quoted ?? tick ?? plain;
    if (name !== undefined) names.add(name);
  }
  return names;
}

/** Texts, comments, quoted names and plain ones, whichever comes first. */
const tokens =
  /'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\/|"((?:[^"]|"")*)"|`([^`]*)`|([A-Za-z_][\w$]*)/g;

/** Names in backticks, as MySQL and so Grafana's users write them, in double quotes. */
export const withStandardQuotes = (sql: string): string =>
  sql.replaceAll(tokens, (whole: string, _quoted, tick: string | undefined) =>
    tick === undefined ? whole : `"${tick.replaceAll('"', '""')}"`,
  );
