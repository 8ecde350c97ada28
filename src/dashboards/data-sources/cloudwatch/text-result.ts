import type { LogsColumn, LogsResult } from './frames.ts';

/** A row as `GetQueryResults` gives it. */
export type TextRow = readonly { readonly field?: string; readonly value?: string }[];

/** `2024-03-26 03:43:54.000`, UTC. */
const timestamp = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/;
const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/**
 * CloudWatch answers with texts only. What they are follows from the values; which columns an
 * aggregation made, from the query: without `stats` rows are events.
 */
export function resultOfText(
  rows: readonly TextRow[],
  expression: string,
): Pick<LogsResult, 'columns' | 'rowCount' | 'pointers'> {
  const texts = new Map<string, (string | null)[]>();
  for (const [at, row] of rows.entries()) {
    for (const { field, value } of row) {
      if (field === undefined) continue;
      let column = texts.get(field);
      if (column === undefined) {
        column = new Array<string | null>(rows.length).fill(null);
        texts.set(field, column);
      }
      column[at] = value ?? null;
    }
  }
  const pointers = texts.get('@ptr');
  texts.delete('@ptr');
  const isStats = pointers === undefined && /\b(stats|select)\b/i.test(expression);
  const keys = isStats ? groupedBy(expression) : new Set<string>();
  return {
    columns: [...texts].map(([name, values]) => columnOf(name, values, isStats, keys)),
    rowCount: rows.length,
    pointers: pointers?.map((pointer) => pointer ?? ''),
  };
}

function columnOf(
  name: string,
  values: readonly (string | null)[],
  isStats: boolean,
  keys: ReadonlySet<string>,
): LogsColumn {
  const all = (pattern: RegExp): boolean =>
    values.some((value) => value !== null) &&
    values.every((value) => value === null || pattern.test(value));
  const isText = name === '@message' || name === '@logStream' || name === '@log';
  const isTime = !isText && all(timestamp);
  if (isTime) {
    const times = values.map((v) => (v === null ? null : Date.parse(`${v.replace(' ', 'T')}Z`)));
    return { name, type: 'time', isAggregate: isStats && !isBin(name, keys), values: times };
  }
  const isNumber = !isText && !keys.has(name) && all(number);
  return {
    name,
    type: isNumber ? 'number' : 'string',
    isAggregate: isStats && isNumber,
    values: isNumber ? values.map((value) => (value === null ? null : Number(value))) : values,
  };
}

const isBin = (name: string, keys: ReadonlySet<string>): boolean =>
  keys.has(name) || /^(bin|datefloor|dateceil)\(/.test(name);

/** Names after the last `by` of a stats command, with the names they are given by `as`. */
function groupedBy(expression: string): ReadonlySet<string> {
  const by = /\bstats\b[^|]*\bby\b([^|]*)(?!.*\bstats\b)/is.exec(expression)?.[1] ?? '';
  const names = by
    // Commas within parentheses separate arguments.
    .split(/,(?![^(]*\))/)
    .flatMap((part) => [part.trim(), /\bas\s+(.+)$/i.exec(part)?.[1]?.trim() ?? ''])
    .map((name) => name.replace(/^`|`$/g, ''))
    .filter((name) => name !== '');
  return new Set(names);
}
