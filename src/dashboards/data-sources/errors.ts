import { AppError, type AppErrorOptions, isAbortError, isAppError } from '#base';

export type DataSourceErrorCode =
  | 'DATA_SOURCE_NOT_FOUND'
  | 'DATA_SOURCE_NAME_EXISTS'
  | 'DATA_SOURCE_UID_EXISTS'
  | 'DATA_SOURCE_READ_ONLY'
  | 'DATA_SOURCE_CONFLICT'
  | 'DATA_SOURCE_INVALID'
  /** The query asks for something that is not there or too much. */
  | 'DATA_QUERY_INVALID'
  | 'DATA_QUERY_TOO_LARGE'
  | 'DATA_QUERY_TIMEOUT'
  /** The data source's own server refused or could not be reached. */
  | 'DATA_SOURCE_FAILED'
  | 'DATA_RESOURCE_NOT_FOUND'
  | 'DATA_SOURCE_ADDRESS_REFUSED';

export function dataError(
  code: DataSourceErrorCode,
  message: string,
  options: AppErrorOptions = {},
): AppError {
  return new AppError(code, message, options);
}

/** What is wrong with a key of a data source or of a query, and what it may be. */
export function invalidKey(
  code: 'DATA_SOURCE_INVALID' | 'DATA_QUERY_INVALID',
  key: string,
  problem: string,
  allowed: string,
): AppError {
  return new AppError(code, `${key}: ${problem} (allowed: ${allowed})`, {
    details: { key, allowed },
  });
}

const statusOfCode: Readonly<Record<string, number>> = {
  DATA_SOURCE_NOT_FOUND: 404,
  DATA_SOURCE_FAILED: 502,
  DATA_QUERY_TIMEOUT: 504,
  PROMQL_TIMEOUT: 504,
  PROMQL_CANCELED: 499,
  STORE_STARTING: 503,
  STORE_CLOSED: 503,
  HTTP_FAILED: 502,
  AWS_CREDENTIALS_MISSING: 502,
};

/** The status of a query that failed so, as HTTP has it. */
export function queryStatus(error: unknown): number {
  if (isAppError(error)) return statusOfCode[error.code] ?? 400;
  return isAbortError(error) ? 499 : 500;
}
