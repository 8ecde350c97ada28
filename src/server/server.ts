import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import fastifyWebsocket from '@fastify/websocket';
import fastify, { type FastifyInstance } from 'fastify';
import {
  AppError,
  type Clock,
  describeError,
  type Logger,
  type MetricsRegistry,
  systemClock,
} from '#base';
import type { StateStore } from '#state';
import type { AnyApiRoute } from './api-route.ts';
import { Authenticator } from './auth.ts';
import type { Edge, Principal } from './contract.ts';
import { isLoopbackHost } from './host-guard.ts';
import { errorBody, statusOfError } from './http-errors.ts';
import { joinExpositions } from './join-expositions.ts';
import { metricsAnswer } from './metrics-answer.ts';
import { openApiDocument } from './openapi.ts';
import { registerSessionRoutes } from './session-routes.ts';
import { isPageRequest, sendShell, serveStaticFiles } from './static-files.ts';

export interface ServerOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  readonly bodyLimitBytes?: number;
  readonly tls?: { readonly certFile: string | undefined; readonly keyFile: string | undefined };
  readonly publicUrl?: string | undefined;
  readonly allowedHosts?: readonly string[];
  readonly drainTimeoutMs?: number;
  readonly allowAnonymousOnLoopback?: boolean;
  /** Read at each use, so that a reload takes effect. */
  readonly sessionLifetimeMs?: () => number;
  readonly loginAttemptsPerMinute?: () => number;
  readonly version?: string;
  /** Shown by `GET /nunchi/session`: version, region, account id, time zone. */
  readonly about?: () => Readonly<Record<string, string | undefined>>;
  /** What the start is at, for people; undefined: nothing that takes long. `/-/ready` tells it. */
  readonly progress?: () => string | undefined;
  /** Folder of the built web UI; that of the checkout unless given. */
  readonly webRoot?: string;
}

export interface ServerDeps {
  readonly state: StateStore;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly clock?: Clock;
  readonly internalTokens?: ReadonlyMap<string, Principal>;
  readonly verifyServiceAccount?: (token: string) => Promise<Principal | undefined>;
}

export interface NunchiServer extends AsyncDisposable {
  /** `http://127.0.0.1:7600`, with the real port. */
  readonly url: string;
  readonly app: FastifyInstance;
  /** What `/-/ready` answers; false until set. */
  setReady(isReady: boolean): void;
  /** Adds the metrics of another process to `/metrics`; families that are here already are left out. */
  addMetrics(read: () => Promise<string>): void;
  /** What `/metrics` answers, in text 0.0.4. */
  renderMetrics(): Promise<string>;
  /** True while nobody needs to log in. */
  isOpen(): Promise<boolean>;
}

const defaultBodyLimitBytes = 32 * 1024 * 1024;
/** A live socket only sends us its filters. */
const maxSocketMessageBytes = 1024 * 1024;
/** Selectors of many values stand in the address: Grafana asks for values of labels by GET only. */
const maxHeaderBytes = 256 * 1024;
/** Log stream and group names in paths, percent-encoded three bytes each. */
const maxParamLength = 4096;
const idPattern = /^[\w.:/+=-]{1,128}$/;

const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'self'",
    // Styles: the editor and the charts set them from script.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Listens, with every edge registered. Refuses to listen beyond loopback before a user, a token or
 * an access key exists. Disposing stops accepting, lets requests in flight end within the drain
 * time, and closes live sockets.
 * @throws {AppError} CREDENTIALS_NEEDED, LISTEN_FAILED, TLS_UNREADABLE
 */
