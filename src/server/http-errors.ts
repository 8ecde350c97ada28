import { AppError, isAppError } from '#base';

/** Body of every error of our own API. */
export interface ErrorBody {
  /** Stable, SCREAMING_SNAKE_CASE. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly requestId: string;
}

const statusByCode: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  ORIGIN_REFUSED: 403,
  HOST_REFUSED: 421,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  TOO_MANY_REQUESTS: 429,
  QUERY_FAILED: 422,
  QUERY_OUT_OF_MEMORY: 422,
  STORE_FULL: 503,
  STORE_CLOSED: 503,
  STORE_STARTING: 503,
  STATE_CLOSED: 503,
  NOT_READY: 503,
  KUBERNETES_FORBIDDEN: 403,
  KUBERNETES_UNREACHABLE: 503,
};

const statusBySuffix: readonly (readonly [RegExp, number])[] = [
  [/_NOT_FOUND$/, 404],
  [/_(EXISTS|CONFLICT|PROTECTED)$/, 409],
  [/_(INVALID|MALFORMED|TOO_LARGE|UNSUPPORTED)$/, 400],
  [/^(INVALID|BAD|UNKNOWN|UNSUPPORTED)_/, 400],
  [/_(BUSY|UNAVAILABLE|CLOSED|FULL)$/, 503],
];

/** HTTP status of an error of ours; 500 for what nobody foresaw. */
export function statusOfError(error: unknown): number {
  if (isAppError(error)) {
    const exact = statusByCode[error.code];
    if (exact !== undefined) return exact;
    for (const [pattern, status] of statusBySuffix) if (pattern.test(error.code)) return status;
    return 500;
  }
  // Nobody waits for the answer any more: no failure of ours.
  if (error instanceof Error && error.name === 'AbortError') return 499;
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}

const codeByStatus: Readonly<Record<number, string>> = {
  400: 'INVALID_REQUEST',
  404: 'ROUTE_NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  413: 'BODY_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/** The body for whatever was thrown; unforeseen errors keep their words to the log. */
export function errorBody(error: unknown, requestId: string): ErrorBody {
  if (error instanceof AppError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(Object.keys(error.details).length === 0 ? {} : { details: error.details }),
      requestId,
    };
  }
  const status = statusOfError(error);
  if (status < 500 && error instanceof Error) {
    return { code: codeByStatus[status] ?? 'INVALID_REQUEST', message: error.message, requestId };
  }
  return {
    code: 'INTERNAL_ERROR',
    message: 'The server failed to answer; its log has the reason under this request id',
    requestId,
  };
}
