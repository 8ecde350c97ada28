import { AppError } from '#base';
import {
  compileQuery,
  didYouMean,
  joinOf,
  type Plan,
  type PlanSource,
  printingFault,
} from '#logs/insights';
import type { LookupTables } from '#logs/lookup-tables';
import type { LogStore } from '#logs/store';
import type { QueryDiagnostic, QueryRequest } from './contract.ts';
import { checkSqlText } from './sql-language.ts';

/** Groups in one query: AWS takes 50 by name and 10,000 through SOURCE. */
const maxGroups = 10_000;

export type Compiled =
  | {
      readonly language: 'CWLI';
      readonly plan: Plan;
      readonly groups: readonly string[];
    }
  | { readonly language: 'SQL'; readonly groups: readonly string[] };

/**
 * @throws {AppError} QUERY_MALFORMED with details.diagnostics, LOG_GROUP_NOT_FOUND
 */
export function compileRequest(
  request: QueryRequest,
  store: LogStore,
  nowMs: number,
  lookupTables?: LookupTables,
): { readonly compiled: Compiled; readonly diagnostics: readonly QueryDiagnostic[] } {
  for (const name of request.groups) mustHaveGroup(store, name);
  if (request.language === 'SQL') {
    const diagnostics = checkSqlText(request.text);
    mustBeSound(diagnostics);
    const groups = request.groups.length > 0 ? request.groups : allGroups(store);
    return { compiled: { language: 'SQL', groups }, diagnostics };
  }
  const context = {
    fromMs: request.fromMs,
    toMs: request.toMs,
    nowMs,
    lookupTables: columnsOf(lookupTables),
  };
  const { plan, diagnostics } = compileQuery(request.text, context);
  if (plan === undefined) throw malformed(diagnostics);
  const fault = printingFault(plan, request.text, context);
  if (fault !== undefined) throw malformed([fault]);
  const groups = plan.source === undefined ? request.groups : groupsOf(plan.source, store);
  if (groups.length === 0 && plan.source === undefined) {
    throw new AppError('QUERY_MALFORMED', 'The query names no log group', {
      hint: 'Choose log groups or begin the query with SOURCE',
      details: { diagnostics },
    });
  }
  // Here, for who starts a query should hear of a wrong name at once.
  for (const { source } of plan.subqueries) if (source !== undefined) groupsOf(source, store);
  joinedGroups(plan, groups, store);
  return { compiled: { language: 'CWLI', plan, groups }, diagnostics };
}

/** Groups of the other side of a join: its SOURCE, else those of the query; undefined: no join. */
export function joinedGroups(
  plan: Plan,
  groups: readonly string[],
  store: LogStore,
): readonly string[] | undefined {
  const join = joinOf(plan);
  if (join === undefined) return undefined;
  return join.right.source === undefined ? groups : groupsOf(join.right.source, store);
}

/** Columns of every lookup table, as the compiler checks them. */
export function columnsOf(
  tables: LookupTables | undefined,
): ReadonlyMap<string, readonly string[]> {
  return new Map(tables?.list().map(({ name, columns }) => [name, columns]));
}

/** The groups that SOURCE means. */
export function groupsOf(source: PlanSource, store: LogStore): readonly string[] {
  if (source.names.length > 0) {
    for (const name of source.names) mustHaveGroup(store, name);
    return source.names;
  }
  if (source.namePrefixes.length === 0) return allGroups(store);
  const names = source.namePrefixes.flatMap((prefix) =>
    store.groups({ prefix }).map((group) => group.name),
  );
  return [...new Set(names)].slice(0, maxGroups);
}

function allGroups(store: LogStore): readonly string[] {
  return store
    .groups()
    .slice(0, maxGroups)
    .map((group) => group.name);
}

function mustHaveGroup(store: LogStore, name: string): void {
  if (store.group(name) !== undefined) return;
  const hint = didYouMean(
    name,
    store.groups().map((group) => group.name),
  );
  throw new AppError('LOG_GROUP_NOT_FOUND', `Log group ${name} does not exist`, {
    ...(hint === undefined ? {} : { hint }),
    details: { group: name },
  });
}

function mustBeSound(diagnostics: readonly QueryDiagnostic[]): void {
  if (diagnostics.some((one) => one.severity === 'error')) throw malformed(diagnostics);
}

/** The first fault with its place, for clients that print a message and nothing else. */
export function malformed(diagnostics: readonly QueryDiagnostic[]): AppError {
  const first = diagnostics.find((one) => one.severity === 'error');
  const message =
    first === undefined
      ? 'Query cannot be compiled'
      : `${first.message} at line ${first.line} and position ${first.column}`;
  return new AppError('QUERY_MALFORMED', message, {
    ...(first?.hint === undefined ? {} : { hint: first.hint }),
    details: { diagnostics },
  });
}
