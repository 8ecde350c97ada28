import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Logger, type MetricsRegistry, systemClock } from '#base';
import type { Config } from '#config';
import type { LogStoreOptions } from '#logs/store';
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
  /** Adds the metrics of another process to `/metrics`. */
  addMetrics(read: () => Promise<string>): void;
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
  const { openLogStore } = await import('#logs/store');
  const { agentBatchEdge } = await import('#logs/receive');
  const version = programVersion();

  await using parts = new AsyncDisposableStack();
  parts.use(lockDataDir(config.server.dataDir));
  parts.use(collectProcessMetrics(metrics, version));
  const state = parts.use(await openStateStore({ dataDir: config.server.dataDir }));
  const store = parts.use(await openLogStore(logStoreOptions(options)));
  const edges: Edge[] = [agentBatchEdge({ store, logger: log.child('logs/receive'), metrics })];
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
    addMetrics: server.addMetrics,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

function logStoreOptions({ config, log, metrics }: ServerRoleOptions): LogStoreOptions {
  const { server, logs } = config();
  const { maxDiskBytes, minFreeDiskBytes, segment, query } = logs.store;
  return {
    directory: join(server.dataDir, 'logs'),
    ...(maxDiskBytes === undefined ? {} : { maxDiskBytes }),
    reserveBytes: minFreeDiskBytes,
    freshBytes: segment.freshSizeBytes,
    sealAfterMs: segment.maxFreshAgeMs,
    queryMemoryBytes: query.memoryLimitBytes,
    queryThreads: query.threads === 0 ? availableParallelism() : query.threads,
    maxRunningQueries: query.maxConcurrent,
    log,
    metrics,
    clock: systemClock,
  };
}
