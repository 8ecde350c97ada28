import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, type Clock, type MetricsRegistry } from '#base';
import type { StateStore } from '#state';
import type { Principal } from './contract.ts';
import { isTrustedHost, isTrustedOrigin } from './host-guard.ts';
import { RateLimiter } from './rate-limit.ts';

export const sessionCookie = 'nunchi_session';

/** Basic auth sends the password each time; scrypt runs once in this time for the same header. */
const basicCacheMs = 60_000;
const maxBasicCacheEntries = 200;

export interface AuthOptions {
  /** Whether the listener can be reached from this machine only. */
  readonly isLoopback: boolean;
  readonly allowAnonymousOnLoopback: boolean;
  readonly allowedHosts: readonly string[];
  readonly publicUrl: string | undefined;
  readonly loginAttemptsPerMinute: () => number;
}

export interface AuthDeps {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
  /** Tokens that live as long as the process: that of the agent started beside the server. */
  readonly internalTokens?: ReadonlyMap<string, Principal>;
  /** Kubernetes service-account tokens of agents, where there is a cluster to ask. */
  readonly verifyServiceAccount?: (token: string) => Promise<Principal | undefined>;
}

/** Nobody: what a route without login sees, and an edge that verifies requests itself at first. */
export const nobody: Principal = { kind: 'anonymous', name: '', role: 'viewer' };
const localAdmin: Principal = { kind: 'anonymous', name: 'local', role: 'admin' };

const rank: Readonly<Record<Principal['role'], number>> = {
  agent: 0,
  viewer: 1,
  editor: 2,
  admin: 3,
};

/** Whether a role may do what needs `least`. Agents ship data and nothing else. */
export function isAllowed(role: Principal['role'], least: Principal['role']): boolean {
  if (least === 'agent') return role === 'agent' || role === 'admin';
  return role !== 'agent' && rank[role] >= rank[least];
}

/** Decides who makes a request and whether they may. */
export class Authenticator {
  readonly #options: AuthOptions;
  readonly #deps: AuthDeps;
  readonly #allowedHosts: ReadonlySet<string>;
  readonly #publicOrigin: string | undefined;
  readonly #basicCache = new Map<string, { principal: Principal; untilMs: number }>();
  readonly limiter: RateLimiter;
  readonly #failures;

