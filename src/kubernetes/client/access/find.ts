import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { AppError } from '#base';
import type { KubernetesAccess } from '../contract.ts';
import { type Environment, inClusterAccess } from './in-cluster.ts';
import { kubeconfigAccess } from './kubeconfig.ts';

export interface FindAccessOptions {
  /** A kubeconfig file; it must exist. Undefined: looked for. */
  readonly kubeconfig?: string | undefined;
  /** A context of it; the current one unless given. */
  readonly context?: string | undefined;
  readonly env: Environment;
  /** Home folder, for tests. */
  readonly home?: string;
  /** Folder of the service account, for tests. */
  readonly serviceAccountFolder?: string;
}

/**
 * Finds a cluster as kubectl does: the kubeconfig that is named, `$KUBECONFIG` (several files, merged),
 * `~/.kube/config`, then the pod's own service account.
 * @returns undefined where there is none
 * @throws {AppError} KUBECONFIG_INVALID, KUBECONFIG_UNREADABLE
 */
export async function findAccess(
  options: FindAccessOptions,
): Promise<KubernetesAccess | undefined> {
  const { kubeconfig, context, env } = options;
  if (kubeconfig !== undefined) {
    const access = await kubeconfigAccess([kubeconfig], context);
    if (access !== undefined) return access;
    throw new AppError('KUBECONFIG_INVALID', `${kubeconfig} is missing or has no current context`, {
      hint: 'Name a kubeconfig file that exists, and a context of it',
    });
  }
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  const files = listed.length > 0 ? listed : [join(options.home ?? homedir(), '.kube', 'config')];
  const access = await kubeconfigAccess(files, context);
  // A context is a kubeconfig's: a service account that happens to be there is not what is meant.
  if (access !== undefined || context !== undefined) return access;
  return inClusterAccess(env, options.serviceAccountFolder);
}
