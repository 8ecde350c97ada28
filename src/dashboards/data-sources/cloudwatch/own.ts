import { isAppError } from '#base';
import type { QueryRun, QueryService, ResultColumn } from '#logs/queries';
import type { LogStore } from '#logs/store';
import type { DataQuery, DataSource, Frame, ResourceAnswer, ResourceRequest } from '../contract.ts';
import { dataError } from '../errors.ts';
import type { OpenDataSource, QueryContext } from '../kind.ts';
import { jsonAnswer } from '../resource-answer.ts';
import { type LogsColumn, type LogsResult, logsFrames } from './frames.ts';
import { readLogsQuery } from './logs-query.ts';

/** As CloudWatch: what a query without a limit of its own answers with. */
const defaultMaxRows = 10_000;
const maxListedGroups = 1000;

export interface OwnLogs {
  readonly queries: QueryService;
  readonly store: Pick<LogStore, 'groups'>;
  readonly accountId: string;
  readonly region: string;
}

export const ownLogsUid = 'cloudwatch';

/** The program's own logs as a data source, which nobody changes. */
export const ownLogsSource: Omit<DataSource, 'isDefault'> = {
  uid: ownLogsUid,
  name: 'Logs',
  type: 'cloudwatch',
  url: '',
  jsonData: { authType: 'default', defaultRegion: '' },
  secureJsonFields: {},
  readOnly: true,
  version: 1,
};

/** The built-in `Logs`: queries of CloudWatch Logs over the program's own log groups. */
export function ownLogs(own: OwnLogs, source: DataSource): OpenDataSource {
  return {
    query: (query, context) => queryOwn(own, source, query, context),
    health: async () => ({
      status: 'OK',
      message: `Successfully queried the CloudWatch Logs API: ${own.store.groups().length} log groups.`,
    }),
    resource: (request, context) => resourceOf(own, request, context),
    [Symbol.asyncDispose]: async () => {},
  };
}

async function queryOwn(
  { queries }: OwnLogs,
  source: DataSource,
  query: DataQuery,
  { fromMs, toMs, limits, user, signal }: QueryContext,
): Promise<readonly Frame[]> {
  const read = readLogsQuery(query, source);
  signal.throwIfAborted();
  const run = queries.start({
    text: read.expression,
    language: read.language,
    groups: read.groups,
    fromMs,
    toMs,
    maxRows: Math.min(defaultMaxRows, limits.maxRows),
    isUnlisted: true,
    ...(user === undefined ? {} : { user }),
  });
  const stop = (): void => run.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await run.done;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  if (run.status !== 'Complete') {
    const code = run.status === 'Timeout' ? 'DATA_QUERY_TIMEOUT' : 'DATA_QUERY_INVALID';
    throw dataError(code, run.error ?? `The query ended as ${run.status}`);
  }
  return logsFrames(resultOf(run, limits.maxRows), read);
}

function resultOf(run: QueryRun, maxRows: number): LogsResult {
  const rows = run.rows(0, maxRows);
  const { rowCount } = run;
  const cut =
    rowCount > rows.rowCount ? [`The first ${rows.rowCount} of ${rowCount} rows are shown`] : [];
  return {
    columns: run.columns.map((column, at) => columnOf(column, rows.columns[at] ?? [])),
    rowCount: rows.rowCount,
    pointers: rows.pointers,
    status: run.status,
    statistics: run.statistics,
    notices: [...run.diagnostics.map(({ message }) => message), ...cut],
  };
}

function columnOf(
  { name, kind, isTimeBin, isAggregate }: ResultColumn,
  values: readonly unknown[],
): LogsColumn {
  const type = kind === 'timestamp' || isTimeBin ? 'time' : kind === 'json' ? 'string' : kind;
  return { name, type, isAggregate, values };
}

async function resourceOf(
  own: OwnLogs,
  { method, path, queryString }: ResourceRequest,
  { fromMs, toMs, signal }: QueryContext,
): Promise<ResourceAnswer> {
  const parameters = new URLSearchParams(queryString);
  if (method === 'GET' && path === 'log-groups') {
    const contains = parameters.get('pattern') ?? parameters.get('logGroupNamePattern') ?? '';
    const prefix = parameters.get('logGroupPrefix') ?? '';
    const found = own.store.groups({ prefix, contains }).slice(0, maxListedGroups);
    return jsonAnswer(
      found.map(({ name }) => ({
        value: { name, arn: `arn:aws:logs:${own.region}:${own.accountId}:log-group:${name}:*` },
        accountId: own.accountId,
      })),
    );
  }
  if (method === 'GET' && path === 'log-group-fields') {
    const groups = parameters.getAll('logGroupName');
    const fields = await fieldsOf(own, { groups, fromMs, toMs }, signal);
    return jsonAnswer(fields.map(({ name, percent }) => ({ value: { name, percent } })));
  }
  throw dataError('DATA_RESOURCE_NOT_FOUND', `There is nothing at ${method} ${path}`);
}

async function fieldsOf(
  { queries }: OwnLogs,
  selection: Parameters<QueryService['discoverFields']>[0],
  signal: AbortSignal,
): ReturnType<QueryService['discoverFields']> {
  try {
    return await queries.discoverFields(selection, signal);
  } catch (error) {
    if (isAppError(error, 'LOG_GROUP_NOT_FOUND')) return [];
    throw error;
  }
}
