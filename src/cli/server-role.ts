import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Logger, type MetricsRegistry, systemClock } from '#base';
import type { Config } from '#config';
import type { AgentRegistry, ReceiveDeps } from '#logs/receive';
import type { LogStore, LogStoreOptions } from '#logs/store';
import type { MetricStore } from '#metrics/tsdb';
import type { Edge, Principal } from '#server';
import type { StateStore } from '#state';
import { lockDataDir } from './data-dir-lock.ts';
import { openMetricsEdges } from './metrics-edges.ts';
import { openMetrics, openPrometheus, openScraping } from './metrics-role.ts';
import { programVersion } from './version.ts';

export interface ServerRoleOptions {
  readonly config: () => Config;
  /** Called after each change of the configuration; returns how to end it. */
  readonly onConfigChange?: (listener: (config: Config) => void) => () => void;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** Secrets that the agent beside this server uses. */
  readonly internalTokens?: ReadonlyMap<string, Principal>;
  /** Makes up the logs of a small cluster. */
  readonly demo?: boolean;
}

export interface ServerRole extends AsyncDisposable {
  readonly url: string;
  /** Container logs that the demo writes, for the agent to tail. */
  readonly demoContainerPaths: readonly string[];
  readonly metricStore: MetricStore;
  /** Adds the metrics of another process to `/metrics`. */
  addMetrics(read: () => Promise<string>): void;
}

/**
 * Everything behind the HTTP port. Parts start in the order in which they need each other and stop
 * in the reverse: the ports close first, the stores last.
 */
