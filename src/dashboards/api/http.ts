import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#base';
import type { Principal } from '#server';
import type { DashboardsApiDeps } from './contract.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A request of Grafana's API with its parts read. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly principal: Principal;
  /** Name under which stars and preferences of the caller are kept. */
  readonly person: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** The body as an object. @throws {AppError} BAD_REQUEST_DATA */
  body(): Json;
}

export type Handler = (call: Call) => unknown;

export interface RouteOptions {
  /** Least role; viewer for reading and editor otherwise unless given. */
  readonly access?: 'none' | 'viewer' | 'editor' | 'admin';
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type AddRoute = (
  method: Method,
  url: string,
  handler: Handler,
  options?: RouteOptions,
) => void;

/** What stands around a dashboard in a body. */
const envelopeBytes = 1024 * 1024;

/** Adds routes whose handlers return what is answered as JSON, or have answered themselves. */
export function routesOf(app: FastifyInstance, { maxSizeBytes }: DashboardsApiDeps): AddRoute {
  return (method, url, handler, options = {}) => {
    app.route({
      method,
      url,
      config: {
        maxBodyBytes: maxSizeBytes + envelopeBytes,
        ...(options.access === undefined ? {} : { access: options.access }),
      },
      handler: async (request, reply) => {
        const at = request.url.indexOf('?');
        const { principal } = request;
        const answer = await handler({
          params: request.params as Call['params'],
          query: new URLSearchParams(at < 0 ? '' : request.url.slice(at + 1)),
          principal,
          person: `${principal.kind}:${principal.name}`,
          request,
          reply,
          body: () => objectBody(request.body),
        });
        if (reply.sent) return reply;
        reply.header('cache-control', 'no-store');
        return reply.type('application/json').send(JSON.stringify(answer));
      },
    });
  };
}

const badRequest = (message: string): AppError => new AppError('BAD_REQUEST_DATA', message);

function objectBody(body: unknown): Json {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  } catch {
    throw badRequest('bad request data');
  }
  if (isObject(value)) return value;
  throw badRequest('bad request data');
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined for what is absent or null. @throws {AppError} BAD_REQUEST_DATA for what is no text */
export function textIn(body: Json, key: string): string | undefined {
  const value = body[key] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw badRequest(`${key}: expected text`);
}

/** @throws {AppError} BAD_REQUEST_DATA */
export function numberIn(body: Json, key: string): number | undefined {
  const value = body[key] ?? undefined;
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
  throw badRequest(`${key}: expected a number`);
}

/** @throws {AppError} BAD_REQUEST_DATA */
export function flagIn(body: Json, key: string): boolean {
  const value = body[key] ?? false;
  if (typeof value === 'boolean') return value;
  throw badRequest(`${key}: expected true or false`);
}

/** @throws {AppError} BAD_REQUEST_DATA */
export function textsIn(body: Json, key: string): readonly string[] | undefined {
  const value = body[key] ?? undefined;
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw badRequest(`${key}: expected a list of texts`);
}

/** A whole number of a query, or what stands for none. @throws {AppError} BAD_REQUEST_DATA */
export function numberOf(
  query: URLSearchParams,
  key: string,
  absent: number,
  bounds: { readonly min: number; readonly max: number },
): number {
  const text = query.get(key) ?? '';
  if (text === '') return absent;
  const value = Number(text);
  if (Number.isInteger(value) && value >= bounds.min && value <= bounds.max) return value;
  throw badRequest(`${key}: "${text}" is no whole number from ${bounds.min} to ${bounds.max}`);
}

/** The number of a path. @throws {AppError} BAD_REQUEST_DATA */
export function idIn(params: Call['params'], key = 'id'): number {
  const value = Number(params[key]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw badRequest(`${key} is invalid`);
}
