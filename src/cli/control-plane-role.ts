import { readFile } from 'node:fs/promises';
import type { ClusterFacts } from '#aws';
import { AppError, systemClock } from '#base';
import type { KubernetesView } from '#kubernetes/api';
import type { KubernetesAccess, KubernetesClient } from '#kubernetes/client';
import {
  ControlPlaneClusters,
  clusterNamePattern,
  controlPlaneLogTypes,
  controlPlaneSwitchEdge,
  loadPulling,
} from '#kubernetes/control-plane';
import type { LogStore } from '#logs/store';
import type { Edge } from '#server';
import type { StateStore } from '#state';
import { defaultClusterName } from './cluster-history-role.ts';
import type { ServerRoleOptions } from './server-role.ts';
import { programVersion } from './version.ts';

const factsTimeoutMs = 3000;

type RoleOptions = Pick<ServerRoleOptions, 'config' | 'env' | 'log' | 'metrics'>;

export interface ControlPlaneRole {
  readonly clusters: ControlPlaneClusters;
  readonly edges: readonly Edge[];
  readonly facts: (cluster: string) => Promise<ClusterFacts | undefined>;
}

/** The switches of control-plane logs, and the ways in for them. */
export async function openControlPlane(
  options: RoleOptions,
  {
    state,
    store,
    kubernetes,
  }: {
    readonly state: StateStore;
    readonly store: LogStore;
    readonly kubernetes: KubernetesView;
  },
  parts: AsyncDisposableStack,
): Promise<ControlPlaneRole> {
  const { log, metrics } = options;
  const clusterName = options.config().server.clusterName ?? defaultClusterName;
  const isName = clusterNamePattern.test(clusterName);
  if (!isName) log.warn('The name of the cluster cannot be one of EKS', { clusterName });
  const clusters = await ControlPlaneClusters.open(isName ? [clusterName] : [], {
    state,
    store,
    clock: systemClock,
    metrics,
  });
  const { auditEdge } = await import('#logs/receive');
  await startPulls(options, { state, store }, parts);
  return {
    clusters,
    edges: [
      controlPlaneSwitchEdge(clusters),
      auditEdge({
        store,
        log,
        metrics,
        clock: systemClock,
        controlPlane: clusters,
        clusterName: () => clusterName,
      }),
    ],
    facts: async (cluster) => (cluster === clusterName ? await factsOf(kubernetes) : undefined),
  };
}

/** Managed clusters: their logs are at AWS. */
async function startPulls(
  { config, env = {}, log, metrics }: RoleOptions,
  stores: { readonly state: StateStore; readonly store: LogStore },
  parts: AsyncDisposableStack,
): Promise<void> {
  const { pull } = config().kubernetes.controlPlane;
  if (pull.length === 0) return;
  if (pull.some(({ cluster }) => cluster === '')) {
    throw new AppError('CONFIG_INVALID', 'kubernetes.controlPlane.pull: an entry has no cluster', {
      hint: 'Write the name of the cluster at EKS',
    });
  }
  const { startPulling } = await loadPulling();
  const sources = pull.map(({ logGroup, types, region, ...source }) => ({
    ...source,
    region: region ?? config().server.region,
    sourceGroup: logGroup,
    types: types.length === 0 ? controlPlaneLogTypes : types,
  }));
  const userAgent = `nunchi/${programVersion()}`;
  parts.use(
    startPulling(sources, {
      ...stores,
      env,
      clock: systemClock,
      log: log.child('kubernetes/control-plane'),
      metrics,
      userAgent,
    }),
  );
}

/** What the API server says of itself; a server that does not answer says nothing. */
async function factsOf({ cluster }: KubernetesView): Promise<ClusterFacts | undefined> {
  if (cluster === undefined) return undefined;
  const { access } = cluster.client;
  const signal = AbortSignal.timeout(factsTimeoutMs);
  const [version, certificateAuthority] = await Promise.all([
    versionOf(cluster.client, signal),
    authorityOf(access).catch(() => undefined),
  ]);
  return { endpoint: access.server, certificateAuthority, version };
}

async function authorityOf({ tls }: KubernetesAccess): Promise<string | undefined> {
  const { authority } = tls;
  if (authority === undefined) return undefined;
  const pem = authority.kind === 'inline' ? authority.pem : await readFile(authority.path, 'utf8');
  return Buffer.from(pem).toString('base64');
}

async function versionOf(
  client: KubernetesClient,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const text = await client.text({ path: '/version', timeoutMs: factsTimeoutMs, signal });
    const { major, minor } = JSON.parse(text) as Record<string, string>;
    // `28+` where the provider has changed something.
    return `${major}.${String(minor).replace(/\D/g, '')}`;
  } catch {
    return undefined;
  }
}
