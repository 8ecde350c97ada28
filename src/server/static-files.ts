import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

const yearSeconds = 31_536_000;

/**
 * The web UI out of its build folder, which holds a `.br` and a `.gz` beside what compresses well.
 * Files under /assets carry a hash in their names and never change.
 */
export async function serveStaticFiles(app: FastifyInstance, root: string): Promise<void> {
  await app.register(fastifyStatic, {
    root,
    serve: false,
    preCompressed: true,
    suppressWarning: true,
    cacheControl: false,
    dotfiles: 'deny',
    setHeaders: (reply, path) => {
      const isHashed = path.startsWith(join(root, 'assets'));
      reply.header(
        'cache-control',
        isHashed ? `public, max-age=${yearSeconds}, immutable` : 'no-cache',
      );
    },
  });
  app.get('/*', { config: { access: 'none' } }, (request, reply) => {
    const path = (request.params as { '*': string })['*'];
    if (path === '' || path === 'index.html') return sendShell(reply, root);
    return reply.sendFile(path, root);
  });
}

/** The page that every address of the UI gets; the UI's own router does the rest. */
export function sendShell(reply: FastifyReply, root: string): FastifyReply {
  if (existsSync(join(root, 'index.html'))) return reply.sendFile('index.html', root);
  return reply
    .code(503)
    .type('text/html; charset=utf-8')
    .send(
      '<!doctype html><title>Nunchi</title><p>The web UI is not built yet: run <code>npm run build:web</code>.',
    );
}

/** Whether a path that no route knows is an address within the UI, not a call of some API. */
export function isPageRequest(method: string, url: string, accept: string | undefined): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (!(accept ?? '').includes('text/html')) return false;
  return !/^\/(?:nunchi|apis?|v1|loki|assets|-)(?:\/|$)/.test(url);
}
