import { beginsWithSource } from '#logs/insights';
import type { DataQuery, DataSource } from '../contract.ts';
import { dataError, invalidKey } from '../errors.ts';

/** A query in Logs Insights QL or SQL, as Grafana's CloudWatch data source saves it. */
export interface LogsQuery {
  readonly expression: string;
  readonly language: 'CWLI' | 'SQL';
  readonly groups: readonly string[];
  /** Columns whose values make a series each; empty: told by the result. */
  readonly statsGroups: readonly string[];
  /** '' or `default`: the data source's. */
  readonly region: string;
}

const maxGroups = 50;
const maxExpressionLength = 10_000;

/** @throws {AppError} DATA_QUERY_INVALID */
export function readLogsQuery(query: DataQuery, source: Pick<DataSource, 'jsonData'>): LogsQuery {
  const mode = query['queryMode'];
  if (mode !== undefined && mode !== 'Logs') {
    throw invalidKey(
      'DATA_QUERY_INVALID',
      'queryMode',
      `"${String(mode)}" is not answered`,
      'Logs',
    );
  }
  const expression = query['expression'];
  if (typeof expression !== 'string' || expression.trim() === '') {
    throw dataError('DATA_QUERY_INVALID', 'expression: the query is empty');
  }
  if (expression.length > maxExpressionLength) {
    const allowed = `at most ${maxExpressionLength} characters`;
    throw invalidKey('DATA_QUERY_INVALID', 'expression', 'the query is too long', allowed);
  }
  const language = languageOf(query['queryLanguage']);
  const own = groupNames(query['logGroups']) ?? groupNames(query['logGroupNames']);
  const groups = own ?? groupNames(source.jsonData['logGroups']) ?? [];
  if (groups.length > maxGroups) {
    throw invalidKey(
      'DATA_QUERY_INVALID',
      'logGroups',
      `has ${groups.length}`,
      `at most ${maxGroups}`,
    );
  }
  if (groups.length === 0 && language === 'CWLI' && !beginsWithSource(expression)) {
    throw dataError('DATA_QUERY_INVALID', 'logGroups: no log group is chosen', {
      hint: 'Choose log groups, or begin the query with SOURCE',
    });
  }
  const statsGroups = query['statsGroups'];
  const region = query['region'];
  return {
    expression,
    language,
    groups: [...new Set(groups)],
    statsGroups: Array.isArray(statsGroups) ? statsGroups.map((name) => String(name).trim()) : [],
    region: typeof region === 'string' ? region : '',
  };
}

function languageOf(given: unknown): 'CWLI' | 'SQL' {
  if (given === undefined || given === '' || given === 'CWLI') return 'CWLI';
  if (given === 'SQL') return 'SQL';
  throw invalidKey('DATA_QUERY_INVALID', 'queryLanguage', `is "${String(given)}"`, 'CWLI, SQL');
}

/** `[{name, arn}]` or names; undefined: none. */
function groupNames(given: unknown): readonly string[] | undefined {
  if (!Array.isArray(given) || given.length === 0) return undefined;
  return given
    .map((one: unknown) => {
      if (typeof one === 'string') return one;
      const { name, arn } = (one ?? {}) as { name?: unknown; arn?: unknown };
      if (typeof name === 'string' && name !== '') return name;
      return typeof arn === 'string'
        ? arn.replace(/^arn:[^:]*:logs:[^:]*:[^:]*:log-group:/, '')
        : '';
    })
    .map((name) => name.replace(/:\*$/, ''))
    .filter((name) => name !== '');
}
