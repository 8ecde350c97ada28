import { AppError } from '#base';

/** Columns in a table at most. */
const maxColumns = 1000;

export interface CsvTable {
  readonly columns: readonly string[];
  /** Each as long as `columns`; null where a line is shorter. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/**
 * CSV text (RFC 4180: commas, `"` doubled inside quotes, lines by LF or CRLF) with a first line of
 * names. Empty lines are left out.
 * @throws {AppError} LOOKUP_TABLE_INVALID with the line
 */
export function parseCsvTable(text: string): CsvTable {
  let columns: readonly string[] | undefined;
  const rows: (string | null)[][] = [];
  for (const { cells, line } of records(text)) {
    if (columns === undefined) {
      columns = headerOf(cells, line);
      continue;
    }
    if (cells.length > columns.length) {
      throw invalid(line, `has ${cells.length} values for ${columns.length} columns`);
    }
    const row: (string | null)[] = cells;
    while (row.length < columns.length) row.push(null);
    rows.push(row);
  }
  if (columns === undefined) throw invalid(1, 'must name the columns');
  return { columns, rows };
}

/** CSV text of rows; a value is quoted where it must be. */
export function formatCsv(rows: Iterable<readonly (string | undefined)[]>): string {
  const cell = (value = ''): string =>
    /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  let text = '';
  for (const row of rows) text += `${row.map(cell).join(',')}\n`;
  return text;
}

function headerOf(cells: readonly string[], line: number): readonly string[] {
  const columns = cells.map((cell) => cell.trim());
  if (columns.length > maxColumns) throw invalid(line, `has more than ${maxColumns} columns`);
  const seen = new Set<string>();
  for (const [index, name] of columns.entries()) {
    if (name === '') throw invalid(line, `has no name for column ${index + 1}`);
    if (seen.has(name)) throw invalid(line, `names the column "${name}" twice`);
    seen.add(name);
  }
  return columns;
}

function* records(text: string): Generator<{ readonly cells: string[]; readonly line: number }> {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const start = line;
    const cells: string[] = [];
    for (;;) {
      if (text[at] === '"') {
        const quoted = readQuoted(text, at, line);
        cells.push(quoted.value);
        line += quoted.lines;
        at = quoted.end;
        if (at < text.length && !',\r\n'.includes(text[at]!)) {
          throw invalid(line, 'has text behind a closing quote');
        }
      } else {
        const from = at;
        while (at < text.length && text[at] !== ',' && text[at] !== '\n') at += 1;
        const isLineEnd = text[at] !== ',' && text[at - 1] === '\r' && at > from;
        cells.push(text.slice(from, isLineEnd ? at - 1 : at));
      }
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] === '\r') at += 1;
    if (at < text.length && text[at] !== '\n') throw invalid(line, 'has a carriage return inside');
    at += 1;
    line += 1;
    if (cells.length > 1 || cells[0] !== '') yield { cells, line: start };
  }
}

function readQuoted(
  text: string,
  start: number,
  line: number,
): { readonly value: string; readonly end: number; readonly lines: number } {
  let value = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) throw invalid(line, 'opens a quote that is never closed');
    value += text.slice(at, quote);
    at = quote + 1;
    if (text[at] !== '"') break;
    value += '"';
    at += 1;
  }
  return { value, end: at, lines: text.slice(start, at).split('\n').length - 1 };
}

function invalid(line: number, what: string): AppError {
  return new AppError('LOOKUP_TABLE_INVALID', `Line ${line} of the table ${what}`, {
    hint: 'The table is CSV text in UTF-8 whose first line names the columns',
    details: { line },
  });
}
