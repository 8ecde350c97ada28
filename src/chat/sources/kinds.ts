import { type ResourceName, resources } from '#kubernetes/client';
import { pluralKind } from '../executors/kubectl-verbs.ts';

/** A kind of objects as configurations name it, and as it is mirrored. */
export interface WatchedKind {
  /** `v1/pods`, `apps/v1/deployments`. */
  readonly resource: string;
  readonly apiVersion: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Undefined: the objects say it. */
  readonly kind: string | undefined;
  /** One that Nunchi mirrors for others too. */
  readonly known: ResourceName | undefined;
}

const kindNames: Readonly<Record<string, string>> = {
  pods: 'Pod',
  nodes: 'Node',
  services: 'Service',
  endpoints: 'Endpoints',
  endpointslices: 'EndpointSlice',
  namespaces: 'Namespace',
  configmaps: 'ConfigMap',
  secrets: 'Secret',
  serviceaccounts: 'ServiceAccount',
  persistentvolumeclaims: 'PersistentVolumeClaim',
  persistentvolumes: 'PersistentVolume',
  resourcequotas: 'ResourceQuota',
  limitranges: 'LimitRange',
  replicationcontrollers: 'ReplicationController',
  deployments: 'Deployment',
  replicasets: 'ReplicaSet',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
  jobs: 'Job',
  cronjobs: 'CronJob',
  horizontalpodautoscalers: 'HorizontalPodAutoscaler',
  poddisruptionbudgets: 'PodDisruptionBudget',
  ingresses: 'Ingress',
  ingressclasses: 'IngressClass',
  networkpolicies: 'NetworkPolicy',
  storageclasses: 'StorageClass',
  volumeattachments: 'VolumeAttachment',
  leases: 'Lease',
  customresourcedefinitions: 'CustomResourceDefinition',
  roles: 'Role',
  rolebindings: 'RoleBinding',
  clusterroles: 'ClusterRole',
  clusterrolebindings: 'ClusterRoleBinding',
};

/** Undefined: it is no `version/plural` or `group/version/plural`. */
export function watchedKind(resource: string): WatchedKind | undefined {
  const parts = resource.split('/');
  if (parts.length < 2 || parts.length > 3 || parts.includes('')) return undefined;
  const plural = parts.at(-1)!;
  const version = parts.at(-2)!;
  const group = parts.length === 3 ? parts[0]! : '';
  const known = Object.hasOwn(resources, plural) ? (plural as ResourceName) : undefined;
  const isKnown = known !== undefined && resources[known].some((one) => one.group === group);
  return {
    ...{ resource, group, version, plural },
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind: kindNames[plural],
    known: isKnown ? known : undefined,
  };
}

/** What an object of an event is called in a configuration: `apps/v1`, `Deployment` -> `apps/v1/deployments`. */
export const resourceOf = (apiVersion: string, kind: string): string =>
  `${apiVersion === '' ? 'v1' : apiVersion}/${pluralKind(kind)}`;
