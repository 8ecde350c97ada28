import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { StateStore } from '#state';
import { apiRoute } from './api-route.ts';
import { type Authenticator, cookieOf, sessionCookie } from './auth.ts';

export interface SessionRoutesOptions {
  /** Whether browsers reach the server through HTTPS. */
  readonly isSecure: boolean;
  readonly sessionLifetimeMs: () => number;
  /** What the UI must know before anybody has logged in. */
  readonly about: () => Readonly<Record<string, string | undefined>>;
}

const principalSchema = z.object({ kind: z.string(), name: z.string(), role: z.string() });

/** Log in, log out, and who am I. */
export function registerSessionRoutes(
  app: FastifyInstance,
  options: SessionRoutesOptions,
  deps: { readonly state: StateStore; readonly authenticator: Authenticator },
): void {
  const setCookie = (reply: FastifyReply, value: string, maxAgeSeconds: number): void => {
    const secure = options.isSecure ? '; Secure' : '';
    reply.header(
      'set-cookie',
      `${sessionCookie}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure}`,
    );
  };

  apiRoute(
    app,
    {
      method: 'POST',
      url: '/nunchi/login',
      summary: 'Log in with name and password; sets the session cookie',
      tag: 'session',
      access: 'none',
      maxBodyBytes: 16 * 1024,
      body: z.object({ name: z.string().max(256), password: z.string().max(4096) }),
      response: z.object({ principal: principalSchema, expiresMs: z.number() }),
    },
    async ({ body, request, reply }) => {
      const principal = await deps.authenticator.login(body.name, body.password, request.ip);
      const session = await deps.state.sessions.start(principal.name, options.sessionLifetimeMs());
      setCookie(reply, session.secret, Math.floor((session.expiresMs - session.createdMs) / 1000));
      return { principal, expiresMs: session.expiresMs };
    },
  );

  apiRoute(
    app,
    {
      method: 'POST',
      url: '/nunchi/logout',
      summary: 'End the session of the cookie',
      tag: 'session',
      access: 'none',
      maxBodyBytes: 1024,
    },
    async ({ request, reply }) => {
      const secret = cookieOf(request, sessionCookie);
      if (secret !== undefined) await deps.state.sessions.end(secret);
      setCookie(reply, '', 0);
      return undefined;
    },
  );

  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/session',
      summary: 'Who makes this request, and what the UI needs to know of the server',
      tag: 'session',
      access: 'none',
      response: z.object({
        /** Absent: log in first. */
        principal: principalSchema.optional(),
        /** False: everybody on this machine is an administrator. */
        loginRequired: z.boolean(),
        server: z.record(z.string(), z.string().optional()),
      }),
    },
    async ({ request }) => {
      const principal = await deps.authenticator.whoIs(request);
      return {
        ...(principal === undefined ? {} : { principal }),
        loginRequired: !(await deps.authenticator.isOpen()),
        server: principal === undefined ? {} : { ...options.about() },
      };
    },
  );
}
