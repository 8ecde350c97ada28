import type { DataQuery, QueryRequest } from './contract.ts';
import { dataError } from './errors.ts';

const maxQueries = 100;

/** What holds for a request as a whole. @throws {AppError} DATA_QUERY_INVALID */
export function mustBeRequest({ fromMs, toMs }: QueryRequest, queries: readonly DataQuery[]): void {
  if (!Number.isFinite(fromMs) || !Number.isFinite(toMs) || toMs < fromMs) {
    throw dataError('DATA_QUERY_INVALID', `The range from ${fromMs} to ${toMs} is none`);
  }
  if (queries.length > maxQueries) {
    throw dataError(
      'DATA_QUERY_INVALID',
      `${queries.length} queries are too many (allowed: ${maxQueries})`,
    );
  }
  const refIds = new Set<string>();
  for (const { refId } of queries) {
    if (refIds.has(refId)) throw dataError('DATA_QUERY_INVALID', `refId "${refId}" stands twice`);
    refIds.add(refId);
  }
}
