import {
  type DataFrame,
  type Field,
  FieldType,
  formattedValueToString,
  getFieldDisplayName,
} from '@grafana/data';
import { calcValues } from '../calc-values.ts';
import { type CellValue, compareCells } from '../compare-cells.ts';
import { type ColumnOptions, columnOptions, type TableOptions } from './table-options.ts';

export interface TableColumn {
  /** Unique in the table: place and name. */
  readonly key: string;
  readonly name: string;
  readonly field: Field;
  readonly options: ColumnOptions;
  readonly isNumber: boolean;
}

export function columnsOf(frame: DataFrame, frames: readonly DataFrame[]): readonly TableColumn[] {
  const all = [...frames];
  return frame.fields.flatMap((field, at) => {
    if (field.type === FieldType.nestedFrames) return [];
    const isNumber = field.type === FieldType.number;
    const options = columnOptions(field, isNumber);
    if (options.isHidden) return [];
    const name = getFieldDisplayName(field, frame, all);
    return [{ key: `${at} ${name}`, name, field, options, isNumber }];
  });
}

/** The tables that stand under the rows of a table; undefined: its rows have none. */
export interface NestedTables {
  /** Without those that have no columns. */
  readonly of: (row: number) => readonly DataFrame[];
  readonly areOpen: boolean;
  readonly haveHeaders: boolean;
}

export function nestedTables(frame: DataFrame): NestedTables | undefined {
  const field = frame.fields.find(({ type }) => type === FieldType.nestedFrames);
  if (field === undefined) return undefined;
  const framesAt = (row: number): readonly DataFrame[] => {
    const frames: unknown = field.values[row];
    return Array.isArray(frames)
      ? (frames as DataFrame[]).filter(({ fields }) => fields.length > 0)
      : [];
  };
  return {
    of: framesAt,
    areOpen: frame.meta?.custom?.['expandAllRows'] === true,
    haveHeaders: framesAt(0)[0]?.meta?.custom?.['noHeader'] !== true,
  };
}

export interface TableSort {
  readonly key: string;
  readonly desc: boolean;
}

/** What a column keeps: the texts of its cells. A column that is absent keeps all. */
export type TableFilter = Readonly<Record<string, ReadonlySet<string>>>;

/** Row numbers of the frame, in the order of display. */
export function rowsOf(
  frame: DataFrame,
  columns: readonly TableColumn[],
  sort: TableSort | undefined,
  filter: TableFilter,
): readonly number[] {
  let rows = Array.from({ length: frame.length }, (_, row) => row);
  for (const column of columns) {
    const kept = filter[column.key];
    if (kept !== undefined) rows = rows.filter((row) => kept.has(cellText(column.field, row)));
  }
  const sorted = columns.find(({ key }) => key === sort?.key);
  if (sorted === undefined || sort === undefined) return rows;
  const { values } = sorted.field;
  return rows.toSorted((a, b) =>
    compareCells(comparable(values[a]), comparable(values[b]), sort.desc),
  );
}

function comparable(value: unknown): CellValue {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? undefined : JSON.stringify(value);
}

export function cellText(field: Field, row: number): string {
  const value: unknown = field.values[row];
  if (field.display === undefined) return String(value ?? '');
  return formattedValueToString(field.display(value));
}

const sampleRows = 60;
const charPx = 7.1;
const padPx = 26;
const minColumnPx = 64;
const maxColumnPx = 420;

/** Widths in px: those that are set, and for the rest what their words need; room left over is shared. */
export function columnWidths(
  columns: readonly TableColumn[],
  rows: readonly number[],
  availablePx: number,
  chosen: Readonly<Record<string, number>>,
): readonly number[] {
  const given = columns.map(({ key, options }) => chosen[key] ?? options.widthPx);
  const widths = columns.map((column, at) => {
    const own = given[at];
    if (own !== undefined && own > 0) return own;
    let chars = column.name.length + 1;
    for (const row of rows.slice(0, sampleRows)) {
      chars = Math.max(chars, cellText(column.field, row).length);
    }
    const isBar = column.options.cell === 'gauge' || column.options.cell === 'sparkline';
    const wanted = Math.min(
      maxColumnPx,
      Math.max(minColumnPx, chars * charPx + padPx + (column.options.isFilterable ? 22 : 0)),
    );
    return Math.max(isBar ? 180 : 0, wanted, column.options.minWidthPx);
  });
  const total = widths.reduce((sum, width) => sum + width, 0);
  const free = columns.flatMap((_, at) => (given[at] === undefined ? [at] : []));
  const spare = availablePx - total;
  if (spare <= 0 || free.length === 0) return widths;
  const freeTotal = free.reduce((sum, at) => sum + (widths[at] as number), 0);
  return widths.map((width, at) =>
    given[at] === undefined ? Math.floor(width + (spare * width) / freeTotal) : width,
  );
}

/** Texts under each column; undefined: the table has no footer. */
export function footerOf(
  columns: readonly TableColumn[],
  rows: readonly number[],
  options: TableOptions,
  countWords: (count: number) => string,
): readonly (readonly string[])[] | undefined {
  const { footer } = options;
  const all = columns.map(({ field, name, isNumber, options: own }, at): readonly string[] => {
    if (at === 0 && footer.countsRows) return [countWords(rows.length)];
    const isOf = footer.fields.length === 0 ? isNumber : footer.fields.includes(name);
    const reducers =
      own.footerReducers.length > 0 ? own.footerReducers : isOf ? footer.reducers : [];
    if (reducers.length === 0) return [];
    const shown = { ...field, values: rows.map((row) => field.values[row] as unknown), state: {} };
    const results = calcValues(shown, reducers);
    return results.map(({ title, text }) =>
      reducers.length > 1 || own.footerReducers.length > 0 ? `${title}: ${text}` : text,
    );
  });
  return all.some((texts) => texts.length > 0) ? all : undefined;
}
