import http from 'node:http';
import { AppError, describeError, type MetricsRegistry } from '#base';

/**
 * What a standalone agent tells whoever watches it: `/metrics`, `/-/healthy` and `/-/ready` (503
 * once it stops). Nothing else is served and nothing is asked for: there is no login.
 *
 * @param listen `HOST:PORT`; an empty host means all addresses
 * @throws {AppError} AGENT_LISTEN_FAILED
 */
export async function openAgentMonitor(
  listen: string,
  metrics: MetricsRegistry,
  stopping: AbortSignal,
): Promise<AsyncDisposable & { readonly port: number }> {
  collectProcess(metrics);
  const answers: Readonly<Record<string, () => readonly [status: number, body: string]>> = {
    '/metrics': () => [200, metrics.render()],
    '/-/healthy': () => [200, 'ok\n'],
    '/-/ready': () => (stopping.aborted ? [503, 'stopping\n'] : [200, 'ready\n']),
  };
  const server = http.createServer((request, response) => {
    request.resume();
    const answer = answers[(request.url ?? '/').split('?')[0]!];
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const [status, body] = !isRead
      ? [405, 'Only GET is answered here.\n']
      : (answer?.() ?? [404, 'There are /metrics, /-/healthy and /-/ready here.\n']);
    response
      .writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      .end(body);
  });
  server.requestTimeout = 10_000;
  server.maxConnections = 100;
  const { host, port } = splitAddress(listen);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new AppError('AGENT_LISTEN_FAILED', `Cannot listen on ${listen}: ${describeError(cause)}`, {
          hint: 'Change agent.listen; on a node two agents with host networking clash',
          cause,
        }),
      );
    });
    server.listen({ port, ...(host === '' ? {} : { host }) }, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function splitAddress(listen: string): { host: string; port: number } {
  const at = listen.lastIndexOf(':');
  return {
    host: listen.slice(0, at).replace(/^\[(.*)\]$/, '$1'),
    port: Number(listen.slice(at + 1)),
  };
}

/** Under the names that every Prometheus client gives them. */
function collectProcess(metrics: MetricsRegistry): void {
  const startSeconds = Math.round(Date.now() / 1000 - process.uptime());
  metrics.collected('process_resident_memory_bytes', 'Memory of the process', 'gauge', () => [
    { value: process.memoryUsage.rss() },
  ]);
  metrics.collected('process_cpu_seconds_total', 'CPU time of the process', 'counter', () => {
    const { user, system } = process.cpuUsage();
    return [{ value: (user + system) / 1e6 }];
  });
  metrics.collected('process_start_time_seconds', 'When the process began', 'gauge', () => [
    { value: startSeconds },
  ]);
}
