import { type AppError, isAppError } from '#base';
import type { QueryDiagnostic } from '#logs/queries';

/** An error in AWS's terms: a code that clients switch on, and their text. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Members of the error's body besides `__type` and `message`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: {
      readonly status?: number;
      readonly members?: Readonly<Record<string, unknown>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AwsError';
    this.code = code;
    this.status = options.status ?? 400;
    this.members = options.members ?? {};
  }
}

export const invalid = (message: string): AwsError =>
  new AwsError('InvalidParameterException', message);

export const groupNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');

export const streamNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');

export const notFound = (message: string): AwsError =>
  new AwsError('ResourceNotFoundException', message);

export const invalidToken = (): AwsError => invalid('The specified nextToken is invalid.');

/** A try again may work: clients retry a 503 by themselves. */
const unavailable = (cause: AppError): AwsError =>
  new AwsError('ServiceUnavailableException', cause.message, { status: 503, cause });

const denied = (error: AppError): AwsError =>
  new AwsError('AccessDeniedException', [error.message, error.hint].filter(Boolean).join('. '));

const byCode: Readonly<Record<string, (error: AppError) => AwsError>> = {
  LOG_GROUP_NOT_FOUND: groupNotFound,
  LOG_STREAM_NOT_FOUND: streamNotFound,
  LOG_GROUP_EXISTS: () =>
    new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists'),
  LOG_STREAM_EXISTS: () =>
    new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists'),
  STORE_FULL: unavailable,
  STORE_CLOSED: unavailable,
  QUERY_MALFORMED: malformedQuery,
  QUERY_QUEUE_FULL: () => new AwsError('LimitExceededException', 'Resource limit exceeded.'),
  QUERY_RESULTS_GONE: (error) => notFound(error.message),
  HOST_REFUSED: denied,
  ORIGIN_REFUSED: denied,
  UNAUTHENTICATED: denied,
  FORBIDDEN: denied,
  SIGNATURE_MISSING: (error) => new AwsError('MissingAuthenticationTokenException', error.message),
  SIGNATURE_INCOMPLETE: (error) => new AwsError('IncompleteSignatureException', error.message),
  SIGNATURE_EXPIRED: (error) => new AwsError('InvalidSignatureException', error.message),
  SIGNATURE_MISMATCH: (error) => new AwsError('InvalidSignatureException', error.message),
  ACCESS_KEY_UNKNOWN: (error) => new AwsError('UnrecognizedClientException', error.message),
};

/** Whatever was thrown, as what the client is told. A bug of ours shows no detail. */
export function toAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (isAppError(error)) {
    const translate = byCode[error.code];
    if (translate !== undefined) return translate(error);
    return new AwsError('InternalFailure', error.message, { status: 500, cause: error });
  }
  return new AwsError('InternalFailure', 'The request failed because of an unknown error.', {
    status: 500,
    cause: error,
  });
}

/** The message names line and position and says what to do: the aws CLI prints nothing else. */
function malformedQuery(error: AppError): AwsError {
  const text = [error.message, error.hint].filter(Boolean).join('. ');
  const diagnostics = error.details['diagnostics'] as readonly QueryDiagnostic[] | undefined;
  const first = diagnostics?.find((d) => d.severity === 'error') ?? diagnostics?.[0];
  if (first === undefined) return new AwsError('MalformedQueryException', text);
  const { startOffset, endOffset, message } = first;
  const location = { startCharOffset: startOffset, endCharOffset: endOffset };
  return new AwsError('MalformedQueryException', text, {
    members: { queryCompileError: { location, message } },
  });
}
