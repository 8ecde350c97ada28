import type { FieldType, Frame } from '../contract.ts';

/** One column of a result, with a value a row; null: none. Times are Unix ms. */
export interface LogsColumn {
  readonly name: string;
  readonly type: Extract<FieldType, 'time' | 'number' | 'string' | 'boolean'>;
  /** Made by an aggregation. */
  readonly isAggregate: boolean;
  readonly values: readonly unknown[];
}

export interface LogsResult {
  readonly columns: readonly LogsColumn[];
  readonly rowCount: number;
  /** Of each row where rows are events. */
  readonly pointers: readonly string[] | undefined;
  readonly status: string;
  readonly statistics: {
    readonly recordsMatched: number;
    readonly recordsScanned: number;
    readonly bytesScanned: number;
  };
  readonly notices: readonly string[];
}

/**
 * Rows of logs as one frame; aggregates over time as a series for each combination of the other
 * columns they are grouped by, or of `statsGroups`; other aggregates as a table.
 */
export function logsFrames(
  result: LogsResult,
  query: { readonly expression: string; readonly statsGroups: readonly string[] },
): readonly Frame[] {
  const { columns } = result;
  const isStats = columns.some(({ isAggregate }) => isAggregate);
  const meta = metaOf(result, query.expression, isStats);
  if (!isStats) return [rowsFrame(result, meta)];
  const time = columns.find(({ type, isAggregate }) => type === 'time' && !isAggregate);
  const keys = keyColumns(columns, query.statsGroups, time);
  const order = rowOrder(result.rowCount, time);
  if (keys.length === 0) {
    return [{ meta, fields: columns.map((column) => fieldOf(column, order)) }];
  }
  return seriesFrames(columns, keys, order, meta);
}

function metaOf(
  { status, statistics, notices }: LogsResult,
  expression: string,
  isStats: boolean,
): Readonly<Record<string, unknown>> {
  const { recordsMatched, recordsScanned, bytesScanned } = statistics;
  return {
    ...(isStats ? {} : { preferredVisualisationType: 'logs' }),
    custom: { Status: status },
    executedQueryString: expression,
    stats: [
      { displayName: 'Bytes scanned', value: bytesScanned, unit: 'decbytes' },
      { displayName: 'Records scanned', value: recordsScanned },
      { displayName: 'Records matched', value: recordsMatched },
    ],
    ...(notices.length === 0
      ? {}
      : { notices: notices.map((text) => ({ severity: 'warning', text })) }),
  };
}

function rowsFrame({ columns, pointers }: LogsResult, meta: Frame['meta'] & {}): Frame {
  const fields: Frame['fields'][number][] = columns.map(({ name, type, values }) => ({
    name,
    type,
    values,
  }));
  if (pointers !== undefined) {
    const config = { custom: { hidden: true } };
    fields.push({ name: '@ptr', type: 'string', config, values: pointers });
  }
  return { meta, fields };
}

/** What makes a series of its own, when there is time. */
function keyColumns(
  columns: readonly LogsColumn[],
  statsGroups: readonly string[],
  time: LogsColumn | undefined,
): readonly LogsColumn[] {
  const asked = columns.filter(
    ({ name, type, isAggregate }) => !isAggregate && type !== 'time' && statsGroups.includes(name),
  );
  if (asked.length > 0) return asked;
  return time === undefined
    ? []
    : columns.filter((column) => column !== time && !column.isAggregate);
}

/** Charts need times in order; without a time rows stay as the query sorts them. */
function rowOrder(rowCount: number, time: LogsColumn | undefined): readonly number[] {
  const order = Array.from({ length: rowCount }, (_, row) => row);
  if (time === undefined) return order;
  return order.sort((a, b) => Number(time.values[a] ?? 0) - Number(time.values[b] ?? 0));
}

function fieldOf(
  { name, type, values }: LogsColumn,
  order: readonly number[],
): Frame['fields'][number] {
  return { name, type, values: order.map((row) => values[row] ?? null) };
}

function seriesFrames(
  columns: readonly LogsColumn[],
  keys: readonly LogsColumn[],
  order: readonly number[],
  meta: Frame['meta'] & {},
): readonly Frame[] {
  const groups = new Map<string, number[]>();
  for (const row of order) {
    const key = JSON.stringify(keys.map(({ values }) => values[row] ?? null));
    const rows = groups.get(key);
    if (rows === undefined) groups.set(key, [row]);
    else rows.push(row);
  }
  const shown = columns.filter((column) => !keys.includes(column));
  const isSingle = shown.filter(({ type }) => type === 'number').length === 1;
  return [...groups.values()].map((rows) => {
    const labels = Object.fromEntries(
      keys.map(({ name, values }) => [name, String(values[rows[0]!] ?? '')]),
    );
    const name = Object.values(labels).join(' ');
    return {
      name,
      meta,
      fields: shown.map((column) => {
        const field = fieldOf(column, rows);
        if (column.type === 'time') return field;
        const displayNameFromDS = isSingle ? name : `${name} ${column.name}`;
        return { ...field, labels, config: { displayNameFromDS } };
      }),
    };
  });
}
