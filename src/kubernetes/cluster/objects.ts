import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1.d.ts';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.d.ts';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.d.ts';
import type { CronJob, Job } from 'kubernetes-types/batch/v1.d.ts';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type {
  Endpoints,
  Event,
  LimitRange,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ReplicationController,
  ResourceQuota,
  Service,
  ServiceAccount,
} from 'kubernetes-types/core/v1.d.ts';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts';
import type { Ingress, IngressClass, NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts';
import type { StorageClass, VolumeAttachment } from 'kubernetes-types/storage/v1.d.ts';
import type { KubernetesObject, ResourceName } from '#kubernetes/client';

/**
 * Objects as readers get them: in the newest version's shape, whichever the server has, without what
 * `projections` takes out. `kind` and `apiVersion` are not set: the name of the resource says it.
 */
export interface ClusterObjects extends Record<ResourceName, KubernetesObject> {
  pods: Pod;
  nodes: Node;
  services: Service;
  endpoints: Endpoints;
  endpointslices: EndpointSlice;
  namespaces: Namespace;
  /** Metadata only. */
  configmaps: KubernetesObject;
  /** Metadata only. */
  secrets: KubernetesObject;
  serviceaccounts: ServiceAccount;
  events: Event;
  persistentvolumeclaims: PersistentVolumeClaim;
  persistentvolumes: PersistentVolume;
  resourcequotas: ResourceQuota;
  limitranges: LimitRange;
  replicationcontrollers: ReplicationController;
  deployments: Deployment;
  replicasets: ReplicaSet;
  statefulsets: StatefulSet;
  daemonsets: DaemonSet;
  jobs: Job;
  cronjobs: CronJob;
  horizontalpodautoscalers: HorizontalPodAutoscaler;
  poddisruptionbudgets: PodDisruptionBudget;
  ingresses: Ingress;
  ingressclasses: IngressClass;
  networkpolicies: NetworkPolicy;
  storageclasses: StorageClass;
  volumeattachments: VolumeAttachment;
  leases: Lease;
  /** Without their schemas, which are most of them. */
  customresourcedefinitions: CustomResourceDefinition;
}

/** What is in their `data` is nobody's business here. */
export const metadataOnly: ReadonlySet<ResourceName> = new Set(['configmaps', 'secrets']);

/** Wherever the namespaces are limited, these are still asked for as a whole. */
export const clusterScoped: ReadonlySet<ResourceName> = new Set<ResourceName>([
  'nodes',
  'namespaces',
  'persistentvolumes',
  'storageclasses',
  'volumeattachments',
  'ingressclasses',
  'customresourcedefinitions',
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
  'certificatesigningrequests',
]);
