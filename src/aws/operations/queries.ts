import { beginsWithSource, formatCell } from '#logs/insights';
import type { QueryRows, QueryRun, ResultColumn } from '#logs/queries';
import { groupOf, groupOfIdentifier } from '../arn.ts';
import { AwsError, invalid, invalidToken, notFound } from '../errors.ts';
import { type CallContext, doubleLiteral, type Operation, operation } from '../operation.ts';
import { integer, list, required, text } from '../shape.ts';
import * as shapes from '../shapes.ts';
import { pageOf, readPageToken, writePageToken } from '../tokens.ts';
import { mustHaveGroup } from './groups.ts';

const maxRunningQueries = 100;
const defaultMaxRows = 10_000;
const maxRows = 100_000;
const maxRowsPerPage = 10_000;
const maxGroups = 50;

/**
 * Scripts ask for results right after they have started a query, once: a small query is given the
 * time to end, so that they see its rows and not "Running".
 */
const firstPollWaitMs = 300;
const firstPollAgeMs = 2_000;

/** Times are seconds; scripts that pass milliseconds are understood (1e11 s is the year 5138). */
const minMillisecondsValue = 1e11;

const queryStatuses = [
  'Scheduled',
  'Running',
  'Complete',
  'Failed',
  'Cancelled',
  'Timeout',
  'Unknown',
] as const;

const isActive = (run: QueryRun): boolean => run.status === 'Running' || run.status === 'Scheduled';

function mustHaveQuery({ queries }: CallContext, id: string): QueryRun {
  const run = queries.get(id);
  if (run === undefined) throw notFound(`Query ${id} does not exist.`);
  return run;
}

const startQuery: Operation = operation(
  'StartQuery',
  'read',
  {
    queryLanguage: shapes.queryLanguage,
    logGroupName: shapes.logGroupName,
    logGroupNames: list(shapes.logGroupName, { max: maxGroups }),
    logGroupIdentifiers: list(shapes.logGroupIdentifier, { max: maxGroups }),
    startTime: required(shapes.timestamp),
    endTime: required(shapes.timestamp),
    queryString: required(text({ min: 0, max: 10_000 })),
    limit: integer({ min: 1, max: maxRows }),
  },
  (input, context) => {
    const language = input.queryLanguage ?? 'CWLI';
    if (language === 'PPL') throw invalid('The query language PPL is not supported.');
    const groups = queryGroups(input, language === 'SQL' || beginsWithSource(input.queryString));
    for (const name of groups) mustHaveGroup(context, name);
    const { fromMs, toMs } = queryRange(input.startTime, input.endTime);
    mustReachData(groups, toMs, input.queryString, context);
    if (context.queries.list().filter(isActive).length >= maxRunningQueries) {
      throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
    }
    const run = context.queries.start({
      text: input.queryString,
      language,
      groups,
      fromMs,
      toMs,
      maxRows: input.limit ?? defaultMaxRows,
      user: context.principal.name,
    });
    return { queryId: run.id };
  },
);

interface GroupChoice {
  readonly logGroupName?: string | undefined;
  readonly logGroupNames?: readonly string[] | undefined;
  readonly logGroupIdentifiers?: readonly string[] | undefined;
}

function queryGroups(input: GroupChoice, mayBeEmpty: boolean): readonly string[] {
  const { logGroupName, logGroupNames, logGroupIdentifiers } = input;
  const given = [
    logGroupName === undefined ? [] : [logGroupName],
    logGroupNames ?? [],
    logGroupIdentifiers?.map(groupOfIdentifier) ?? [],
  ].filter((names) => names.length > 0);
  if (given.length > 1) {
    throw invalid(
      'Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be specified.',
    );
  }
  if (given.length === 0 && !mayBeEmpty) {
    throw invalid(
      'At least one log group must be specified: logGroupName, logGroupNames or logGroupIdentifiers.',
    );
  }
  return [...new Set(given[0])];
}

