import { AppError } from '#base';
import { encodePointer, type Plan } from '#logs/insights';
import type { SqlRows, SqlValue } from '#logs/store';
import type { QueryRows, ResultColumn } from './contract.ts';

/** The plan's output as columns of a result. */
export function resultColumns(plan: Plan): ResultColumn[] {
  return plan.output.map((one) => ({
    name: one.name,
    kind:
      one.expression.type === 'string' && isExtreme(plan, one.name)
        ? 'number'
        : one.expression.type,
    isTimeBin: one.isTimeBin,
    isAggregate: one.isAggregate,
  }));
}

/** min() and max() of a field: text in the engine, a number for whoever draws a chart. */
function isExtreme(plan: Plan, name: string): boolean {
  const output = plan.output.find((one) => one.name === name);
  let expression = output?.expression;
  for (let hops = 0; hops < 4 && expression?.kind === 'column'; hops++) {
    const { id } = expression.column;
    const stage = plan.stages.find((one) =>
      one.kind === 'extend'
        ? one.column.id === id
        : one.kind === 'aggregate' && one.aggregates.some((a) => a.column.id === id),
    );
    if (stage?.kind === 'aggregate') {
      const found = stage.aggregates.find((one) => one.column.id === id);
      return found?.name === 'min' || found?.name === 'max';
    }
    expression = stage?.kind === 'extend' ? stage.expression : undefined;
  }
  return false;
}

/** The engine's rows as rows of a result: numbers as numbers, and a @ptr for each event. */
export function toQueryRows(
  rows: SqlRows,
  columns: readonly ResultColumn[],
  hasPointers: boolean,
): QueryRows {
  const values = columns.map((column, index) => {
    const given = rows.columns[index] ?? [];
    return column.kind === 'number' || column.kind === 'timestamp' ? given.map(toNumber) : given;
  });
  return {
    columnNames: columns.map((column) => column.name),
    columns: values,
    rowCount: rows.rowCount,
    pointers: hasPointers ? pointersOf(rows, columns.length) : undefined,
  };
}

function toNumber(value: SqlValue): SqlValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.trim() === '') return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}

/** The group, time and sequence stand behind the output. */
function pointersOf(rows: SqlRows, at: number): string[] {
  const groups = rows.columns[at] ?? [];
  const times = rows.columns[at + 1] ?? [];
  const sequences = rows.columns[at + 2] ?? [];
  return Array.from({ length: rows.rowCount }, (_, i) =>
    encodePointer({
      group: String(groups[i]),
      timestampMs: Number(times[i]),
      sequence: Number(sequences[i]),
    }),
  );
}

export function emptyRows(columns: readonly ResultColumn[]): QueryRows {
  return {
    columnNames: columns.map((column) => column.name),
    columns: columns.map(() => []),
    rowCount: 0,
    pointers: undefined,
  };
}

/** Chunks of one shape as one. */
export function concatRows(chunks: readonly SqlRows[]): SqlRows {
  if (chunks.length === 1) return chunks[0]!;
  const first = chunks[0];
  if (first === undefined) return { columnNames: [], columns: [], rowCount: 0 };
  return {
    columnNames: first.columnNames,
    columns: first.columns.map((_, index) => chunks.flatMap((chunk) => chunk.columns[index] ?? [])),
    rowCount: chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0),
  };
}

export function sliceRows(rows: SqlRows, from: number, to: number): SqlRows {
  return {
    columnNames: rows.columnNames,
    columns: rows.columns.map((column) => column.slice(from, to)),
    rowCount: Math.max(0, Math.min(to, rows.rowCount) - from),
  };
}

/** What a value takes beside its text: a slot and the head of a string. */
const bytesPerValue = 24;

/** An estimate of the memory that rows take. */
export function estimateBytes(rows: SqlRows): number {
  let bytes = 0;
  for (const column of rows.columns) {
    bytes += column.length * bytesPerValue;
    for (const value of column) if (typeof value === 'string') bytes += value.length;
  }
  return bytes;
}

/** The rows found so far stay. */
export const resultTooLarge = (maxBytes: number): AppError =>
  new AppError(
    'QUERY_RESULT_TOO_LARGE',
    `The rows of this query take more than ${Math.round(maxBytes / 1024 / 1024)} MiB`,
    { hint: 'Show fewer columns, set a lower limit, or export the rows' },
  );
