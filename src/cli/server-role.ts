import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Logger, type MetricsRegistry, systemClock } from '#base';
import type { Config } from '#config';
import type { KubernetesView } from '#kubernetes/api';
import type { ContainerInsightsAddOn } from '#kubernetes/container-insights';
import type { QueryService } from '#logs/queries';
import type { AgentRegistry, ReceiveDeps } from '#logs/receive';
import type { LogStore, LogStoreOptions } from '#logs/store';
import type { MetricStore } from '#metrics/tsdb';
import type { Edge, Principal, ServerDeps } from '#server';
import type { StateStore } from '#state';
import { alertEvidence, openPictures } from './alert-evidence.ts';
import { openAlertRules } from './alert-rules-role.ts';
import { openAlerting } from './alerting-role.ts';
import { botTokens, openChatRole } from './chat-role.ts';
import { openClusterHistory } from './cluster-history-role.ts';
import { openDashboards } from './dashboards-role.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { openDataSourcesRole } from './data-sources-role.ts';
import { makeInitialAdmin } from './initial-admin.ts';
import { openKubernetes } from './kubernetes-role.ts';
import { openMetricsEdges } from './metrics-edges.ts';
import { openMetrics, openPrometheus, openScraping } from './metrics-role.ts';
import { openReports } from './reports-role.ts';
import { openResourceMetrics } from './resource-metrics-role.ts';
import { openStateMetrics } from './state-metrics-role.ts';
import { programVersion } from './version.ts';
import { openWatch } from './watch-role.ts';

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
  /**
   * The metric store has started, and with it scraping and rules. The port is open before: logs come in
   * and can be asked for, questions for metrics are answered with 503.
   */
  readonly ready: Promise<void>;
  /** Adds the metrics of another process to `/metrics`. */
  addMetrics(read: () => Promise<string>): void;
}

