import { readFileSync } from 'node:fs';
import { eventually } from '../eventually.ts';
import type { Cluster } from './cluster.ts';

export interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

/** A service account that may do so much, as a kubeconfig. */
export async function accountKubeconfig(
  cluster: Cluster,
  { namespace, name, rules }: { namespace: string; name: string; rules: readonly Rule[] },
): Promise<string> {
  const roleName = `${namespace}-${name}`;
  const rbac = 'rbac.authorization.k8s.io';
  await cluster.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: roleName },
      rules,
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: roleName },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: roleName },
      subjects: [{ kind: 'ServiceAccount', namespace, name }],
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/service-account-token',
      metadata: {
        namespace,
        name: `${name}-token`,
        annotations: { 'kubernetes.io/service-account.name': name },
      },
    },
  );
  const token = await eventually(async () => {
    const secret = await cluster.get<{ data?: { token?: string } }>(
      ...['secret', '-n', namespace, `${name}-token`],
    );
    return secret.data?.token;
  }, 30_000);
  const admin = await cluster.kubectl('config', 'view', '--minify', '--raw', '-o', 'json');
  const { clusters } = JSON.parse(admin) as {
    clusters: { cluster: { server: string; 'certificate-authority'?: string } }[];
  };
  const { server, ...rest } = clusters[0]!.cluster;
  const file = rest['certificate-authority'];
  const authority =
    file === undefined
      ? rest
      : { 'certificate-authority-data': readFileSync(file).toString('base64') };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, ...authority } }],
    users: [{ name: 'u', user: { token: Buffer.from(token, 'base64').toString('utf8') } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace } }],
    'current-context': 'x',
  });
}

export const removeAccount = async (
  cluster: Cluster,
  namespace: string,
  name: string,
): Promise<void> => {
  const roleName = `${namespace}-${name}`;
  await cluster.kubectl('delete', 'clusterrolebinding,clusterrole', roleName, '--ignore-not-found');
};