export async function startServer(
  options: ServerOptions,
  deps: ServerDeps,
  edges: readonly Edge[],
): Promise<NunchiServer> {
  const { host, port } = splitListen(options.listen);
  const isLoopback = isLoopbackHost(host);
  if (!isLoopback && !(await deps.state.hasCredentials())) {
    throw new AppError(
      'CREDENTIALS_NEEDED',
      `The server will not listen on ${options.listen} while nobody needs to log in`,
      {
        hint: 'Make a user first: nunchi user add NAME --role admin (or nunchi token create NAME), or listen on 127.0.0.1',
      },
    );
  }
  const tls = readTls(options.tls);
  const app = createApp(options, deps, tls);
  const authenticator = new Authenticator(
    {
      isLoopback,
      allowAnonymousOnLoopback: options.allowAnonymousOnLoopback ?? true,
      allowedHosts: options.allowedHosts ?? [],
      publicUrl: options.publicUrl,
      loginAttemptsPerMinute: options.loginAttemptsPerMinute ?? (() => 10),
    },
    { ...deps, clock: deps.clock ?? systemClock },
  );
  let isReady = false;
  let isStopping = false;
  authenticator.install(app);
  await app.register(fastifyWebsocket, { options: { maxPayload: maxSocketMessageBytes } });
  app.get('/-/healthy', { config: { access: 'none' } }, (_, reply) =>
    reply.send('Nunchi is healthy\n'),
  );
  app.get('/-/ready', { config: { access: 'none' } }, (_, reply) => {
    if (isReady && !isStopping) return reply.send('Nunchi is ready\n');
    const progress = options.progress?.();
    const starting = `Nunchi is starting${progress === undefined ? '' : `: ${progress}`}\n`;
    return reply.code(503).send(isStopping ? 'Nunchi is stopping\n' : starting);
  });
  const otherMetrics: (() => Promise<string>)[] = [];
  const renderMetrics = async (): Promise<string> => {
    const others = await Promise.all(otherMetrics.map((read) => read()));
    return others.reduce(joinExpositions, deps.metrics.render());
  };
  app.get('/metrics', async (request, reply) => {
    const { contentType, body } = await metricsAnswer(
      await renderMetrics(),
      request.headers.accept,
    );
    return reply.header('content-type', contentType).send(body);
  });
  registerSessionRoutes(
    app,
    {
      isSecure: tls !== undefined || (options.publicUrl?.startsWith('https:') ?? false),
      sessionLifetimeMs: options.sessionLifetimeMs ?? (() => 7 * 86_400_000),
      about: options.about ?? (() => ({})),
    },
    { state: deps.state, authenticator },
  );
  app.get('/nunchi/openapi.json', (_, reply) =>
    reply.send(
      openApiDocument(app.apiRoutes ?? [], { version: options.version ?? '0', serverUrl: url }),
    ),
  );
  for (const edge of edges) await app.register(async (scope) => edge.register(scope));
  await serveStaticFiles(app, options.webRoot ?? defaultWebRoot());

  let url = '';
  try {
    await app.listen({ host: host === '' ? '0.0.0.0' : host, port });
  } catch (error) {
    await app.close();
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw new AppError(
      'LISTEN_FAILED',
      `Cannot listen on ${options.listen}: ${describeError(error)}`,
      {
        hint: isTaken
          ? 'Another program has the port: stop it, or choose another with --listen'
          : 'Choose another address with --listen',
        cause: error,
      },
    );
  }
  url = urlOf(app.server as Server, host, tls !== undefined);

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    isStopping = true;
    const drainTimeoutMs = options.drainTimeoutMs ?? 10_000;
    const forced = Promise.withResolvers<void>();
    const timers = [
      setTimeout(() => app.server.closeAllConnections(), drainTimeoutMs),
      // What still does not end must not hold up the stores, which close after us.
      setTimeout(forced.resolve, drainTimeoutMs + 2000),
    ];
    try {
      await Promise.race([app.close(), forced.promise]);
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
  };
  return {
    url,
    app,
    setReady: (value) => {
      isReady = value;
    },
    addMetrics: (read) => void otherMetrics.push(read),
    renderMetrics,
    isOpen: () => authenticator.isOpen(),
    [Symbol.asyncDispose]: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function createApp(
  options: ServerOptions,
  deps: ServerDeps,
  tls: { readonly cert: Buffer; readonly key: Buffer } | undefined,
): FastifyInstance {
  const app = fastify({
    bodyLimit: options.bodyLimitBytes ?? defaultBodyLimitBytes,
    genReqId: (request: IncomingMessage) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && idPattern.test(given) ? given : randomUUID();
    },
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    requestTimeout: 0,
    routerOptions: { maxParamLength, ignoreTrailingSlash: false },
    logger: false,
    ...(tls === undefined
      ? { http: { maxHeaderSize: maxHeaderBytes } }
      : { https: { ...tls, maxHeaderSize: maxHeaderBytes } }),
  } as unknown as { logger: false }) as unknown as FastifyInstance;
  app.decorate('apiRoutes', [] as AnyApiRoute[]);
  // Streams end when the server stops; a plain request in flight may still be answered.
  const stopping = new AbortController();
  app.decorate('stoppingSignal', stopping.signal as never);
  app.addHook('preClose', async () =>
    stopping.abort(new DOMException('The server is stopping', 'AbortError')),
  );

  // Edges get bytes; only our own API gets parsed JSON.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (!request.url.startsWith('/nunchi/')) {
      done(null, body);
      return;
    }
    if (body.length === 0) {
      done(null, undefined);
      return;
    }
    try {
      done(null, JSON.parse(body.toString('utf8')));
    } catch (error) {
      done(
        new AppError('INVALID_JSON', `The body is not JSON: ${describeError(error)}`, {
          cause: error,
        }),
        undefined,
      );
    }
  });

  app.addHook('onRoute', (route) => {
    const { maxBodyBytes } = route.config ?? {};
    if (maxBodyBytes !== undefined) route.bodyLimit = maxBodyBytes;
  });

  const requests = deps.metrics.counter('nunchi_http_requests_total', 'Requests answered');
  const seconds = deps.metrics.histogram(
    'nunchi_http_request_duration_seconds',
    'Time from a request to the end of its answer',
  );
  const inFlight = deps.metrics.gauge('nunchi_http_requests_in_flight', 'Requests being answered');
  const log = deps.log.child('http');
  app.addHook('onRequest', async (request, reply) => {
    inFlight.add(1);
    // A file is tried in each encoding, and each try listens for the end of the answer.
    reply.raw.setMaxListeners(30);
    reply.raw.once('close', () => inFlight.add(-1));
    reply.header('x-request-id', request.id);
    reply.headers(securityHeaders);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    const durationMs = reply.elapsedTime;
    // A refused live socket: nobody else ends a connection that has left HTTP.
    if (request.headers.upgrade !== undefined && reply.statusCode >= 400) {
      request.raw.socket.destroy();
    }
    requests.add(1, { route, method: request.method, status: String(reply.statusCode) });
    seconds.observe(durationMs / 1000, { route, method: request.method });
    log.debug('Request answered', {
      requestId: request.id,
      method: request.method,
      path: request.url.split('?')[0],
      status: reply.statusCode,
      durationMs,
      principal: request.principal?.name,
    });
  });

  app.setErrorHandler((error, request, reply) => {
    // Its beginning has gone out: a client learns that an answer is not whole from its connection.
    if (reply.raw.headersSent) {
      log.warn('An answer broke off', {
        requestId: request.id,
        path: request.url.split('?')[0],
        err: error,
      });
      reply.raw.destroy();
      return reply.hijack();
    }
    const status = statusOfError(error);
    if (status >= 500 && status !== 503) {
      log.error('Request failed', {
        requestId: request.id,
        path: request.url.split('?')[0],
        err: error,
      });
    }
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="nunchi"');
    if (status === 503) reply.header('retry-after', '5');
    if (status === 429) reply.header('retry-after', '60');
    return reply.code(status).type('application/json').send(errorBody(error, request.id));
  });
  const webRoot = options.webRoot ?? defaultWebRoot();
  app.setNotFoundHandler((request, reply) => {
    if (isPageRequest(request.method, request.url, request.headers.accept)) {
      return sendShell(reply, webRoot);
    }
    return reply.code(404).send({
      code: 'ROUTE_NOT_FOUND',
      message: `There is nothing at ${request.method} ${request.url.split('?')[0]}`,
      requestId: request.id,
    });
  });
  return app;
}

/** `host:port` with the host out of its brackets; an empty host means every address. */
export function splitListen(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(':');
  return {
    host: listen.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(listen.slice(colon + 1)),
  };
}

function urlOf(server: Server, host: string, isTls: boolean): string {
  const { port } = server.address() as AddressInfo;
  const isAny = host === '' || host === '0.0.0.0' || host === '::';
  const name = isAny ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `${isTls ? 'https' : 'http'}://${name}:${port}`;
}

function readTls(
  files: ServerOptions['tls'],
): { readonly cert: Buffer; readonly key: Buffer } | undefined {
  if (files?.certFile === undefined || files.keyFile === undefined) return undefined;
  try {
    return { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) };
  } catch (error) {
    throw new AppError('TLS_UNREADABLE', `Cannot read the certificate: ${describeError(error)}`, {
      hint: 'Check server.tls.certFile and server.tls.keyFile',
      cause: error,
    });
  }
}

function defaultWebRoot(): string {
  return fileURLToPath(new URL('../../web/dist', import.meta.url));
}
