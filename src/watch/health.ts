import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { AppError, describeError, type MetricsRegistry } from '#base';
import type { WatchConfig } from './config/contract.ts';
import type { Incident } from './contract.ts';
import type { DeadLetter } from './tell/dead-letters.ts';

export interface HealthDeps {
  readonly metrics: Pick<MetricsRegistry, 'render'>;
  readonly incidents: () => readonly Incident[];
  readonly deadLetters: () => Promise<readonly DeadLetter[]>;
  /** Sends a test message to every provider that takes texts. */
  readonly testAlert: () => Promise<unknown>;
}

type HealthConfig = WatchConfig['healthCheck'];

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
}

const json = (value: unknown, status = 200): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});

/** What the probes of kwatch's manifest ask, and its diagnostics for who has the token. */
async function answerOf(
  request: IncomingMessage,
  config: HealthConfig,
  deps: HealthDeps,
): Promise<Answer> {
  const path = (request.url ?? '').split('?')[0] ?? '';
  switch (path) {
    case '/healthz':
    case '/readyz':
      return { body: 'OK' };
    case '/health':
      return { type: 'application/json', body: '{"status":"ok"}' };
    case '/metrics':
      return { type: 'text/plain; version=0.0.4', body: deps.metrics.render() };
  }
  const method = diagnostics[path];
  if (method === undefined || !config.diagnostics) return { status: 404, body: '' };
  if (!hasToken(request, config.diagnosticsToken)) {
    return json({ error: 'expected the header Authorization: Bearer DIAGNOSTICS_TOKEN' }, 401);
  }
  if (request.method !== method) return json({ error: `expected ${method}` }, 405);
  if (path === '/incidents') return json({ incidents: deps.incidents() });
  if (path === '/deadletters') return json({ deadletters: await deps.deadLetters() });
  await deps.testAlert();
  return json({ status: 'sent' });
}

const diagnostics: Readonly<Record<string, 'GET' | 'POST'>> = {
  '/incidents': 'GET',
  '/deadletters': 'GET',
  '/test-alert': 'POST',
};

/** Nobody has an empty one. Compared in a time that tells nothing of it. */
function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (token === '' || given === undefined) return false;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** Answers probes on a port of its own. @throws {AppError} WATCH_HEALTH_PORT when it cannot be opened */
export async function openHealth(
  config: HealthConfig,
  deps: HealthDeps,
): Promise<AsyncDisposable & { readonly port: number }> {
  const { port } = config;
  const server = createServer((request, response) => {
    request.resume();
    answerOf(request, config, deps)
      .catch((error: unknown) => json({ error: describeError(error) }, 500))
      .then(({ status = 200, type = 'text/plain', body }) => {
        response.writeHead(status, { 'content-type': type });
        response.end(body);
      });
  });
  server.listen(port);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new AppError('WATCH_HEALTH_PORT', `healthCheck.port ${port}: ${describeError(error)}`);
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
