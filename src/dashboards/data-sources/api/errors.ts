import type { FastifyInstance } from 'fastify';
import { AppError, describeError, isAbortError, isAppError, type Logger } from '#base';
import { statusOfError } from '#server';

const statusOfCode: Readonly<Record<string, number>> = {
  DATA_SOURCE_NOT_FOUND: 404,
  DATA_RESOURCE_NOT_FOUND: 404,
  DATA_SOURCE_NAME_EXISTS: 409,
  DATA_SOURCE_UID_EXISTS: 409,
  DATA_SOURCE_CONFLICT: 409,
  DATA_SOURCE_READ_ONLY: 403,
  DATA_SOURCE_INVALID: 400,
  DATA_SOURCE_ADDRESS_REFUSED: 403,
  DATA_QUERY_INVALID: 400,
  DATA_QUERY_TOO_LARGE: 400,
  DATA_QUERY_TIMEOUT: 504,
  DATA_SOURCE_FAILED: 502,
  HTTP_FAILED: 502,
  AWS_CREDENTIALS_MISSING: 502,
};

/** Texts that clients of Grafana look for. */
const messageOfCode: Readonly<Record<string, string>> = {
  DATA_SOURCE_NOT_FOUND: 'Data source not found',
  DATA_SOURCE_NAME_EXISTS: 'data source with the same name already exists',
  DATA_SOURCE_UID_EXISTS: 'data source with the same uid already exists',
  UNAUTHENTICATED: 'Unauthorized',
};

/** Errors of the routes of this scope, in Grafana's form. */
export function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    const code = isAppError(error) ? error.code : undefined;
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    const status = timedOut ? 504 : (statusOfCode[code ?? ''] ?? statusOfError(error));
    if (status >= 500 && !isAppError(error) && !isAbortError(error)) {
      log.error('A request to data sources failed', {
        path: request.url.split('?')[0],
        err: error,
      });
    }
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="nunchi"');
    if (status === 503) reply.header('retry-after', '5');
    const ours = isAppError(error) || isAbortError(error) || status < 500;
    const message = ours ? describeError(error) : 'Internal server error';
    const known = messageOfCode[code ?? ''];
    return reply
      .code(status)
      .type('application/json')
      .send(
        JSON.stringify({
          message: known ?? message,
          ...(known === undefined || known === message ? {} : { error: message }),
          ...(code === undefined ? {} : { messageId: code }),
          ...(isAppError(error) && error.hint !== undefined ? { hint: error.hint } : {}),
        }),
      );
  });
}

/** @throws {AppError} INVALID_JSON */
export function jsonBody(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  } catch (cause) {
    throw new AppError('INVALID_JSON', 'bad request data: the body is no JSON', { cause });
  }
}
