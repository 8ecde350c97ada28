import { AppError, describeError, systemClock } from '#base';
import type { KubernetesView } from '#kubernetes/api';
import type { KubernetesAccess } from '#kubernetes/client';
import type { ServerRoleOptions } from './server-role.ts';
import { programVersion } from './version.ts';

/**
 * The cluster that the server watches, if there is one. A kubeconfig that is broken stops the server
 * only where the configuration demands a cluster.
 * @throws {AppError} KUBERNETES_NOT_FOUND, KUBECONFIG_INVALID, KUBECONFIG_UNREADABLE
 */
export async function openKubernetes(
  options: Pick<ServerRoleOptions, 'config' | 'env' | 'log' | 'metrics'>,
  parts: AsyncDisposableStack,
): Promise<KubernetesView> {
  const { kubernetes } = options.config();
  const nothing = (reason: string): KubernetesView => ({
    cluster: undefined,
    clusterName: () => options.config().server.clusterName,
    reason,
  });
  if (kubernetes.enabled === 'off') return nothing('kubernetes.enabled is off');
  let access: KubernetesAccess | undefined;
  try {
    access = await findAccess(options);
  } catch (error) {
    if (kubernetes.enabled === 'on') throw error;
    const err = describeError(error);
    options.log.warn('The kubeconfig cannot be used, no cluster is watched', { err });
    return nothing(err);
  }
  if (access === undefined) {
    if (kubernetes.enabled === 'on') {
      throw new AppError('KUBERNETES_NOT_FOUND', 'No Kubernetes cluster was found', {
        hint: 'kubernetes.enabled: on needs a kubeconfig, or a pod with a service account',
      });
    }
    return nothing('There is no kubeconfig and no service account of a pod');
  }
  return watch(access, options, parts);
}

async function findAccess({
  config,
  env = {},
}: Pick<ServerRoleOptions, 'config' | 'env'>): Promise<KubernetesAccess | undefined> {
  const client = await import('#kubernetes/client');
  const { kubeconfig, context } = config().kubernetes;
  return client.findAccess({ kubeconfig, context, env });
}

async function watch(
  access: KubernetesAccess,
  { config, env = {}, log, metrics }: Pick<ServerRoleOptions, 'config' | 'env' | 'log' | 'metrics'>,
  parts: AsyncDisposableStack,
): Promise<KubernetesView> {
  const { Cluster } = await import('#kubernetes/cluster');
  const { namespaces } = config().kubernetes;
  const cluster = parts.use(
    new Cluster(
      {
        access,
        ...(namespaces.length === 0 ? {} : { namespaces }),
        userAgent: `nunchi/${programVersion()}`,
      },
      { clock: systemClock, log, metrics, env },
    ),
  );
  return {
    cluster: cluster.start(),
    clusterName: () => config().server.clusterName ?? nameOf(access),
    reason: undefined,
  };
}

/** EKS, as `aws eks update-kubeconfig` writes it, names a cluster by its ARN. */
function nameOf({ clusterName }: KubernetesAccess): string | undefined {
  return clusterName === undefined
    ? undefined
    : (/^arn:[^:]+:eks:[^:]+:\d+:cluster\/(.+)$/.exec(clusterName)?.[1] ?? clusterName);
}
