import type { FastifyInstance } from 'fastify';

/** Who made a request. `anonymous` exists only on a loopback listener without users. */
export interface Principal {
  readonly kind: 'anonymous' | 'user' | 'token' | 'access-key' | 'service-account';
  readonly name: string;
  readonly role: 'viewer' | 'editor' | 'admin' | 'agent';
}

/** A protocol edge: a set of routes. Translates and holds no logic. Wired by main alone. */
export interface Edge {
  readonly name: string;
  register(app: FastifyInstance): void | Promise<void>;
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal;
  }
  interface FastifyContextConfig {
    /**
     * Least role that may call the route; `none`: no login needed (health, login page, assets).
     * Routes without it need `viewer` for GET and `editor` otherwise.
     */
    access?: 'none' | 'viewer' | 'editor' | 'admin' | 'agent';
    /** `self`: the edge verifies the request itself (SigV4) and sets `request.principal`. */
    auth?: 'server' | 'self';
    /** Body limit of the route, bytes, where it differs from the server's. */
    maxBodyBytes?: number;
  }
}
