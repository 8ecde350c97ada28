import { createLogger, type Logger, type LogLevel, type MetricsRegistry } from '#base';
import type { Config } from '#config';
import type { Edge, Principal } from '#server';
import { lockDataDir } from './data-dir-lock.ts';
import { programVersion } from './version.ts';

export interface ServerRoleOptions {
  readonly config: () => Config;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** Secrets that the agent beside this server uses. */
  readonly internalTokens?: ReadonlyMap<string, Principal>;
}

export interface ServerRole extends AsyncDisposable {
  readonly url: string;
}

/**
 * Everything behind the HTTP port. Parts start in the order in which they need each other and stop
 * in the reverse: the port closes first, the stores last.
 */
export async function startServerRole(options: ServerRoleOptions): Promise<ServerRole> {
  const { log, metrics } = options;
  const config = options.config();
  const { openStateStore } = await import('#state');
  const { collectProcessMetrics, startServer } = await import('#server');
  const version = programVersion();

  await using parts = new AsyncDisposableStack();
  parts.use(lockDataDir(config.server.dataDir));
  parts.use(collectProcessMetrics(metrics, version));
  const state = parts.use(await openStateStore({ dataDir: config.server.dataDir }));
  const edges: Edge[] = [];
  const server = parts.use(
    await startServer(
      {
        ...config.server,
        allowAnonymousOnLoopback: config.auth.allowAnonymousOnLoopback,
        sessionLifetimeMs: () => options.config().auth.sessionLifetimeMs,
        loginAttemptsPerMinute: () => options.config().auth.loginAttemptsPerMinute,
        version,
        about: () => {
          const { region, accountId, clusterName, timeZone } = options.config().server;
          return { version, region, accountId, clusterName, timeZone };
        },
      },
      {
        state,
        log,
        metrics,
        ...(options.internalTokens ? { internalTokens: options.internalTokens } : {}),
      },
      edges,
    ),
  );
  server.setReady(true);
  const started = parts.move();
  return {
    url: server.url,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** The program's logger, with the counter that every warning and error has. */
export function createProgramLogger(level: LogLevel, metrics: MetricsRegistry): Logger {
  const problems = metrics.counter(
    'nunchi_log_problems_total',
    'Warnings and errors in the log of the program, by module',
  );
  return createLogger({
    level,
    onProblem: (problem, module) => problems.add(1, { level: problem, module }),
  });
}