/**
 * Everything behind the HTTP port; resolves when it is open. Parts start in the order in which they need each other and stop
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
  await makeInitialAdmin(config.auth.initialAdmin, { state, log });
  const store = parts.use(await openLogStore(logStoreOptions(options)));
  const kubernetes = await openKubernetes(options, parts);
  const prometheus = await openPrometheus(options, parts);
  const { openClusterJobs } = await import('./cluster-jobs.ts');
  const { AgentRegistry } = await import('#logs/receive');
  const agents = new AgentRegistry(systemClock, metrics);
  const cluster = await openClusterJobs(options, {
    kubernetes,
    prometheus,
    version,
    agentNodes: () => agents.kubeletNodes(),
  });
  const metricsStart = await openMetrics(options, prometheus.current().storage, parts);
  const metricStore = metricsStart.store;
  const { DropRules } = await import('#metrics/drop-rules');
  const dropRules = parts.use(
    await DropRules.open({ state, store: metricStore, clock: systemClock, log, metrics }),
  );
  const scraping = await openScraping(
    options,
    {
      store: dropRules.ingest,
      prometheus,
      version,
      renderMetrics: async () => server.renderMetrics(),
      cluster,
    },
    parts,
  );
  await startLogMetrics(options, { store, state, metricStore }, parts);
  const alerting = await openAlerting(options, { version, state }, parts);
  const metricsParts = await openMetricsEdges(
    options,
    {
      alerting,
      store: metricStore,
      dropRules,
      prometheus,
      scraping: scraping.manager,
      version,
      cluster,
      isKubernetes: kubernetes.cluster !== undefined,
    },
    parts,
  );
  const shelf = await openPictures(join(dataDir, 'pictures'));
  const { picturesEdge } = await import('#picture/api');
  const stateMetrics = await openStateMetrics(
    options,
    { cluster: kubernetes.cluster, store: dropRules.ingest, version },
    parts,
  );
  const clusterHistory = await openClusterHistory(
    options,
    { kubernetes, logs: store, state, metricStore },
    parts,
  );
  const { insightsAddOn } = clusterHistory;
  const logs = await logEdges(options, { store, state, agents, kubernetes, insightsAddOn }, parts);
  const dataSources = await openDataSourcesRole(
    options,
    {
      state,
      metrics: metricsParts.api,
      prometheus,
      queries: logs.queries,
      logStore: store,
      kubernetes,
      version,
    },
    parts,
  );
  const dashboards = await openDashboards(
    options,
    { state, kubernetes, dataSources: dataSources.sources, version },
    parts,
  );
  const alertRules = await openAlertRules(
    options,
    {
      state,
      logs: store,
      dashboards: dashboards.store,
      sources: dataSources.sources,
      alerting,
      ingest: dropRules.ingest,
      version,
    },
    parts,
  );
  const evidence = alertEvidence({
    engine: metricsParts.engine,
    logs: store,
    shelf,
    config: options.config,
    expressionOf: alertRules.expressionOf,
  });
  alerting.setEvidence(evidence);
  const reports = await openReports(
    options,
    {
      state,
      dashboards: dashboards.store,
      dataSources: dataSources.sources,
      alertmanager: alerting.alertmanager,
      shelf,
      version,
    },
    parts,
  );
  const watch = await openWatch(options, {
    kubernetes,
    state,
    logs: store,
    metricStore,
    alertmanager: alerting.alertmanager,
    version,
    evidence,
    shelf,
    isAnswered: await botTokens(options),
  });
  const chat = await openChatRole(options);
  const edges = [
    ...watch.edges,
    ...chat.edges,
    ...metricsParts.edges,
    ...alerting.edges,
    picturesEdge(shelf),
    ...stateMetrics.edges,
    ...clusterHistory.edges,
    ...cluster.edges,
    ...(await receiveEdges(options, { store, agents }, parts)),
    ...logs.edges,
    ...dataSources.edges,
    ...dashboards.edges,
    ...alertRules.edges,
    ...reports.edges,
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
          const { region, accountId, timeZone } = options.config().server;
          const clusterName = kubernetes.clusterName();
          return { version, region, accountId, clusterName, timeZone };
        },
        progress: metricsStart.progress,
      },
      {
        state,
        log,
        metrics,
        ...(options.internalTokens === undefined ? {} : { internalTokens: options.internalTokens }),
        ...(await serviceAccounts(options, kubernetes)),
      },
      edges,
    ),
  );
  const { engine } = metricsParts;
  await openResourceMetrics(options, { kubernetes, store: metricStore, engine }, parts);
  const demoContainerPaths = options.demo === true ? await startDemo(options, store, parts) : [];
  const started = parts.move();
  let isStopping = false;
  const begin = async (): Promise<void> => {
    alerting.start();
    await metricsStart.start();
    if (isStopping) return;
    started.use(scraping.start());
    started.use(stateMetrics.start());
    started.use(await clusterHistory.start());
    started.use(cluster.start());
    started.use(await watch.start());
    started.use(
      await chat.start({
        kubernetes,
        state,
        logs: store,
        metricStore,
        engine,
        alertmanager: alerting.alertmanager,
        dataSources: dataSources.sources,
        incidents: watch.incidents,
        findIncident: watch.findIncident,
        incidentOfThread: watch.incidentOfThread,
        version,
      }),
    );
    const rules = await metricsParts.start();
    if (isStopping) {
      rules[Symbol.dispose]();
      return;
    }
    started.use(rules);
    await alertRules.start();
    reports.start();
    server.setReady(true);
  };
  const ready = begin();
  // Whoever does not wait for it must not be ended by it.
  ready.catch(() => {});
  return {
    url: server.url,
    demoContainerPaths,
    metricStore,
    ready,
    addMetrics: server.addMetrics,
    [Symbol.asyncDispose]: () => {
      isStopping = true;
      return started.disposeAsync();
    },
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
  options: ServerRoleOptions,
  {
    store,
    state,
    agents,
    kubernetes,
    insightsAddOn,
  }: {
    readonly kubernetes: KubernetesView;
    readonly insightsAddOn: ContainerInsightsAddOn | undefined;
    readonly store: LogStore;
    readonly state: StateStore;
    readonly agents: AgentRegistry;
  },
  parts: AsyncDisposableStack,
): Promise<{ readonly edges: readonly Edge[]; readonly queries: QueryService }> {
  const { config, log, metrics } = options;
  const { openLookupTables } = await import('#logs/lookup-tables');
  const { createQueryService, defaultQueryLimits, openQueryHistory } = await import(
    '#logs/queries'
  );
  const { logsApiEdge } = await import('#logs/api');
  const { awsEdge } = await import('#aws');
  const { openControlPlane } = await import('./control-plane-role.ts');
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
  const controlPlane = await openControlPlane(options, { state, store, kubernetes }, parts);
  const edges = [
    ...controlPlane.edges,
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
      controlPlane: controlPlane.clusters,
      clusterFacts: controlPlane.facts,
      insightsAddOn: (cluster) =>
        cluster === insightsAddOn?.clusterName ? insightsAddOn : undefined,
      programVersion: programVersion(),
      accountId,
      region,
      clock,
      logger: log.child('aws'),
      metrics,
      verifySignatures,
    }),
  ];
  return { edges, queries };
}

/** In a cluster, agents show the tokens of their pods. */
async function serviceAccounts(
  { config }: ServerRoleOptions,
  { cluster }: KubernetesView,
): Promise<Pick<ServerDeps, 'verifyServiceAccount'>> {
  if (cluster === undefined) return {};
  const { KubernetesIdentity } = await import('#kubernetes/identity');
  const { verifyServiceAccount } = await import('./service-accounts.ts');
  const identity = new KubernetesIdentity({ client: cluster.client, clock: systemClock });
  const accounts = (): readonly string[] => config().auth.agentServiceAccounts;
  return { verifyServiceAccount: verifyServiceAccount(identity, accounts) };
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
