import { backoffMs, type Clock, describeError, type Logger, type MetricsRegistry } from '#base';
import type { Cluster } from '#kubernetes/cluster';
import type { KubernetesSdConfig } from '#metrics/config';
import type { Discoverer } from '#metrics/discovery';
import { Connections } from './connections.ts';
import { EventCounter } from './event-counter.ts';
import { ReachableGroups } from './reachable.ts';
import { runRole } from './role.ts';

export interface KubernetesDiscoveryDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** What entries read that name no API server; undefined: they give no targets. */
  readonly cluster: Cluster | undefined;
}

/** A kubeconfig may come later than the program. */
const retry = { baseMs: 5000, maxMs: 60_000 };

/** Makes discoverers of entries of `kubernetes_sd_configs`; they share mirrors of objects. */
export function kubernetesDiscovery(
  deps: KubernetesDiscoveryDeps,
): (config: KubernetesSdConfig) => Discoverer {
  const { clock, metrics } = deps;
  const log = deps.log.child('kubernetes/discovery');
  const connections = new Connections({ ...deps, log });
  const events = new EventCounter(metrics);
  const failures = metrics.counter(
    'prometheus_sd_kubernetes_failures_total',
    'The number of failed WATCH/LIST requests',
  );
  return (config) => ({
    run: async (tell, signal) => {
      const { reachablePort: port } = config;
      const gate = port === undefined ? undefined : new ReachableGroups(port, tell, clock);
      const emit: typeof tell = gate === undefined ? tell : (groups) => gate.take(groups, signal);
      for (let attempt = 0; !signal.aborted; attempt++) {
        try {
          await using connection = await connections.open(config);
          const { cluster, isShared } = connection;
          await runRole(config, { cluster, isShared, clock, log, events }, emit, signal);
        } catch (error) {
          if (signal.aborted) return;
          failures.add(1);
          log.error('Kubernetes discovery gives no targets for now', {
            role: config.role,
            server: config.apiServer ?? config.kubeconfigFile,
            reason: describeError(error),
          });
          await clock.sleep(backoffMs(attempt, retry), signal).catch(() => {});
        }
      }
    },
  });
}
