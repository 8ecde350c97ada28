import { describeError, isAppError, type Logger, systemClock } from '#base';
import type { MonitorsConfig } from '#config';
import type { KubernetesView } from '#kubernetes/api';
import type { Cluster } from '#kubernetes/cluster';
import type { MonitorOperator, MonitorSettings } from '#kubernetes/operator';
import type { PrometheusConfig, PrometheusConfigHandle } from '#metrics/config';
import type { DiscoveryDeps } from '#metrics/discovery';
import type { RuleGroupConfig } from '#metrics/rules';
import type { LocalTargets } from '#metrics/scrape';
import type { Edge } from '#server';
import { KubeletProxy } from './kubelet-proxy.ts';
import type { ServerRoleOptions } from './server-role.ts';

type Options = Pick<ServerRoleOptions, 'config' | 'onConfigChange' | 'env' | 'log' | 'metrics'>;

/** What the cluster adds to the Prometheus configuration: jobs and rules that stand in no file. */
export interface ClusterJobs {
  /** `kubernetes_sd_configs`; also without a cluster of the server's own. */
  readonly discovery: NonNullable<DiscoveryDeps['kubernetes']>;
  /** Jobs that leave targets to the others. */
  readonly yielding: readonly string[];
  /** Bodies of targets that are reached through the API server; absent: there is no cluster. */
  readonly targets?: LocalTargets;
  readonly edges: readonly Edge[];
  /** A configuration with the cluster's jobs behind its own. */
  withJobs(config: PrometheusConfig): PrometheusConfig;
  groups(): readonly RuleGroupConfig[];
  /** Told when jobs or groups may have changed; returns how to end it. */
  onChange(listener: () => void): () => void;
  /** Begins to follow the objects. @returns how it ends */
  start(): AsyncDisposable;
}

export async function openClusterJobs(
  options: Options,
  deps: {
    readonly kubernetes: KubernetesView;
    readonly prometheus: PrometheusConfigHandle;
    readonly version: string;
    /** Nodes whose kubelet an agent scrapes. */
    readonly agentNodes: () => ReadonlySet<string>;
  },
): Promise<ClusterJobs> {
  const { log, metrics, env = {} } = options;
  const { kubernetes, prometheus, version } = deps;
  const { kubernetesDiscovery } = await import('#kubernetes/discovery');
  const builtIn = await import('#kubernetes/built-in');
  const { monitorsEdge } = await import('#kubernetes/operator');
  const { cluster } = kubernetes;
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const monitors =
    cluster === undefined ? undefined : await monitorsOf(options, { cluster, prometheus, changed });
  let hasEksMetrics = false;
  const kubelets =
    cluster &&
    new KubeletProxy({
      cluster,
      clock: systemClock,
      log: log.child('kubernetes/kubelet'),
      prefix: builtIn.proxyPrefix(cluster.client.access),
      agentNodes: deps.agentNodes,
      onChange: changed,
    });

  const builtInOf = (
    config: PrometheusConfig,
    taken: ReadonlySet<string>,
  ): PrometheusConfig['scrapeConfigs'] => {
    // Until they are known nobody can tell which pods the cluster's own monitors take.
    if (cluster === undefined || monitors?.isReady() === false) return [];
    const { controlPlane, kubelet, annotations } = options.config().kubernetes.scrape;
    const { access } = cluster.client;
    const left = kubelets?.left;
    return builtIn.builtInJobs({
      controlPlane: controlPlane ? { access, hasEksMetrics } : undefined,
      kubelet: kubelet && left !== undefined ? { access, left } : undefined,
      hasAnnotations:
        annotations === 'on' || (annotations === 'auto' && !builtIn.readsAnnotations(config)),
      taken,
      global: config.global,
    });
  };

  return {
    discovery: kubernetesDiscovery({ clock: systemClock, log, metrics, env, version, cluster }),
    yielding: builtIn.builtInNames,
    ...(kubelets === undefined ? {} : { targets: kubelets.targets }),
    edges: [monitorsEdge(() => monitors?.operator())],
    withJobs: (config) => {
      const taken = new Set(config.scrapeConfigs.map(({ jobName }) => jobName));
      const own = (monitors?.operator()?.jobs ?? []).filter(({ jobName }) => {
        const isFree = !taken.has(jobName);
        taken.add(jobName);
        return isFree;
      });
      const scrapeConfigs = [...config.scrapeConfigs, ...own];
      return { ...config, scrapeConfigs: [...scrapeConfigs, ...builtInOf(config, taken)] };
    },
    groups: () => monitors?.operator()?.groups ?? [],
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: () => {
      const endings = [
        prometheus.onChange(() => monitors?.operator()?.refresh()),
        options.onConfigChange?.(() => {
          void monitors?.reload();
          changed();
        }),
      ];
      if (cluster !== undefined) {
        void lookForEks(cluster).then((found) => {
          hasEksMetrics = found;
          if (found) changed();
        });
      }
      monitors?.start();
      const stopping = new AbortController();
      const looking = kubelets?.run(stopping.signal);
      return {
        [Symbol.asyncDispose]: async () => {
          stopping.abort();
          await looking;
          for (const end of endings) end?.();
          await monitors?.stop();
        },
      };
    },
  };
}

