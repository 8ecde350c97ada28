import type { DataQuery } from '../contract.ts';
import { invalidKey } from '../errors.ts';

export type ColumnKind =
  | 'string'
  | 'number'
  | 'boolean'
  | 'timestamp'
  | 'timestamp_epoch'
  | 'timestamp_epoch_s';

export interface ColumnSpec {
  /** Where the value is within a row. */
  readonly selector: string;
  /** Name of the column. */
  readonly text: string;
  readonly type: ColumnKind;
}

/** A query for JSON or CSV, as the Infinity data source saves it. */
export interface InfinityQuery {
  readonly type: 'json' | 'csv';
  /** Undefined: `inline`. */
  readonly url: string | undefined;
  readonly inline: string;
  readonly method: 'GET' | 'POST';
  readonly parameters: readonly (readonly [string, string])[];
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | undefined;
  readonly bodyType: string;
  readonly rootSelector: string;
  readonly columns: readonly ColumnSpec[];
  readonly format: 'table' | 'timeseries';
  /** Columns of values one by one, as in `{"a": [1, 2], "b": [3, 4]}`. */
  readonly isColumnar: boolean;
  readonly delimiter: string;
  /** Names of columns where the text has none. */
  readonly csvColumns: readonly string[];
  /** Lines that begin so are left out. */
  readonly comment: string;
  /** What of the query is not done here. */
  readonly ignored: readonly string[];
}

const maxInlineLength = 1024 * 1024;
const maxColumns = 500;
const columnKinds: readonly ColumnKind[] = [
  'string',
  'number',
  'boolean',
  'timestamp',
  'timestamp_epoch',
  'timestamp_epoch_s',
];
/** Parsers whose selectors are read here; the others are languages of their own. */
const parsers: readonly unknown[] = [undefined, '', 'simple', 'backend', 'jsonata-backend'];

type Given = Readonly<Record<string, unknown>>;

/** @throws {AppError} DATA_QUERY_INVALID */
export function readInfinityQuery(query: DataQuery): InfinityQuery {
  const type = query['type'] ?? 'json';
  if (type !== 'json' && type !== 'csv' && type !== 'tsv' && type !== 'graphql') {
    throw fail('type', `"${String(type)}" is not read`, 'json, csv, tsv, graphql');
  }
  if (!parsers.includes(query['parser'])) {
    throw fail(
      'parser',
      `"${String(query['parser'])}" is not spoken`,
      'backend, simple, jsonata-backend',
    );
  }
  const source = query['source'] ?? 'url';
  if (source !== 'url' && source !== 'inline') {
    throw fail('source', `"${String(source)}" is not read`, 'url, inline');
  }
  const options = objectOf(query['url_options']);
  const csv = objectOf(query['csv_options']);
  const isGraphql = type === 'graphql';
  const method = isGraphql ? 'POST' : String(options['method'] ?? 'GET').toUpperCase();
  if (method !== 'GET' && method !== 'POST')
    throw fail('url_options.method', `is ${method}`, 'GET, POST');
  const format = query['format'];
  return {
    type: type === 'csv' || type === 'tsv' ? 'csv' : 'json',
    url: source === 'url' ? textOf(query, 'url').trim() : undefined,
    inline: source === 'inline' ? inlineOf(query) : '',
    method,
    parameters: pairsOf(options['params'], 'url_options.params'),
    headers: pairsOf(options['headers'], 'url_options.headers'),
    body: bodyOf(options, isGraphql, method),
    bodyType: isGraphql ? 'application/json' : bodyTypeOf(options),
    rootSelector: textOf(query, 'root_selector').trim(),
    columns: columnsOf(query['columns']),
    format: format === 'timeseries' || format === 'time_series' ? 'timeseries' : 'table',
    isColumnar: objectOf(query['json_options'])['columnar'] === true,
    delimiter: type === 'tsv' ? '\t' : delimiterOf(csv),
    csvColumns: textOf(csv, 'columns')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    comment: textOf(csv, 'comment'),
    ignored: ['filters', 'computed_columns', 'summarizeExpression'].filter((key) => {
      const value = query[key];
      return Array.isArray(value) ? value.length > 0 : typeof value === 'string' && value !== '';
    }),
  };
}

function inlineOf(query: DataQuery): string {
  const text = textOf(query, 'data');
  if (text.length <= maxInlineLength) return text;
  throw fail('data', `has ${text.length} characters`, `at most ${maxInlineLength}`);
}

function bodyOf(options: Given, isGraphql: boolean, method: string): string | undefined {
  if (method === 'GET') return undefined;
  if (isGraphql || options['body_type'] === 'graphql') {
    const query = textOf(options, 'body_graphql_query') || textOf(options, 'data');
    return JSON.stringify({ query });
  }
  if (options['body_type'] === 'x-www-form-urlencoded') {
    const pairs = pairsOf(options['body_form'], 'url_options.body_form');
    return new URLSearchParams(pairs.map(([key, value]) => [key, value])).toString();
  }
  return textOf(options, 'data');
}

function bodyTypeOf(options: Given): string {
  if (options['body_type'] === 'graphql') return 'application/json';
  if (options['body_type'] === 'x-www-form-urlencoded') return 'application/x-www-form-urlencoded';
  return textOf(options, 'body_content_type') || 'text/plain';
}

function delimiterOf(csv: Given): string {
  const given = csv['delimiter'];
  if (given === undefined || given === '') return ',';
  if (typeof given === 'string' && given.length === 1 && given !== '"') return given;
  throw fail('csv_options.delimiter', `is ${JSON.stringify(given)}`, 'one character');
}

function columnsOf(given: unknown): readonly ColumnSpec[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given) || given.length > maxColumns) {
    throw fail('columns', 'is no list', `a list of at most ${maxColumns} columns`);
  }
  return given.map((one: unknown, at) => {
    const column = objectOf(one);
    const kind = column['type'] ?? 'string';
    const type = columnKinds.find((known) => known === kind);
    if (type === undefined)
      throw fail(`columns[${at}].type`, `is "${String(kind)}"`, columnKinds.join(', '));
    const selector = textOf(column, 'selector');
    return { selector, text: textOf(column, 'text') || selector, type };
  });
}

function pairsOf(given: unknown, key: string): readonly (readonly [string, string])[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given) || given.length > 100)
    throw fail(key, 'is no list', 'a list of {key, value}');
  return given
    .map((one: unknown) => objectOf(one))
    .map((one) => [textOf(one, 'key'), textOf(one, 'value')] as const)
    .filter(([name]) => name !== '');
}

function textOf(values: Given, key: string): string {
  const value = values[key];
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw fail(key, `is ${JSON.stringify(value)}`, 'a text');
}

const objectOf = (value: unknown): Given =>
  typeof value === 'object' && value !== null ? (value as Given) : {};

const fail = (key: string, problem: string, allowed: string): Error =>
  invalidKey('DATA_QUERY_INVALID', key, problem, allowed);