/** Both seconds are in the range, the last one to its end. */
export function queryRange(startTime: number, endTime: number): { fromMs: number; toMs: number } {
  const fromMs = startTime >= minMillisecondsValue ? startTime : startTime * 1000;
  const toMs = endTime >= minMillisecondsValue ? endTime : endTime * 1000 + 999;
  if (fromMs > toMs) throw invalid('The end time must not be before the start time.');
  return { fromMs, toMs };
}

/** A range that no group can have data in is refused, as AWS does it. */
function mustReachData(
  groups: readonly string[],
  toMs: number,
  queryString: string,
  context: CallContext,
): void {
  const nowMs = context.clock.nowMs();
  const canHaveData = groups.some((name) => {
    const group = context.store.group(name);
    if (group === undefined) return false;
    // Events that were imported may be older than their group.
    const firstMs = Math.min(group.createdMs, group.firstEventMs ?? group.createdMs);
    const keptMs = group.retentionDays === undefined ? 0 : nowMs - group.retentionDays * 86_400_000;
    // The creation itself falls inside a second.
    return toMs >= Math.max(firstMs - 1000, keptMs);
  });
  if (groups.length === 0 || canHaveData) return;
  const endCharOffset = Math.max(0, queryString.length - 1);
  const message = `Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings ([0,${endCharOffset}])`;
  throw new AwsError('MalformedQueryException', message, {
    members: {
      queryCompileError: { location: { startCharOffset: 0, endCharOffset }, message },
    },
  });
}

const getQueryResults: Operation = operation(
  'GetQueryResults',
  'read',
  {
    queryId: required(shapes.queryId),
    nextToken: text({ max: 1024 }),
    maxItems: integer({ min: 0, max: maxRowsPerPage }),
  },
  async ({ queryId, nextToken, maxItems }, context) => {
    const run = mustHaveQuery(context, queryId);
    await waitForSmallQuery(run, context);
    const question = ['results', queryId];
    let offset = 0;
    if (nextToken !== undefined && nextToken !== '') {
      const [place] = readPageToken(nextToken, question);
      if (typeof place !== 'number' || !Number.isSafeInteger(place) || place < 0) {
        throw invalidToken();
      }
      offset = place;
    }
    // Read before the rows: a query that ends in between is asked for again, not cut short.
    const { status } = run;
    const limit = maxItems === undefined || maxItems === 0 ? maxRowsPerPage : maxItems;
    const rowCount = Math.min(run.rowCount, maxRows);
    const rows = run.rows(offset, Math.min(limit, Math.max(0, rowCount - offset)));
    const end = offset + rows.rowCount;
    const isMore = status === 'Complete' && end < rowCount;
    return {
      queryLanguage: run.request.language,
      results: resultRows(rows, run.columns),
      statistics: statisticsOf(run),
      status,
      nextToken: isMore ? writePageToken(question, [end]) : undefined,
    };
  },
);

async function waitForSmallQuery(run: QueryRun, { clock, signal }: CallContext): Promise<void> {
  if (!isActive(run) || clock.nowMs() - run.createdMs > firstPollAgeMs) return;
  const waited = new AbortController();
  const either = AbortSignal.any([signal, waited.signal]);
  await Promise.race([run.done, clock.sleep(firstPollWaitMs, either).catch(() => {})]);
  waited.abort();
}

/** A row lists its fields by name; a null is left out; a row that is an event ends with @ptr. */
export function resultRows(rows: QueryRows, columns: readonly ResultColumn[]): object[] {
  const out: object[] = [];
  for (let row = 0; row < rows.rowCount; row++) {
    const fields: { field: string; value: string }[] = [];
    rows.columnNames.forEach((field, i) => {
      const value = formatCell(columns[i]?.kind ?? 'string', rows.columns[i]![row]!);
      if (value !== undefined && field !== '@ptr') fields.push({ field, value });
    });
    const pointer = rows.pointers?.[row];
    if (pointer !== undefined) fields.push({ field: '@ptr', value: pointer });
    out.push(fields);
  }
  return out;
}

function statisticsOf({ statistics: s }: QueryRun): object {
  return {
    recordsMatched: doubleLiteral(s.recordsMatched),
    recordsScanned: doubleLiteral(s.recordsScanned),
    estimatedRecordsSkipped: doubleLiteral(0),
    bytesScanned: doubleLiteral(s.bytesScanned),
    estimatedBytesSkipped: doubleLiteral(0),
    logGroupsScanned: doubleLiteral(s.groupsScanned),
  };
}