export async function startServerRole(options: ServerRoleOptions): Promise<ServerRole> {
  const { log, metrics } = options;
  const config = options.config();
  const { dataDir } = config.server;
  const { openStateStore } = await import('#state');
  const { collectProcessMetrics, startServer } = await import('#server');
  const { openLogStore } = await import('#logs/store');
  const version = programVersion();

  await using parts = new AsyncDisposableStack();
  parts.use(lockDataDir(dataDir));
  parts.use(collectProcessMetrics(metrics, version));
  const state = parts.use(await openStateStore({ dataDir }));
  const store = parts.use(await openLogStore(logStoreOptions(options)));
  const prometheus = await openPrometheus(options, parts);
  const metricStore = await openMetrics(options, prometheus.current().storage, parts);
  const scraping = await openScraping(
    options,
    { store: metricStore, prometheus, version, renderMetrics: async () => server.renderMetrics() },
    parts,
  );
  await startLogMetrics(options, { store, state, metricStore }, parts);
  const { AgentRegistry } = await import('#logs/receive');
  const agents = new AgentRegistry(systemClock, metrics);
  const metricsParts = await openMetricsEdges(
    options,
    { store: metricStore, prometheus, scraping: scraping.manager, version },
    parts,
  );
  const edges = [
    ...metricsParts.edges,
    ...(await receiveEdges(options, { store, agents }, parts)),
    ...(await logEdges(options, { store, state, agents }, parts)),
  ];
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
        ...(options.internalTokens === undefined ? {} : { internalTokens: options.internalTokens }),
      },
      edges,
    ),
  );
  scraping.start();
  await metricsParts.start();
  const demoContainerPaths = options.demo === true ? await startDemo(options, store, parts) : [];
  server.setReady(true);
  const started = parts.move();
  return {
    url: server.url,
    demoContainerPaths,
    metricStore,
    addMetrics: server.addMetrics,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Metric filters and embedded metrics: log events that become series. */
async function startLogMetrics(
  { log, metrics }: ServerRoleOptions,
  parts: {
    readonly store: LogStore;
    readonly state: StateStore;
    readonly metricStore: MetricStore;
  },
  stack: AsyncDisposableStack,
): Promise<void> {
  const { LogMetrics } = await import('#logs/to-metrics');
  const { metricFiltersOf } = await import('#aws');
  const { store, state, metricStore } = parts;
  const filters = metricFiltersOf({ state, store });
  const runner = stack.use(
    new LogMetrics(
      {},
      {
        logs: store,
        store: metricStore,
        filters: () => filters.list(),
        clock: systemClock,
        log: log.child('logs/to-metrics'),
        metrics,
      },
    ),
  );
  await runner.start();
}

/** Ways in: agents, and whichever others are switched on. */
async function receiveEdges(
  { config, log, metrics }: ServerRoleOptions,
  { store, agents }: { readonly store: LogStore; readonly agents: AgentRegistry },
  parts: AsyncDisposableStack,
): Promise<Edge[]> {
  const receive = await import('#logs/receive');
  const { forward, syslog, otlp, loki, http } = config().logs.receive;
  const deps: ReceiveDeps = { store, log, metrics, clock: systemClock };
  if (forward.enabled) {
    const { listen, sharedKey } = forward;
    parts.use(await receive.startForwardServer({ listen, sharedKey }, deps));
    log.info('Listening for the forward protocol', { listen });
  }
  if (syslog.enabled) {
    parts.use(await receive.startSyslogServer({ listen: syslog.listen }, deps));
    log.info('Listening for syslog', { listen: syslog.listen });
  }
  return [
    receive.agentBatchEdge({ store, logger: log.child('logs/receive'), metrics, agents }),
    ...(otlp.enabled ? [receive.otlpEdge(deps)] : []),
    ...(loki.enabled ? [receive.lokiEdge(deps)] : []),
    ...(http.enabled ? [receive.linesEdge(deps)] : []),
  ];
}

/** Ways out: queries, our own API, the AWS API. */
async function logEdges(
  { config, log, metrics }: ServerRoleOptions,
  {
    store,
    state,
    agents,
  }: {
    readonly store: LogStore;
    readonly state: StateStore;
    readonly agents: AgentRegistry;
  },
  parts: AsyncDisposableStack,
): Promise<Edge[]> {
  const { openLookupTables } = await import('#logs/lookup-tables');
  const { createQueryService, defaultQueryLimits, openQueryHistory } = await import(
    '#logs/queries'
  );
  const { logsApiEdge } = await import('#logs/api');
  const { awsEdge } = await import('#aws');
  const { server, logs, aws } = config();
  const { accountId, region } = server;
  const { maxConcurrent, timeoutMs } = logs.store.query;
  const clock = systemClock;
  const lookupTables = await openLookupTables({ state, clock });
  const history = await openQueryHistory({
    state,
    clock,
    log,
    metrics,
    limits: defaultQueryLimits,
  });
  const queries = parts.use(
    createQueryService({
      store,
      clock,
      log,
      metrics,
      accountId,
      lookupTables,
      history,
      limits: { maxRunning: maxConcurrent, timeoutMs },
    }),
  );
  const { verifySignatures } = aws;
  return [
    logsApiEdge({
      store,
      queries,
      state,
      clock,
      logger: log.child('logs/api'),
      metrics,
      agents: () => agents.list(),
    }),
    awsEdge({
      store,
      queries,
      lookupTables,
      state,
      accountId,
      region,
      clock,
      logger: log.child('aws'),
      metrics,
      verifySignatures,
    }),
  ];
}

async function startDemo(
  { config, log }: ServerRoleOptions,
  store: LogStore,
  parts: AsyncDisposableStack,
): Promise<readonly string[]> {
  const { startDemo: start } = await import('#demo');
  const { dataDir, clusterName } = config().server;
  const stopping = new AbortController();
  const demo = parts.use(
    await start({
      dir: join(dataDir, 'demo'),
      store,
      clock: systemClock,
      log,
      ...(clusterName === undefined ? {} : { clusterName }),
      signal: stopping.signal,
    }),
  );
  parts.defer(() => stopping.abort());
  return demo.containerPaths;
}

function logStoreOptions({ config, log, metrics }: ServerRoleOptions): LogStoreOptions {
  const { server, logs } = config();
  const { retentionDays, maxDiskBytes, minFreeDiskBytes, segment, query } = logs.store;
  return {
    directory: join(server.dataDir, 'logs'),
    ...(retentionDays === undefined ? {} : { retentionDays }),
    ...(maxDiskBytes === undefined ? {} : { maxDiskBytes }),
    reserveBytes: minFreeDiskBytes,
    freshBytes: segment.freshSizeBytes,
    sealAfterMs: segment.maxFreshAgeMs,
    queryMemoryBytes: query.memoryLimitBytes,
    queryThreads: query.threads === 0 ? availableParallelism() : query.threads,
    // Pages of events and exports scan too, beside the queries.
    maxRunningQueries: query.maxConcurrent * 2,
    log,
    metrics,
    clock: systemClock,
  };
}
