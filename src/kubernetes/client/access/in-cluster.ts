import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesAccess } from '../contract.ts';

/** Where the kubelet puts the files of a pod's service account. */
export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The service account of the pod that this runs in; undefined outside of a pod, or in one without a
 * token. Source: kubernetes.io, "Accessing the Kubernetes API from a Pod".
 */
export function inClusterAccess(
  env: Environment,
  folder: string = serviceAccountFolder,
): KubernetesAccess | undefined {
  const server = inClusterServer(env);
  const token = join(folder, 'token');
  if (server === undefined || !existsSync(token)) return undefined;
  const authority = join(folder, 'ca.crt');
  return {
    server,
    source: 'the service account of this pod',
    clusterName: undefined,
    context: undefined,
    namespace: readText(join(folder, 'namespace')) ?? 'default',
    tls: {
      authority: existsSync(authority) ? { kind: 'file', path: authority } : undefined,
      certificate: undefined,
      privateKey: undefined,
      serverName: undefined,
      insecureSkipVerify: false,
    },
    credentials: { kind: 'token-file', path: token },
    proxyUrl: undefined,
    impersonate: undefined,
  };
}

/** URL of the API server as pods are told by their environment. */
export function inClusterServer(env: Environment): string | undefined {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  if (host === '') return undefined;
  const port = env['KUBERNETES_SERVICE_PORT_HTTPS'] || env['KUBERNETES_SERVICE_PORT'] || '443';
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
