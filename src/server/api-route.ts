import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodError, ZodType, z } from 'zod';
import { AppError } from '#base';
import type { Principal } from './contract.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One operation of our own API: what validates it, types its handler and documents it. */
export interface ApiRoute<
  P extends ZodType,
  Q extends ZodType,
  B extends ZodType,
  R extends ZodType,
> {
  readonly method: HttpMethod;
  /** Under `/nunchi/`, parameters as `:name`. */
  readonly url: string;
  /** One line for the reference. */
  readonly summary: string;
  /** Heading in the reference; the part after `/nunchi/` unless given. */
  readonly tag?: string;
  /** Path parameters; values come as decoded text. */
  readonly params?: P;
  /** Query string; values come as text, or as arrays where a key repeats: use `z.coerce`. */
  readonly query?: Q;
  /** JSON body. */
  readonly body?: B;
  /** What the handler returns. Absent: nothing (204), or the handler writes the reply itself. */
  readonly response?: R;
  /** Media type of a reply that the handler writes itself, for the reference. */
  readonly streams?: string;
  readonly access?: 'none' | 'viewer' | 'editor' | 'admin' | 'agent';
  readonly maxBodyBytes?: number;
  /** For the reference only; a live socket registers its own handler. */
  readonly websocket?: boolean;
}

export interface ApiRequest<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly principal: Principal;
  /** Aborts when the client goes away; for routes with `streams` also when the server stops. */
  readonly signal: AbortSignal;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export type AnyApiRoute = ApiRoute<ZodType, ZodType, ZodType, ZodType>;

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route made with `apiRoute`, for the OpenAPI document. */
    apiRoutes?: AnyApiRoute[];
    /** Aborts when the server begins to stop. */
    stoppingSignal?: AbortSignal;
  }
}

/**
 * Registers a route of our own API: requests that do not fit are answered with 400 and the place of
 * each mistake, the handler gets typed values, and the route appears in `/nunchi/openapi.json`.
 * The handler returns the JSON value, or `reply` once it has sent an answer itself.
 */
export function apiRoute<
  P extends ZodType = ZodType<unknown>,
  Q extends ZodType = ZodType<unknown>,
  B extends ZodType = ZodType<unknown>,
  R extends ZodType = ZodType<undefined>,
>(
  app: FastifyInstance,
  route: ApiRoute<P, Q, B, R>,
  handler: (
    request: ApiRequest<z.output<P>, z.output<Q>, z.output<B>>,
  ) => z.input<R> | FastifyReply | Promise<z.input<R> | FastifyReply>,
): void {
  app.apiRoutes?.push(route as unknown as AnyApiRoute);
  app.route({
    method: route.method,
    url: route.url,
    config: {
      ...(route.access === undefined ? {} : { access: route.access }),
      ...(route.maxBodyBytes === undefined ? {} : { maxBodyBytes: route.maxBodyBytes }),
    },
    ...(route.maxBodyBytes === undefined ? {} : { bodyLimit: route.maxBodyBytes }),
    handler: async (request, reply) => {
      const params = validate(route.params, request.params, 'path');
      const query = validate(route.query, request.query, 'query');
      if (route.body !== undefined) mustBeJson(request);
      const body = validate(route.body, request.body ?? undefined, 'body');
      const result = await handler({
        params,
        query,
        body,
        principal: request.principal,
        signal:
          route.streams === undefined || app.stoppingSignal === undefined
            ? closeSignal(reply)
            : AbortSignal.any([closeSignal(reply), app.stoppingSignal]),
        request,
        reply,
      });
      if (result === reply || reply.sent) return reply;
      if (result === undefined) return reply.code(204).send();
      return reply.header('cache-control', 'no-store').send(result);
    },
  });
}

/** Aborts when the connection ends before the answer does. */
export function closeSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) {
      controller.abort(new DOMException('The client went away', 'AbortError'));
    }
  });
  return controller.signal;
}

/** A page of another site cannot send JSON without asking first: part of the guard against it. */
function mustBeJson(request: FastifyRequest): void {
  const type = request.headers['content-type'];
  if (request.body === undefined || request.body === null) return;
  if (type !== undefined && /^application\/json\b/i.test(type)) return;
  throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'The body must be JSON', {
    hint: 'Send the header content-type: application/json',
  });
}

function validate<S extends ZodType>(
  schema: S | undefined,
  value: unknown,
  place: string,
): z.output<S> {
  if (schema === undefined) return value as z.output<S>;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidRequest(result.error, place);
}

function invalidRequest(error: ZodError, place: string): AppError {
  const problems = error.issues.slice(0, 20).map((issue) => ({
    place: [place, ...issue.path.map(String)].join('.'),
    message: issue.message,
  }));
  return new AppError(
    'INVALID_REQUEST',
    problems.map((problem) => `${problem.place}: ${problem.message}`).join('; '),
    { details: { problems } },
  );
}
