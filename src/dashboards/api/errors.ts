import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError, isAppError, type Logger } from '#base';
import { DashboardError } from '#dashboards/model';
import { statusOfError } from '#server';

/** Status of each code, and what clients look for beside the message. */
const answers: Readonly<Record<string, readonly [status: number, word?: string]>> = {
  BAD_REQUEST_DATA: [400],
  UNPROCESSABLE: [422],
  DASHBOARD_INVALID: [400],
  DASHBOARD_TITLE_EMPTY: [400, 'empty-name'],
  DASHBOARD_NOT_FOUND: [404, 'not-found'],
  DASHBOARD_CHANGED: [412, 'version-mismatch'],
  DASHBOARD_EXISTS: [412, 'version-mismatch'],
  DASHBOARD_TITLE_EXISTS: [412, 'name-exists'],
  DASHBOARD_PROVISIONED: [400],
  DASHBOARD_PROVISIONED_DELETE: [400],
  DASHBOARD_VERSION_NOT_FOUND: [404],
  UID_TOO_LONG: [400],
  UID_INVALID: [400],
  DATA_SOURCE_NOT_FOUND: [404],
  FOLDER_NOT_FOUND: [404],
  FOLDER_EXISTS: [409],
  FOLDER_TITLE_EXISTS: [409],
  FOLDER_CHANGED: [412, 'version-mismatch'],
  FOLDER_TITLE_EMPTY: [400],
  FOLDER_HAS_RULES: [400],
  FOLDER_CYCLE: [400],
  FOLDER_TOO_DEEP: [400],
  LIBRARY_ELEMENT_NOT_FOUND: [404],
  LIBRARY_ELEMENT_EXISTS: [400],
  LIBRARY_ELEMENT_INVALID: [400],
  LIBRARY_ELEMENT_CHANGED: [412],
  LIBRARY_ELEMENT_CONNECTED: [403],
  ANNOTATION_NOT_FOUND: [404],
  ANNOTATION_INVALID: [400],
  QUOTA_REACHED: [403],
  CATALOGUE_NOT_FOUND: [404],
  CATALOGUE_INVALID: [502],
  CATALOGUE_UNAVAILABLE: [502],
};

/** HTTP status of whatever was thrown. */
export function statusOf(error: unknown): number {
  // What is wrong with a document is said in its own words.
  if (error instanceof DashboardError) return 400;
  const known = isAppError(error) ? answers[error.code] : undefined;
  return known?.[0] ?? statusOfError(error);
}

/** Words for the client: unforeseen errors keep theirs to the log. */
export function messageOf(error: unknown, request: FastifyRequest): string {
  const status = statusOf(error);
  if (status === 401) return unauthorized(error, request.headers.authorization);
  if (isAppError(error) || error instanceof DashboardError || status < 500) {
    return describeError(error);
  }
  return 'Internal server error';
}

/** Clients tell a wrong password from a wrong token by these. */
function unauthorized(error: unknown, authorization: string | undefined): string {
  if (isAppError(error) && error.code === 'TOO_MANY_REQUESTS') return error.message;
  if (authorization === undefined) return 'Unauthorized';
  return /^basic /i.test(authorization) ? 'Invalid username or password' : 'Invalid API key';
}

export type ErrorBody = (
  error: unknown,
  status: number,
  message: string,
) => Readonly<Record<string, unknown>>;

/** Errors as `{message}`, with `status` where clients look for it. */
export const plainBody: ErrorBody = (error, _status, message) => {
  const word = isAppError(error) ? answers[error.code]?.[1] : undefined;
  const hint = isAppError(error) ? error.hint : undefined;
  return {
    message,
    ...(word === undefined ? {} : { status: word }),
    ...(hint === undefined ? {} : { hint }),
    ...(isAppError(error) || error instanceof DashboardError ? { messageId: error.code } : {}),
  };
};

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  406: 'NotAcceptable',
  409: 'Conflict',
  422: 'Invalid',
};

/** Errors as Kubernetes has them. */
export const statusBody: ErrorBody = (error, status, message) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason:
    isAppError(error) && error.code === 'DASHBOARD_EXISTS'
      ? 'AlreadyExists'
      : (reasons[status] ?? 'InternalError'),
  code: status,
});

/** Answers errors of the routes of this scope. */
export function answerErrors(
  app: FastifyInstance,
  log: Logger,
  bodyOf: ErrorBody,
  statusFor: (error: unknown) => number = statusOf,
): void {
  app.setErrorHandler((error, request, reply): FastifyReply => {
    const status = statusFor(error);
    if (status >= 500 && !isAppError(error)) {
      const path = request.url.split('?')[0];
      log.error('A request about dashboards failed', { path, err: error });
    }
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="nunchi"');
    if (status === 503) reply.header('retry-after', '5');
    const body = bodyOf(error, status, messageOf(error, request));
    return reply.code(status).type('application/json').send(JSON.stringify(body));
  });
}
