import { dataError } from '../errors.ts';

export interface CsvOptions {
  readonly delimiter: string;
  /** Empty: the first line has the names. */
  readonly columns: readonly string[];
  /** '' : no comments. */
  readonly comment: string;
  readonly maxRows: number;
}

export interface CsvTable {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly isCut: boolean;
}

/** Reads CSV (RFC 4180), with any line ends. Empty lines are left out. @throws {AppError} DATA_QUERY_INVALID */
export function parseCsv(text: string, options: CsvOptions): CsvTable {
  const records = recordsOf(text.replace(/^\ufeff/, ''), options);
  let names = options.columns;
  const rows: string[][] = [];
  for (const record of records) {
    if (names.length === 0) names = uniqueNames(record);
    else if (rows.length === options.maxRows) return { names, rows, isCut: true };
    else rows.push(record);
  }
  return { names, rows, isCut: false };
}

function* recordsOf(text: string, { delimiter, comment }: CsvOptions): Generator<string[]> {
  let at = 0;
  while (at < text.length) {
    if (comment !== '' && text.startsWith(comment, at)) {
      at = endOfLine(text, at);
      continue;
    }
    const record: string[] = [];
    for (;;) {
      const field = text[at] === '"' ? quotedField(text, at) : plainField(text, at, delimiter);
      record.push(field.value);
      at = field.end;
      if (text[at] !== delimiter) break;
      at++;
    }
    at = endOfLine(text, at);
    if (record.length > 1 || record[0] !== '') yield record;
  }
}

function quotedField(text: string, from: number): { value: string; end: number } {
  let value = '';
  for (let at = from + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) {
      const line = text.slice(0, from).split('\n').length;
      throw dataError('DATA_QUERY_INVALID', `CSV, line ${line}: a quoted field does not end`);
    }
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1 };
    value += '"';
    at = quote + 2;
  }
}

function plainField(text: string, from: number, delimiter: string): { value: string; end: number } {
  let end = from;
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r')
    end++;
  return { value: text.slice(from, end), end };
}

/** Where the next line begins. What stands behind a quoted field is left out with it. */
function endOfLine(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at++;
  return text[at] === '\r' && text[at + 1] === '\n' ? at + 2 : at + 1;
}

function uniqueNames(record: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return record.map((given, at) => {
    const name = given.trim() === '' ? `column ${at + 1}` : given.trim();
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} ${count}`;
  });
}