  constructor(options: AuthOptions, deps: AuthDeps) {
    this.#options = options;
    this.#deps = deps;
    const { publicUrl } = options;
    this.#publicOrigin = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
    this.#allowedHosts = new Set([
      ...options.allowedHosts.map((host) => host.toLowerCase()),
      ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname]),
    ]);
    this.limiter = new RateLimiter(options.loginAttemptsPerMinute, deps.clock);
    this.#failures = deps.metrics.counter(
      'nunchi_http_auth_failures_total',
      'Requests refused for who made them, by reason',
    );
  }

  /** True while everybody on this machine is an administrator: loopback, no users. */
  async isOpen(): Promise<boolean> {
    if (!this.#options.isLoopback || !this.#options.allowAnonymousOnLoopback) return false;
    return (await this.#deps.state.users.list()).length === 0;
  }

  /** Sets `request.principal` or throws. Runs before the body is read. */
  install(app: FastifyInstance): void {
    // A null of which Fastify makes a field, so that all requests keep one shape.
    app.decorateRequest('principal', null as never);
    app.addHook('onRequest', async (request) => {
      request.principal = nobody;
      const { access, auth } = request.routeOptions.config;
      if (access === 'none' && isSafe(request)) return;
      const isOpen = await this.isOpen();
      if (isOpen && !isTrustedHost(request.headers.host, this.#allowedHosts)) {
        throw this.#refuse(
          'HOST_REFUSED',
          `Requests for host "${request.headers.host}" are refused`,
          {
            hint: 'Open the server as localhost, add the name to server.allowedHosts, or add a user',
          },
        );
      }
      // Where nobody has a password none proves anything.
      const hasSecret =
        request.headers.authorization !== undefined && !(isOpen && isBasic(request));
      if (!hasSecret && !isSafe(request) && !this.#isTrustedOrigin(request)) {
        throw this.#refuse('ORIGIN_REFUSED', 'Requests from pages of other sites are refused', {
          hint: 'If this is your own address, set server.publicUrl to it',
        });
      }
      if (access === 'none') return;
      if (auth === 'self') {
        if (isOpen) request.principal = localAdmin;
        return;
      }
      const principal =
        (await this.#identify(request, isOpen)) ?? (isOpen ? localAdmin : undefined);
      if (principal === undefined) {
        throw this.#refuse('UNAUTHENTICATED', 'Log in, or send an API token', {
          hint: 'nunchi user add makes a user, nunchi token create an API token',
        });
      }
      const least =
        access ?? (request.method === 'GET' || request.method === 'HEAD' ? 'viewer' : 'editor');
      if (!isAllowed(principal.role, least)) {
        throw this.#refuse(
          'FORBIDDEN',
          `This needs the role ${least}, "${principal.name}" is ${principal.role}`,
        );
      }
      request.principal = principal;
    });
  }

  /**
   * The principal of the request's credentials; undefined where there are none, or no users that a
   * password could belong to (`isOpen`). @throws {AppError} when they are wrong
   */
  async #identify(request: FastifyRequest, isOpen: boolean): Promise<Principal | undefined> {
    const [scheme, value] = splitAuthorization(request.headers.authorization);
    if (scheme === 'bearer') {
      const principal = await this.#ofToken(value);
      if (principal !== undefined) return principal;
      throw this.#refuse('UNAUTHENTICATED', 'The API token is unknown, revoked or expired');
    }
    if (scheme === 'basic') return this.#ofBasic(value, request.ip, isOpen);
    const secret = cookieOf(request, sessionCookie);
    if (secret === undefined) return undefined;
    const session = await this.#deps.state.sessions.find(secret);
    if (session === undefined) return undefined;
    return { kind: 'user', name: session.user.name, role: session.user.role };
  }

  /** Who the request's cookie, token or password stands for; undefined for nobody. Never throws. */
  async whoIs(request: FastifyRequest): Promise<Principal | undefined> {
    try {
      const isOpen = await this.isOpen();
      return (await this.#identify(request, isOpen)) ?? (isOpen ? localAdmin : undefined);
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  }

  /**
   * Checks a password with the limits on failures.
   * @throws {AppError} UNAUTHENTICATED, TOO_MANY_REQUESTS
   */
  async login(name: string, password: string, address: string): Promise<Principal> {
    const keys = [`name:${name}`, `address:${address}`];
    if (!keys.every((key) => this.limiter.hasRoom(key))) {
      throw this.#refuse('TOO_MANY_REQUESTS', 'Too many failed logins', {
        hint: 'Wait a minute and try again',
      });
    }
    const user = await this.#deps.state.users.verify(name, password);
    if (user === undefined) {
      for (const key of keys) this.limiter.take(key);
      throw this.#refuse('UNAUTHENTICATED', 'The name or the password is wrong');
    }
    this.limiter.clear(keys[0]!);
    return { kind: 'user', name: user.name, role: user.role };
  }

  async #ofToken(secret: string): Promise<Principal | undefined> {
    const internal = this.#deps.internalTokens?.get(secret);
    if (internal !== undefined) return internal;
    const token = await this.#deps.state.tokens.find(secret);
    if (token !== undefined) return { kind: 'token', name: token.name, role: token.role };
    return this.#deps.verifyServiceAccount?.(secret);
  }

  async #ofBasic(
    encoded: string,
    address: string,
    isOpen: boolean,
  ): Promise<Principal | undefined> {
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 0) throw this.#refuse('UNAUTHENTICATED', 'The Authorization header is malformed');
    const password = text.slice(colon + 1);
    // Clients that know only Basic may send a token as the password, under any name.
    const ofToken = await this.#ofToken(password);
    if (ofToken !== undefined) return ofToken;
    // Scripts send `admin:admin` to whatever they find on this machine.
    if (isOpen) return undefined;
    const key = createHash('sha256').update(text).digest('base64');
    const nowMs = this.#deps.clock.monotonicMs();
    const cached = this.#basicCache.get(key);
    if (cached !== undefined && cached.untilMs > nowMs) return cached.principal;
    const principal = await this.login(text.slice(0, colon), password, address);
    if (this.#basicCache.size >= maxBasicCacheEntries) this.#basicCache.clear();
    this.#basicCache.set(key, { principal, untilMs: nowMs + basicCacheMs });
    return principal;
  }

  #isTrustedOrigin(request: FastifyRequest): boolean {
    return isTrustedOrigin(request.headers, this.#publicOrigin);
  }

  #refuse(code: string, message: string, options: { readonly hint?: string } = {}): AppError {
    this.#failures.add(1, { reason: code });
    return new AppError(code, message, options);
  }
}

/** Reads change nothing; a live socket counts as a change, for a page may read what it sends. */
function isSafe(request: FastifyRequest): boolean {
  const isRead =
    request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS';
  return isRead && request.headers.upgrade === undefined;
}

const isBasic = (request: FastifyRequest): boolean =>
  splitAuthorization(request.headers.authorization)[0] === 'basic';

function splitAuthorization(header: string | undefined): [scheme: string, value: string] {
  const space = header?.indexOf(' ') ?? -1;
  if (header === undefined || space < 0) return ['', ''];
  return [header.slice(0, space).toLowerCase(), header.slice(space + 1).trim()];
}

export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  for (const part of request.headers.cookie?.split(';') ?? []) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}
