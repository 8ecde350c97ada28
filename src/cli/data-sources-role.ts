import { systemClock } from '#base';
import type { DataSources, ProvisionedDataSources } from '#dashboards/data-sources';
import type { KubernetesView } from '#kubernetes/api';
import type { QueryService } from '#logs/queries';
import type { LogStore } from '#logs/store';
import type { MetricsApiDeps } from '#metrics/api';
import type { PrometheusConfigHandle } from '#metrics/config';
import type { Edge } from '#server';
import type { StateStore } from '#state';
import type { ServerRoleOptions } from './server-role.ts';

export interface DataSourcesParts {
  readonly state: StateStore;
  readonly kubernetes: KubernetesView;
  readonly metrics: MetricsApiDeps;
  readonly prometheus: PrometheusConfigHandle;
  readonly queries: QueryService;
  readonly logStore: LogStore;
  readonly version: string;
}

export interface DataSourcesRole {
  readonly sources: DataSources;
  readonly edges: readonly Edge[];
}

/** Where the built-in Prometheus is reached as a data source, by uid and by number. */
const ownPrefixes: readonly string[] = [
  '/api/datasources/proxy/uid/prometheus',
  '/api/datasources/uid/prometheus/resources',
  '/api/datasources/proxy/1',
  '/api/datasources/1/resources',
];

/** What dashboards, alert rules and annotations ask. */
export async function openDataSourcesRole(
  options: ServerRoleOptions,
  parts: DataSourcesParts,
  stack: AsyncDisposableStack,
): Promise<DataSourcesRole> {
  const { config, log, metrics } = options;
  const { accountId, region } = config().server;
  const module = await import('#dashboards/data-sources');
  const { dataSourcesEdge } = await import('#dashboards/data-sources/api');
  const { prometheusReadEdge } = await import('#metrics/api');
  const clock = systemClock;
  const deps = {
    clock,
    log: log.child('dashboards/data-sources'),
    env: options.env ?? {},
    version: parts.version,
    allowedNetworks: () => config().dashboards.dataSources.allowedNetworks,
  };
  const { engine, store, language } = parts.metrics;
  const own = {
    engine,
    store,
    selectors: language.selectors,
    buckets: language.buckets,
    scrapeIntervalMs: () => parts.prometheus.current().global.scrapeIntervalMs,
  };
  const ownLogs = { queries: parts.queries, store: parts.logStore, accountId, region };
  const sources = stack.use(
    await module.openDataSources({
      state: parts.state,
      clock,
      log: deps.log,
      metrics,
      kinds: [
        module.prometheusKind(deps),
        module.postgresKind(deps),
        module.cloudwatchKind(deps),
        module.infinityKind(deps),
      ],
      builtIn: [
        {
          uid: module.ownPrometheusUid,
          source: () => module.ownPrometheusSource(own),
          open: (source) => module.ownPrometheus(own, source),
        },
        {
          uid: module.ownLogsUid,
          source: () => module.ownLogsSource,
          open: (source) => module.ownLogs(ownLogs, source),
        },
      ],
      limits: () => config().dashboards.dataSources,
    }),
  );
  const timeZone = (): string => {
    const zone = config().server.timeZone;
    return zone === 'local' ? 'UTC' : zone;
  };
  await provide(options, { sources, kubernetes: parts.kubernetes }, stack);
  return {
    sources,
    edges: [
      dataSourcesEdge({ sources, clock, log, timeZone }),
      prometheusReadEdge(parts.metrics, ownPrefixes),
    ],
  };
}

/** Data sources of files and of objects in the cluster. */
async function provide(
  { config, env = {}, log: programLog, metrics }: ServerRoleOptions,
  {
    sources,
    kubernetes: { cluster },
  }: { readonly sources: ProvisionedDataSources; readonly kubernetes: KubernetesView },
  stack: AsyncDisposableStack,
): Promise<void> {
  const { ClusterDataSources, DataSourceFiles, DataSourceProvisioner } = await import(
    '#dashboards/data-sources'
  );
  const log = programLog.child('dashboards/data-sources');
  const clock = systemClock;
  const provisioner = new DataSourceProvisioner({ sources, log, metrics });
  const { provisioningDir, kubernetes } = config().dashboards;
  if (provisioningDir !== undefined) {
    const files = stack.use(new DataSourceFiles(provisioningDir, { provisioner, env, clock, log }));
    await files.start();
  }
  if (cluster === undefined || !kubernetes.enabled) return;
  stack.use(new ClusterDataSources({ cluster, provisioner, clock, log }).start());
}
