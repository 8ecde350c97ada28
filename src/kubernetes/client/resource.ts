import type { ResourceType } from './contract.ts';

const core = (resource: string, namespaced = true): ResourceType => ({
  group: '',
  version: 'v1',
  resource,
  namespaced,
});

const of = (group: string, version: string, resource: string, namespaced = true): ResourceType => ({
  group,
  version,
  resource,
  namespaced,
});

/** Plural name of a resource that Nunchi reads. */
export type ResourceName =
  | 'pods'
  | 'nodes'
  | 'services'
  | 'endpoints'
  | 'endpointslices'
  | 'namespaces'
  | 'configmaps'
  | 'secrets'
  | 'serviceaccounts'
  | 'events'
  | 'persistentvolumeclaims'
  | 'persistentvolumes'
  | 'resourcequotas'
  | 'limitranges'
  | 'replicationcontrollers'
  | 'deployments'
  | 'replicasets'
  | 'statefulsets'
  | 'daemonsets'
  | 'jobs'
  | 'cronjobs'
  | 'horizontalpodautoscalers'
  | 'poddisruptionbudgets'
  | 'ingresses'
  | 'ingressclasses'
  | 'networkpolicies'
  | 'storageclasses'
  | 'volumeattachments'
  | 'leases'
  | 'customresourcedefinitions'
  | 'mutatingwebhookconfigurations'
  | 'validatingwebhookconfigurations'
  | 'certificatesigningrequests';

/** The first is the preferred one. */
export type ResourceVersions = readonly [ResourceType, ...ResourceType[]];

/**
 * Resources that Nunchi reads, with the versions in the order of preference: servers from 1.20 on
 * serve at least one of each. `ApiDiscovery.find` says which.
 */
export const resources: Readonly<Record<ResourceName, ResourceVersions>> = {
  pods: [core('pods')],
  nodes: [core('nodes', false)],
  services: [core('services')],
  endpoints: [core('endpoints')],
  endpointslices: [
    of('discovery.k8s.io', 'v1', 'endpointslices'),
    of('discovery.k8s.io', 'v1beta1', 'endpointslices'),
  ],
  namespaces: [core('namespaces', false)],
  configmaps: [core('configmaps')],
  secrets: [core('secrets')],
  serviceaccounts: [core('serviceaccounts')],
  events: [core('events')],
  persistentvolumeclaims: [core('persistentvolumeclaims')],
  persistentvolumes: [core('persistentvolumes', false)],
  resourcequotas: [core('resourcequotas')],
  limitranges: [core('limitranges')],
  replicationcontrollers: [core('replicationcontrollers')],
  deployments: [of('apps', 'v1', 'deployments')],
  replicasets: [of('apps', 'v1', 'replicasets')],
  statefulsets: [of('apps', 'v1', 'statefulsets')],
  daemonsets: [of('apps', 'v1', 'daemonsets')],
  jobs: [of('batch', 'v1', 'jobs')],
  cronjobs: [of('batch', 'v1', 'cronjobs'), of('batch', 'v1beta1', 'cronjobs')],
  horizontalpodautoscalers: [
    of('autoscaling', 'v2', 'horizontalpodautoscalers'),
    of('autoscaling', 'v2beta2', 'horizontalpodautoscalers'),
    of('autoscaling', 'v1', 'horizontalpodautoscalers'),
  ],
  poddisruptionbudgets: [
    of('policy', 'v1', 'poddisruptionbudgets'),
    of('policy', 'v1beta1', 'poddisruptionbudgets'),
  ],
  ingresses: [
    of('networking.k8s.io', 'v1', 'ingresses'),
    of('networking.k8s.io', 'v1beta1', 'ingresses'),
    of('extensions', 'v1beta1', 'ingresses'),
  ],
  ingressclasses: [
    of('networking.k8s.io', 'v1', 'ingressclasses', false),
    of('networking.k8s.io', 'v1beta1', 'ingressclasses', false),
  ],
  networkpolicies: [of('networking.k8s.io', 'v1', 'networkpolicies')],
  storageclasses: [of('storage.k8s.io', 'v1', 'storageclasses', false)],
  volumeattachments: [of('storage.k8s.io', 'v1', 'volumeattachments', false)],
  leases: [of('coordination.k8s.io', 'v1', 'leases')],
  customresourcedefinitions: [
    of('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', false),
    of('apiextensions.k8s.io', 'v1beta1', 'customresourcedefinitions', false),
  ],
  mutatingwebhookconfigurations: [
    of('admissionregistration.k8s.io', 'v1', 'mutatingwebhookconfigurations', false),
  ],
  validatingwebhookconfigurations: [
    of('admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations', false),
  ],
  certificatesigningrequests: [
    of('certificates.k8s.io', 'v1', 'certificatesigningrequests', false),
  ],
};

/** `/api/v1` or `/apis/GROUP/VERSION`. */
export function groupVersionPath({
  group,
  version,
}: Pick<ResourceType, 'group' | 'version'>): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** Path of a collection, of all namespaces where `namespace` is undefined, or of one object. */
export function resourcePath(
  type: ResourceType,
  at: {
    readonly namespace?: string | undefined;
    readonly name?: string | undefined;
    readonly subresource?: string | undefined;
  } = {},
): string {
  const parts = [groupVersionPath(type)];
  if (type.namespaced && at.namespace !== undefined) {
    parts.push('namespaces', encodeURIComponent(at.namespace));
  }
  parts.push(type.resource);
  if (at.name !== undefined) parts.push(encodeURIComponent(at.name));
  if (at.subresource !== undefined) parts.push(at.subresource);
  return parts.join('/');
}

/** `pods`, `deployments.apps`: as kubectl and RBAC messages name it. */
export function resourceLabel({ group, resource }: ResourceType): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** `v1`, `apps/v1`: the `apiVersion` of its objects. */
export function apiVersionOf({ group, version }: Pick<ResourceType, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}
