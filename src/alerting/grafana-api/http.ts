import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, describeError, isAbortError, isAppError, type Logger } from '#base';
import { closeSignal, type Principal, statusOfError } from '#server';

/** A group of 100 rules with long queries, or a whole configuration. */
const maxBodyBytes = 8 * 1024 * 1024;

export type Json = Readonly<Record<string, unknown>>;

export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** @throws {AppError} INVALID_JSON */
  readonly json: () => unknown;
  readonly headers: FastifyRequest['headers'];
  readonly principal: Principal;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  readonly reply: FastifyReply;
}

/** What a route answers: a body with its status, or a text of another type. */
export type Answer =
  | { readonly status: number; readonly body: unknown }
  | { readonly status: number }
  | {
      readonly status: number;
      readonly text: string;
      readonly type: string;
      readonly file?: string;
    };

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const accepted = (body: unknown): Answer => ({ status: 202, body });
export const noContent: Answer = { status: 204 };

export type Handler = (call: Call) => Answer | Promise<Answer>;
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Registers routes of Grafana's API; what is wrong with them is answered in its form. */
export function routes(
  app: FastifyInstance,
): (method: Method, url: string, handler: Handler, access?: 'viewer' | 'editor' | 'admin') => void {
  return (method, url, handler, access) => {
    app.route({
      method,
      url,
      bodyLimit: maxBodyBytes,
      config: { maxBodyBytes, ...(access === undefined ? {} : { access }) },
      handler: async (request, reply) => {
        const at = request.url.indexOf('?');
        const answer = await handler({
          params: request.params as Call['params'],
          query: new URLSearchParams(at < 0 ? '' : request.url.slice(at + 1)),
          json: () => jsonOf(request.body),
          headers: request.headers,
          principal: request.principal,
          signal: closeSignal(reply),
          reply,
        });
        return send(reply, answer);
      },
    });
  };
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status).header('cache-control', 'no-store');
  if ('text' in answer) {
    if (answer.file !== undefined) {
      reply.header('content-disposition', `attachment;filename=${answer.file}`);
    }
    return reply.type(answer.type).send(answer.text);
  }
  if (!('body' in answer)) return reply.send();
  return reply.type('application/json').send(JSON.stringify(answer.body));
}

function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  } catch (cause) {
    throw new AppError('INVALID_JSON', 'bad request data: the body is no JSON', { cause });
  }
}

const statusOfCode: Readonly<Record<string, number>> = {
  INVALID_JSON: 400,
  RULE_INVALID: 400,
  RULE_NOT_FOUND: 404,
  RULE_GROUP_NOT_FOUND: 404,
  RULE_FOLDER_NOT_FOUND: 404,
  RULE_EXISTS: 409,
  RULE_CHANGED: 409,
  RULE_PROVISIONED: 409,
  RULE_QUOTA_REACHED: 403,
  NOTIFICATION_INVALID: 400,
  CONTACT_POINT_NOT_FOUND: 404,
  CONTACT_POINT_EXISTS: 409,
  CONTACT_POINT_IN_USE: 409,
  MUTE_TIMING_NOT_FOUND: 404,
  MUTE_TIMING_EXISTS: 409,
  MUTE_TIMING_IN_USE: 409,
  TEMPLATE_NOT_FOUND: 404,
  NOTIFICATION_PROVISIONED: 409,
  EXPRESSION_INVALID: 400,
  ALERTING_INVALID: 400,
  PROVISIONING_INVALID: 400,
};

/** Errors of the routes of this scope, as `{message, messageId}`. */
export function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    const code = isAppError(error) ? error.code : undefined;
    const status = statusOfCode[code ?? ''] ?? statusOfError(error);
    if (status >= 500 && !isAbortError(error)) {
      const path = request.url.split('?')[0];
      log.error('A request to the alerting API failed', { path, err: error });
    }
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="nunchi"');
    const isOurs = isAppError(error) || status < 500;
    const message = status === 401 ? 'Unauthorized' : describeError(error);
    return reply
      .code(status)
      .type('application/json')
      .send(
        JSON.stringify({
          message: isOurs ? message : 'Internal server error',
          ...(code === undefined ? {} : { messageId: code }),
        }),
      );
  });
}

/** What programs write is theirs, unless they say that people may change it. */
export const provenanceOf = ({ headers }: Pick<Call, 'headers'>): '' | 'api' =>
  headers['x-disable-provenance'] === undefined ? 'api' : '';

export const author = (
  call: Pick<Call, 'headers' | 'principal'>,
): { readonly by: string; readonly via: 'provisioning'; readonly provenance: '' | 'api' } => ({
  by: call.principal.name,
  via: 'provisioning',
  provenance: provenanceOf(call),
});

/** Somebody in front of the page. */
export const uiAuthor = (
  call: Pick<Call, 'principal'>,
): { readonly by: string; readonly via: 'ui'; readonly provenance: '' } => ({
  by: call.principal.name,
  via: 'ui',
  provenance: '',
});

export const badRequest = (message: string): AppError => new AppError('RULE_INVALID', message);

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The body, which must be an object. */
export function objectBody(call: Pick<Call, 'json'>): Json {
  const body = call.json();
  if (isObject(body)) return body;
  throw badRequest('bad request data: the body must be an object');
}
