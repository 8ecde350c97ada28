import { join } from 'node:path';
import { systemClock } from '#base';
import type { KubernetesConfig } from '#config';
import type { KubernetesView } from '#kubernetes/api';
import type { AdapterText } from '#kubernetes/resource-metrics';
import type { Queryable } from '#metrics/model';
import type { PromqlEngine } from '#metrics/promql';
import type { ServerRoleOptions } from './server-role.ts';
import { programVersion } from './version.ts';

/** `metrics.k8s.io` on its own port, where there is a cluster that can reach it. */
export async function openResourceMetrics(
  { config, env = {}, log, metrics }: ServerRoleOptions,
  {
    kubernetes,
    store,
    engine,
  }: {
    readonly kubernetes: KubernetesView;
    readonly store: Queryable;
    readonly engine: PromqlEngine;
  },
  parts: AsyncDisposableStack,
): Promise<void> {
  const { enabled, listen, service } = config().kubernetes.metricsApi;
  const { cluster } = kubernetes;
  const isInPod = env['KUBERNETES_SERVICE_HOST'] !== undefined;
  const isWanted = enabled === 'on' || (enabled === 'auto' && (isInPod || service !== undefined));
  if (cluster === undefined || !isWanted) return;
  const { openAdapterConfig, startResourceMetrics } = await import('#kubernetes/resource-metrics');
  const { splitListen } = await import('#server');
  const { host, port } = splitListen(listen);
  const rules = adapterText(config().kubernetes.metricsApi);
  const adapter = rules && {
    config: openAdapterConfig(rules, { clock: systemClock, log }),
    engine,
  };
  const [namespace, name] = service?.split('/') ?? [];
  parts.use(
    await startResourceMetrics(
      {
        host,
        port,
        certificatePath: join(config().server.dataDir, 'kubernetes', 'metrics-api.json'),
        service: namespace === undefined || name === undefined ? undefined : { namespace, name },
        version: programVersion(),
      },
      {
        cluster,
        store,
        clock: systemClock,
        log,
        metrics,
        ...(adapter === undefined ? {} : { adapter }),
      },
    ),
  );
}

/** Where the rules of custom metrics are; undefined: there are none. */
function adapterText({
  adapterConfig,
  adapter,
}: KubernetesConfig['metricsApi']): AdapterText | undefined {
  return adapterConfig === undefined ? adapter : { path: adapterConfig };
}
