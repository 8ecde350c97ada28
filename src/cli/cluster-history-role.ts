import { systemClock } from '#base';
import type { KubernetesView } from '#kubernetes/api';
import type { ContainerInsightsAddOn } from '#kubernetes/container-insights';
import type { LogStore } from '#logs/store';
import type { MetricStore } from '#metrics/tsdb';
import type { Edge } from '#server';
import type { StateStore } from '#state';
import type { ServerRoleOptions } from './server-role.ts';

/** Names a cluster that has no name, here as in the agent. */
export const defaultClusterName = 'local';

export interface ClusterHistoryRole {
  /** Undefined: no cluster is watched. */
  readonly insightsAddOn: ContainerInsightsAddOn | undefined;
  readonly edges: readonly Edge[];
  /** What reads the metric store, once that has started. */
  start(): Promise<AsyncDisposable>;
}

interface HistoryDeps {
  readonly kubernetes: KubernetesView;
  readonly logs: LogStore;
  readonly state: StateStore;
  readonly metricStore: MetricStore;
}

/** What happens in the cluster goes into the log store; pages and time lines come out. */
export async function openClusterHistory(
  options: ServerRoleOptions,
  deps: HistoryDeps,
  parts: AsyncDisposableStack,
): Promise<ClusterHistoryRole> {
  const { config, log, metrics } = options;
  const { kubernetes, logs, state, metricStore } = deps;
  const { kubernetesApiEdge, kubernetesObjectsEdge, timelineEdge } = await import(
    '#kubernetes/api'
  );
  const clock = systemClock;
  const objects = parts.use(kubernetesObjectsEdge(kubernetes, { clock, store: metricStore }));
  const { cluster } = kubernetes;
  const insightsAddOn = await addOnOf(options, deps);
  if (cluster !== undefined) {
    const clusterName = kubernetes.clusterName() ?? defaultClusterName;
    const settings = config().kubernetes;
    if (settings.events.enabled) {
      const { EventRecorder } = await import('#kubernetes/events');
      const recorder = new EventRecorder(
        { clusterName },
        { cluster, store: logs, clock, log: log.child('kubernetes/events'), metrics },
      );
      parts.use(recorder.start());
    }
    if (settings.changes.enabled) {
      const { ChangeRecorder } = await import('#kubernetes/changes');
      const recorder = new ChangeRecorder(
        { clusterName },
        { cluster, store: logs, state, clock, log: log.child('kubernetes/changes'), metrics },
      );
      parts.use(recorder.start());
    }
  }
  return {
    insightsAddOn,
    start: () => startContainerInsights(options, deps, insightsAddOn),
    edges: [
      kubernetesApiEdge(kubernetes, { clock }),
      objects,
      timelineEdge(kubernetes, { store: logs }),
    ],
  };
}

async function addOnOf(
  { config }: ServerRoleOptions,
  { kubernetes, state }: HistoryDeps,
): Promise<ContainerInsightsAddOn | undefined> {
  const { cluster } = kubernetes;
  if (cluster === undefined) return undefined;
  const { ContainerInsightsAddOn } = await import('#kubernetes/container-insights');
  const clusterName = kubernetes.clusterName() ?? defaultClusterName;
  const isEnabled = config().kubernetes.containerInsights.enabled;
  return new ContainerInsightsAddOn(
    { clusterName, isEnabled },
    { state, clock: systemClock, degraded: () => cluster.degraded() },
  );
}

async function startContainerInsights(
  { config, log, metrics }: ServerRoleOptions,
  { kubernetes, logs, metricStore }: HistoryDeps,
  addOn: ContainerInsightsAddOn | undefined,
): Promise<AsyncDisposable> {
  const { enabled, intervalMs, enhanced, retentionDays } = config().kubernetes.containerInsights;
  const { cluster } = kubernetes;
  if (cluster === undefined || addOn === undefined || !enabled) return new AsyncDisposableStack();
  const { ContainerInsights } = await import('#kubernetes/container-insights');
  const { clusterName } = addOn;
  return new ContainerInsights(
    { clusterName, intervalMs, isEnhanced: enhanced, retentionDays },
    {
      cluster,
      logs,
      metricStore,
      clock: systemClock,
      log: log.child('kubernetes/container-insights'),
      metrics,
      isOn: () => addOn.isOn(),
    },
  ).start();
}