interface Monitors {
  operator(): MonitorOperator | undefined;
  /** True also where there is nothing to wait for. */
  isReady(): boolean;
  start(): void;
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** The operator as the configuration wants it; a change switches it on and off. */
async function monitorsOf(
  { config, log, metrics }: Options,
  deps: {
    readonly cluster: Cluster;
    readonly prometheus: PrometheusConfigHandle;
    readonly changed: () => void;
  },
): Promise<Monitors> {
  const { MonitorOperator: Operator, settingsOfConfig } = await import('#kubernetes/operator');
  const { cluster, prometheus, changed } = deps;
  const read = (): MonitorSettings =>
    settingsOfConfig(cluster.client.access.namespace, selectorsOf(config().kubernetes.monitors));
  let settings = read();
  let running: MonitorOperator | undefined;
  let isStarted = false;
  const start = (): void => {
    isStarted = true;
    if (!config().kubernetes.monitors.enabled || running !== undefined) return;
    running = new Operator({
      cluster,
      clock: systemClock,
      log,
      metrics,
      settings: () => settings,
      prometheus: () => config().kubernetes.monitors.prometheus,
      global: () => prometheus.current().global,
      onChange: changed,
    }).start();
  };
  const stop = async (): Promise<void> => {
    const ending = running;
    running = undefined;
    await ending?.[Symbol.asyncDispose]();
  };
  return {
    operator: () => running,
    isReady: () => running?.isReady ?? (isStarted && !config().kubernetes.monitors.enabled),
    start,
    reload: async () => {
      settings = readOrKeep(read, settings, log);
      if (!config().kubernetes.monitors.enabled) await stop();
      else if (running === undefined) start();
      else running.refresh();
    },
    stop,
  };
}

function readOrKeep(
  read: () => MonitorSettings,
  before: MonitorSettings,
  log: Logger,
): MonitorSettings {
  try {
    return read();
  } catch (error) {
    if (!isAppError(error, 'KUBERNETES_SELECTOR_INVALID')) throw error;
    log.error('A selector of kubernetes.monitors is wrong, the old ones count', {
      reason: describeError(error),
    });
    return before;
  }
}

function selectorsOf(
  monitors: MonitorsConfig,
): Parameters<typeof import('#kubernetes/operator').settingsOfConfig>[1] {
  return {
    PodMonitor: {
      selector: monitors.podMonitorSelector,
      namespaceSelector: monitors.podMonitorNamespaceSelector,
    },
    ServiceMonitor: {
      selector: monitors.serviceMonitorSelector,
      namespaceSelector: monitors.serviceMonitorNamespaceSelector,
    },
    Probe: {
      selector: monitors.probeSelector,
      namespaceSelector: monitors.probeNamespaceSelector,
    },
    ScrapeConfig: {
      selector: monitors.scrapeConfigSelector,
      namespaceSelector: monitors.scrapeConfigNamespaceSelector,
    },
    PrometheusRule: {
      selector: monitors.ruleSelector,
      namespaceSelector: monitors.ruleNamespaceSelector,
    },
  };
}

/** EKS hands out metrics of its scheduler and controller manager since 1.28. */
async function lookForEks({ client }: Cluster): Promise<boolean> {
  try {
    await client.json({ path: '/apis/metrics.eks.amazonaws.com/v1' });
    return true;
  } catch {
    return false;
  }
}