const stopQuery: Operation = operation(
  'StopQuery',
  'read',
  { queryId: required(shapes.queryId) },
  async ({ queryId }, context) => {
    const run = mustHaveQuery(context, queryId);
    if (!isActive(run)) throw invalid(`The specified query is not running: ${queryId}`);
    run.stop();
    return { success: true };
  },
);

const describeQueries: Operation = operation(
  'DescribeQueries',
  'read',
  {
    logGroupName: shapes.logGroupName,
    status: text({ values: queryStatuses }),
    maxResults: integer({ min: 1, max: 1000 }),
    nextToken: shapes.nextToken,
    queryLanguage: shapes.queryLanguage,
  },
  (input, context) => {
    const { logGroupName, status, queryLanguage } = input;
    // Newest first: the key grows with age, so that a page token stays right as queries are added.
    const runs = context.queries
      .list()
      .filter(
        (run) =>
          (logGroupName === undefined || run.request.groups.includes(logGroupName)) &&
          (status === undefined || run.status === status) &&
          (queryLanguage === undefined || run.request.language === queryLanguage),
      )
      .map((run) => ({ run, key: `${String(1e16 - run.createdMs).padStart(17, '0')}${run.id}` }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const { page, nextToken } = pageOf(runs, {
      keyOf: ({ key }) => key,
      limit: input.maxResults ?? 1000,
      token: input.nextToken,
      question: ['queries', logGroupName, status, queryLanguage],
    });
    return { queries: page.map(({ run }) => describe(run, context)), nextToken };
  },
);

function describe(run: QueryRun, { clock }: CallContext): object {
  return {
    queryLanguage: run.request.language,
    queryId: run.id,
    queryString: run.request.text,
    status: run.status,
    createTime: run.createdMs,
    logGroupName: run.request.groups[0],
    queryDuration: Math.max(0, (run.endedMs ?? clock.nowMs()) - run.createdMs),
    bytesScanned: doubleLiteral(run.statistics.bytesScanned),
    userIdentity: run.request.user,
  };
}

const listLogGroupsForQuery: Operation = operation(
  'ListLogGroupsForQuery',
  'read',
  {
    queryId: required(shapes.queryId),
    nextToken: shapes.nextToken,
    maxResults: integer({ min: 50, max: 500 }),
  },
  (input, context) => {
    const groups = [...mustHaveQuery(context, input.queryId).request.groups].sort();
    const { page, nextToken } = pageOf(groups, {
      keyOf: (name) => name,
      limit: input.maxResults ?? 50,
      token: input.nextToken,
      question: ['query-groups', input.queryId],
    });
    return { logGroupIdentifiers: page, nextToken };
  },
);

/** Fields are sampled 8 minutes around `time`, or over the last 15 minutes. */
const fieldsRadiusMs = 8 * 60_000;
const fieldsDefaultMs = 15 * 60_000;

const getLogGroupFields: Operation = operation(
  'GetLogGroupFields',
  'read',
  { ...shapes.groupReference, time: shapes.timestamp },
  async (input, context) => {
    const { name } = mustHaveGroup(context, groupOf(input));
    const nowMs = context.clock.nowMs();
    const { time } = input;
    const middleMs = time === undefined || time >= minMillisecondsValue ? time : time * 1000;
    const found = await context.queries.discoverFields(
      {
        groups: [name],
        fromMs: middleMs === undefined ? nowMs - fieldsDefaultMs : middleMs - fieldsRadiusMs,
        toMs: middleMs === undefined ? nowMs : middleMs + fieldsRadiusMs,
      },
      context.signal,
    );
    return {
      logGroupFields: found
        .map(({ name: field, percent }) => ({ name: field, percent: Math.round(percent) }))
        .sort((a, b) => b.percent - a.percent),
    };
  },
);

export const queryOperations: readonly Operation[] = [
  startQuery,
  getQueryResults,
  stopQuery,
  describeQueries,
  listLogGroupsForQuery,
  getLogGroupFields,
];
