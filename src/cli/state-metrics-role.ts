import { AppError, describeError, systemClock } from '#base';
import type { StateMetricsConfig } from '#config';
import type { Cluster } from '#kubernetes/cluster';
import type { StateMetrics } from '#kubernetes/state-metrics';
import type { IngestStore } from '#metrics/tsdb';
import type { Edge } from '#server';
import { ownAddress } from './metrics-role.ts';
import type { ServerRoleOptions } from './server-role.ts';

/** Series of the cluster's objects: for the store, and for whoever scrapes them. */
export interface StateMetricsRole {
  readonly edges: readonly Edge[];
  /** Begins to write into the store, once it has started. */
  start(): AsyncDisposable;
}

/** @throws {AppError} STATE_METRICS_RESOURCE_UNKNOWN, CONFIG_INVALID */
export async function openStateMetrics(
  options: Pick<ServerRoleOptions, 'config' | 'log' | 'metrics'>,
  deps: {
    readonly cluster: Cluster | undefined;
    readonly store: IngestStore;
    readonly version: string;
  },
  parts: AsyncDisposableStack,
): Promise<StateMetricsRole> {
  const { log, metrics } = options;
  const { stateMetrics: settings } = options.config().kubernetes;
  const { cluster, store, version } = deps;
  if (cluster === undefined || !settings.enabled) {
    return { edges: [], start: () => ({ [Symbol.asyncDispose]: async () => {} }) };
  }
  const module = await import('#kubernetes/state-metrics');
  const registry = registryOf(settings, module, options);
  const feed = parts.use(module.feedStateMetrics(cluster, registry));
  const self = (): ReturnType<typeof module.selfMetrics> =>
    module.selfMetrics(feed.watches(), version);
  return {
    edges: [module.stateMetricsEdge({ registry, self })],
    start: () => {
      const collector = new module.StateMetricsCollector(
        { intervalMs: settings.intervalMs, instance: ownAddress(options) },
        { registry, store, clock: systemClock, log, metrics, isReady: feed.isReady, self },
      );
      collector.start();
      return collector;
    },
  };
}

function registryOf(
  settings: StateMetricsConfig,
  module: typeof import('#kubernetes/state-metrics'),
  { log, metrics }: Pick<ServerRoleOptions, 'log' | 'metrics'>,
): StateMetrics {
  const lists = (['metricLabelsAllowlist', 'metricAnnotationsAllowlist'] as const).map((key) => {
    const list = module.parseAllowList(settings[key]);
    if (!('problem' in list)) return list;
    throw new AppError('CONFIG_INVALID', `kubernetes.stateMetrics.${key}: ${list.problem}`);
  });
  const faults = metrics.counter(
    'nunchi_state_metrics_object_faults_total',
    'Times that an object was not as the API says, by family.',
  );
  const logged = new Set<string>();
  return new module.StateMetrics({
    ...(settings.resources.length === 0 ? {} : { resources: settings.resources }),
    ...(lists[0] === undefined ? {} : { labels: lists[0] }),
    ...(lists[1] === undefined ? {} : { annotations: lists[1] }),
    onFault: ({ resource, family, name, error }) => {
      faults.add(1, { family });
      // Once for each family: the object comes again and again.
      if (logged.has(family)) return;
      logged.add(family);
      const reason = describeError(error);
      log.warn('An object has no series of a family', { resource, family, name, reason });
    },
  });
}
