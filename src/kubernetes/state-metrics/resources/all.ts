import type { Resource } from '../contract.ts';
import { horizontalPodAutoscalers } from './autoscaling.ts';
import {
  certificateSigningRequests,
  configMaps,
  leases,
  limitRanges,
  mutatingWebhookConfigurations,
  namespaces,
  podDisruptionBudgets,
  resourceQuotas,
  secrets,
  serviceAccounts,
  validatingWebhookConfigurations,
} from './cluster.ts';
import { cronJobs, jobs } from './jobs.ts';
import { endpointSlices, endpoints, ingresses, networkPolicies, services } from './networking.ts';
import { nodes } from './nodes.ts';
import { pods } from './pods.ts';
import {
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
  volumeAttachments,
} from './storage.ts';
import {
  daemonSets,
  deployments,
  replicaSets,
  replicationControllers,
  statefulSets,
} from './workloads.ts';

/** Every kind of objects that is told of, by its plural name. */
const list = [
  certificateSigningRequests,
  configMaps,
  cronJobs,
  daemonSets,
  deployments,
  endpoints,
  endpointSlices,
  horizontalPodAutoscalers,
  ingresses,
  jobs,
  leases,
  limitRanges,
  mutatingWebhookConfigurations,
  namespaces,
  networkPolicies,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  podDisruptionBudgets,
  pods,
  replicaSets,
  replicationControllers,
  resourceQuotas,
  secrets,
  serviceAccounts,
  services,
  statefulSets,
  storageClasses,
  validatingWebhookConfigurations,
  volumeAttachments,
];

export const resources: ReadonlyMap<string, Resource> = new Map(
  list.map((resource) => [resource.name, resource as unknown as Resource]),
);
