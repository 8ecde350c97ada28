/** The parts of a table that are plain functions: sorting, CSV, widths. */

import { type CellValue, compareCells } from '../../../src/dashboards/fields/compare-cells.ts';

export { type CellValue, compareCells } from '../../../src/dashboards/fields/compare-cells.ts';

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

/** In a link: `name`, and `-name` for descending. */
export function parseSort(text: string): Sort | undefined {
  if (text === '' || text === '-') return undefined;
  return text.startsWith('-')
    ? { column: text.slice(1), descending: true }
    : { column: text, descending: false };
}

export function sortText(sort: Sort | undefined): string | undefined {
  return sort === undefined ? undefined : `${sort.descending ? '-' : ''}${sort.column}`;
}

/** Stable; a copy. */
export function sortRows<Row>(
  rows: readonly Row[],
  cellOf: (row: Row) => CellValue,
  descending: boolean,
): readonly Row[] {
  return rows.toSorted((a, b) => compareCells(cellOf(a), cellOf(b), descending));
}

/** RFC 4180. A leading `=`, `+`, `-` or `@` in words is quoted so that no spreadsheet runs it. */
export function csvOf(header: readonly string[], rows: readonly (readonly CellValue[])[]): string {
  return [header, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n');
}

function csvCell(value: CellValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const safe = /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
