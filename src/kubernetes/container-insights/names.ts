import type { Node, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Owner } from '#kubernetes/cluster';

/**
 * `PodName` of Container Insights: the workload, but the pod's own name for StatefulSets, whose pods
 * stay, and for pods that nobody made.
 */
export function podNameOf(pod: Pod, owners: readonly Owner[]): string {
  const own = pod.metadata?.name ?? '';
  // Static pods of kube-proxy, one for each node, are one to Container Insights.
  if (own.startsWith('kube-proxy-')) return 'kube-proxy';
  const owner = workloadOf(owners);
  if (owner === undefined || owner.kind === 'StatefulSet' || owner.kind === 'Node') return own;
  return owner.name;
}

/** What a pod's Deployment, DaemonSet, Job… is: not the CronJob, and not what stands behind that. */
export function workloadOf(owners: readonly Owner[]): Owner | undefined {
  const [first, second] = owners;
  return first?.kind === 'ReplicaSet' && second?.kind === 'Deployment' ? second : first;
}

/** Of EC2 the instance's, of others what the cloud says, at last the node's name. */
export function instanceIdOf({ metadata, spec }: Node): string {
  const last = spec?.providerID?.split('/').at(-1);
  return last || metadata?.name || '';
}

export function instanceTypeOf({ metadata }: Node): string | undefined {
  const labels: Readonly<Record<string, string>> = metadata?.labels ?? {};
  return labels['node.kubernetes.io/instance-type'] ?? labels['beta.kubernetes.io/instance-type'];
}

/** The group that scales the node, where its labels say it. */
export function nodeGroupOf({ metadata }: Node): string | undefined {
  const labels: Readonly<Record<string, string>> = metadata?.labels ?? {};
  return labels['eks.amazonaws.com/nodegroup'] ?? labels['alpha.eksctl.io/nodegroup-name'];
}

/** `containerd://ID` in parts. */
export function containerIdOf(
  text: string | undefined,
): { readonly runtime: string; readonly id: string } | undefined {
  const [, runtime, id] = /^([a-z-]+):\/\/(.+)$/.exec(text ?? '') ?? [];
  return runtime === undefined || id === undefined ? undefined : { runtime, id };
}

/** Log group that EKS' agent writes. */
export const performanceLogGroup = (clusterName: string): string =>
  `/aws/containerinsights/${clusterName}/performance`;
