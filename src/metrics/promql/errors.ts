import { AppError } from '#base';
import { lineColumn, type Span } from './parser/position.ts';

/**
 * Errors of this module, all `AppError`:
 *
 * - PROMQL_PARSE: the text is no query; `details` has `line`, `column` (from 1, in bytes), `start`, `end`.
 * - PROMQL_EXECUTION: the query cannot be answered on this data.
 * - PROMQL_TIMEOUT, PROMQL_CANCELED: the work was stopped.
 * - PROMQL_TOO_MANY_SAMPLES: more samples at once than allowed.
 * - PROMQL_WORKER: a thread that computed a part died, which is a fault of ours.
 * - PROMQL_SCRIPT, PROMQL_NOTATION: a test script, or a series in its notation, is malformed.
 */
export type PromqlErrorCode =
  | 'PROMQL_PARSE'
  | 'PROMQL_EXECUTION'
  | 'PROMQL_TIMEOUT'
  | 'PROMQL_CANCELED'
  | 'PROMQL_TOO_MANY_SAMPLES'
  | 'PROMQL_WORKER'
  | 'PROMQL_SCRIPT'
  | 'PROMQL_NOTATION';

/** An error of syntax or types at a place of the query: `1:5: parse error: …`. */
export function parseError(query: string, span: Span, text: string): AppError {
  const { line, column } = lineColumn(query, span.start);
  const place = query === '' ? 'unknown position' : `${line}:${column}`;
  return new AppError('PROMQL_PARSE', `${place}: parse error: ${text}`, {
    details: { line, column, start: span.start, end: span.end, reason: text },
  });
}

/** The data does not allow an answer. */
export function executionError(text: string, hint?: string): AppError {
  return new AppError('PROMQL_EXECUTION', text, hint === undefined ? {} : { hint });
}

export function timeoutError(): AppError {
  return new AppError('PROMQL_TIMEOUT', 'query timed out in expression evaluation', {
    hint: 'Ask for a shorter range, a larger step or fewer series, or raise the timeout of queries',
  });
}

export function queueTimeoutError(): AppError {
  return new AppError('PROMQL_TIMEOUT', 'query timed out in query queue', {
    hint: 'Too many queries run at once: raise metrics.query.maxConcurrency, or ask for less',
  });
}

export function canceledError(cause?: unknown): AppError {
  return new AppError(
    'PROMQL_CANCELED',
    'query was canceled in expression evaluation',
    cause === undefined ? {} : { cause },
  );
}

export function tooManySamplesError(): AppError {
  return new AppError(
    'PROMQL_TOO_MANY_SAMPLES',
    'query processing would load too many samples into memory in query execution',
    { hint: 'Ask for a shorter range or fewer series, or raise the limit of samples of a query' },
  );
}
