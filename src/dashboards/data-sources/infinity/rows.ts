import { describeError } from '#base';
import { dataError } from '../errors.ts';
import { epochMs, type TableColumn } from '../tabular/column.ts';
import { parseCsv } from './csv.ts';
import type { ColumnKind, ColumnSpec, InfinityQuery } from './query.ts';
import { looksLikeJsonata, parsePath, select } from './select.ts';

export interface Table {
  readonly columns: readonly TableColumn[];
  readonly isCut: boolean;
}

const maxAutomaticColumns = 200;

/** The text of an answer as columns. @throws {AppError} DATA_QUERY_INVALID */
export async function readTable(
  text: string,
  query: InfinityQuery,
  maxRows: number,
): Promise<Table> {
  return query.type === 'csv'
    ? csvTable(text, query, maxRows)
    : await jsonTable(text, query, maxRows);
}

function csvTable(text: string, query: InfinityQuery, maxRows: number): Table {
  const { delimiter, csvColumns: columns, comment } = query;
  const { names, rows, isCut } = parseCsv(text, { delimiter, columns, comment, maxRows });
  const at = new Map(names.map((name, index) => [name, index]));
  if (query.columns.length === 0) {
    const automatic = names.map((name, index) =>
      automaticColumn(
        name,
        rows.map((row) => row[index]),
      ),
    );
    return { columns: automatic, isCut };
  }
  return {
    columns: query.columns.map((spec) => {
      const index = at.get(spec.selector);
      if (index === undefined) {
        throw dataError(
          'DATA_QUERY_INVALID',
          `There is no column "${spec.selector}" (there are: ${names.join(', ')})`,
        );
      }
      return columnOf(
        spec,
        rows.map((row) => row[index]),
      );
    }),
    isCut,
  };
}

async function jsonTable(text: string, query: InfinityQuery, maxRows: number): Promise<Table> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw dataError('DATA_QUERY_INVALID', `The answer is no JSON: ${describeError(cause)}`, {
      cause,
    });
  }
  const [root] = await selectAll([document], query.rootSelector, 'root_selector');
  if (root === undefined) {
    throw dataError(
      'DATA_QUERY_INVALID',
      `root_selector: there is nothing at "${query.rootSelector}"`,
    );
  }
  const all = rowsOf(root, query.isColumnar);
  const rows = all.slice(0, maxRows);
  const isCut = rows.length < all.length;
  if (query.columns.length > 0) {
    const columns: TableColumn[] = [];
    for (const [at, spec] of query.columns.entries()) {
      const values = await selectAll(rows, spec.selector, `columns[${at}].selector`);
      columns.push(columnOf(spec, values));
    }
    return { columns, isCut };
  }
  const names = new Set<string>();
  for (const row of rows) {
    if (names.size >= maxAutomaticColumns) break;
    for (const name of isObject(row) ? Object.keys(row) : ['value']) names.add(name);
  }
  const columns = [...names].slice(0, maxAutomaticColumns).map((name) =>
    automaticColumn(
      name,
      rows.map((row) => (isObject(row) ? row[name] : row)),
    ),
  );
  return { columns, isCut };
}

/** What a selector finds in each: by a path, or where that leads nowhere by an expression of JSONata. */
async function selectAll(
  values: readonly unknown[],
  selector: string,
  key: string,
): Promise<readonly unknown[]> {
  const isExpression = looksLikeJsonata(selector);
  try {
    const path = parsePath(selector);
    const found = values.map((value) => select(value, path));
    if (!isExpression || found.some((value) => value !== undefined)) return found;
  } catch (error) {
    if (!isExpression) throw error;
  }
  // Only here: most selectors are paths.
  const { JsonataSelector } = await import('./jsonata.ts');
  const expression = new JsonataSelector(key, selector);
  const found: unknown[] = [];
  for (const value of values) found.push(await expression.select(value));
  return found;
}

function rowsOf(root: unknown, isColumnar: boolean): readonly unknown[] {
  if (Array.isArray(root)) return root;
  if (!isColumnar || !isObject(root)) return [root];
  const columns = Object.entries(root).filter(([, values]) => Array.isArray(values)) as [
    string,
    unknown[],
  ][];
  const length = Math.max(0, ...columns.map(([, values]) => values.length));
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[row] ?? null])),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 3339 and the like; a mere number is none. */
const dateText = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;
const numberText = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** The type follows from the values, where they all agree. */
function automaticColumn(name: string, values: readonly unknown[]): TableColumn {
  const given = values.filter((value) => value !== null && value !== undefined && value !== '');
  const all = (test: (value: unknown) => boolean): boolean => given.length > 0 && given.every(test);
  const isText = (pattern: RegExp) => (value: unknown) =>
    typeof value === 'string' && pattern.test(value);
  const type: ColumnKind = all((value) => typeof value === 'boolean')
    ? 'boolean'
    : all((value) => typeof value === 'number' || isText(numberText)(value))
      ? 'number'
      : all(isText(dateText))
        ? 'timestamp'
        : 'string';
  return columnOf({ selector: name, text: name, type }, values);
}

function columnOf({ text, type }: ColumnSpec, values: readonly unknown[]): TableColumn {
  const isTime = type !== 'string' && type !== 'number' && type !== 'boolean';
  return {
    name: text,
    type: isTime ? 'time' : type,
    values: values.map((value) =>
      value === null || value === undefined ? null : readers[type](value),
    ),
  };
}

const readers: Readonly<Record<ColumnKind, (value: unknown) => string | number | boolean | null>> =
  {
    string: (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
    number: (value) => {
      if (typeof value === 'boolean') return value ? 1 : 0;
      const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
      return Number.isNaN(number) ? null : number;
    },
    boolean: (value) => value === true || /^(true|1|yes|on)$/i.test(String(value)),
    timestamp: (value) => {
      if (typeof value === 'number') return epochMs(value);
      // A text without a zone means the same to everybody.
      const text = String(value).trim().replace(' ', 'T');
      const withZone = /T/.test(text) && !/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? `${text}Z` : text;
      const timeMs = Date.parse(withZone);
      return Number.isNaN(timeMs) ? null : timeMs;
    },
    timestamp_epoch: (value) => finite(Number(value)),
    timestamp_epoch_s: (value) => finite(Number(value) * 1000),
  };

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
