import type { PodView } from './cluster-view.ts';
import type { Document } from './contract.ts';

/** What events of a pod and of its parts say of it. */
export const podFieldsOf = ({ pod, namespace, name, fullName, services }: PodView): Document => ({
  Namespace: namespace,
  PodName: name,
  FullPodName: fullName,
  Service: services[0],
  PodId: pod.metadata?.uid,
});

/** Who it is to Kubernetes. @param host name of its node */
export function kubernetesOf(
  { pod, namespace, fullName, owner, services }: PodView,
  host: string,
): Document {
  return {
    host,
    namespace_name: namespace,
    pod_name: fullName,
    pod_id: pod.metadata?.uid,
    service_name: services[0],
    labels: pod.metadata?.labels,
    ...(owner === undefined
      ? {}
      : { pod_owners: [{ owner_kind: owner.kind, owner_name: owner.name }] }),
  };
}
