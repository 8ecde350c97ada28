import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.d.ts';
import type { ReplicationController } from 'kubernetes-types/core/v1.d.ts';
import type { Family, Resource } from '../contract.ts';
import {
  created,
  deletionTimestamp,
  emitStatus,
  gauge,
  generation,
  info,
  labelFamilies,
  namespaceAndName,
  owner,
  truth,
} from './common.ts';

/** Reasons of a deployment's conditions that are told by name; the text of others has no bound. */
const deploymentReasons = new Set([
  'ReplicaSetUpdated',
  'ReplicaSetCreateError',
  'NewReplicaSetCreated',
  'FoundNewReplicaSet',
  'NewReplicaSetAvailable',
  'ProgressDeadlineExceeded',
  'DeploymentPaused',
  'DeploymentResumed',
  'MinimumReplicasAvailable',
  'MinimumReplicasUnavailable',
]);

/** `25%` of the replicas, rounded up or down, or a number as it is. */
function scaled(
  value: number | string | undefined,
  replicas: number,
  isUp: boolean,
): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  if (percent === undefined) return undefined;
  const part = (Number(percent) * replicas) / 100;
  return isUp ? Math.ceil(part) : Math.floor(part);
}

const rollingUpdate = (
  name: string,
  help: string,
  which: 'maxUnavailable' | 'maxSurge',
): Family<Deployment> =>
  gauge(name, help, ({ spec }) => {
    const { strategy, replicas } = spec ?? {};
    if (strategy?.rollingUpdate === undefined || replicas === undefined) return undefined;
    return scaled(strategy.rollingUpdate[which], replicas, which === 'maxSurge');
  });

const deploymentConditions: Family<Deployment> = {
  name: 'kube_deployment_status_condition',
  help: 'Conditions of the deployment: one row of each is 1.',
  emit: ({ status }, add) => {
    for (const { type, status: state, reason = '' } of status?.conditions ?? []) {
      const known = deploymentReasons.has(reason) ? reason : 'unknown';
      emitStatus(state, add, 'status', ['reason', known, 'condition', type]);
    }
  },
};

const deploymentOwner: Family<Deployment> = {
  name: 'kube_deployment_owner',
  help: 'Who owns the deployment; empty labels where nobody does.',
  emit: ({ metadata }, add) => {
    const owners = metadata?.ownerReferences ?? [];
    if (owners.length === 0) add(1, ['owner_kind', '', 'owner_name', '']);
    for (const { kind, name } of owners) add(1, ['owner_kind', kind, 'owner_name', name]);
  },
};

interface Terminating {
  readonly status?: { readonly terminatingReplicas?: number };
}

const terminating = <T extends object>(prefix: string): Family<T> =>
  gauge(
    `${prefix}_status_terminating_replicas`,
    'Pods that are about to end.',
    (object) => (object as Terminating).status?.terminatingReplicas,
  );

export const deployments: Resource<Deployment> = {
  name: 'deployments',
  identity: ['namespace', 'deployment'],
  identify: namespaceAndName,
  families: (allowed) => [
    deploymentOwner,
    created('kube_deployment'),
    gauge(
      'kube_deployment_status_replicas',
      'Pods of the deployment.',
      ({ status }) => status?.replicas ?? 0,
    ),
    gauge(
      'kube_deployment_status_replicas_ready',
      'Pods that are ready.',
      ({ status }) => status?.readyReplicas ?? 0,
    ),
    gauge(
      'kube_deployment_status_replicas_available',
      'Pods that have been ready for long enough.',
      ({ status }) => status?.availableReplicas ?? 0,
    ),
    gauge(
      'kube_deployment_status_replicas_unavailable',
      'Pods that are wanted and not available.',
      ({ status }) => status?.unavailableReplicas ?? 0,
    ),
    gauge(
      'kube_deployment_status_replicas_updated',
      'Pods of the newest template.',
      ({ status }) => status?.updatedReplicas ?? 0,
    ),
    terminating('kube_deployment'),
    gauge(
      'kube_deployment_status_observed_generation',
      'The generation that the controller has seen.',
      ({ status }) => status?.observedGeneration ?? 0,
    ),
    deploymentConditions,
    gauge('kube_deployment_spec_replicas', 'Pods that are wanted.', ({ spec }) => spec?.replicas),
    gauge(
      'kube_deployment_spec_paused',
      'Whether the controller leaves the deployment alone.',
      ({ spec }) => truth(spec?.paused),
    ),
    rollingUpdate(
      'kube_deployment_spec_strategy_rollingupdate_max_unavailable',
      'Pods that may be missing during an update.',
      'maxUnavailable',
    ),
    rollingUpdate(
      'kube_deployment_spec_strategy_rollingupdate_max_surge',
      'Pods beyond the wanted ones during an update.',
      'maxSurge',
    ),
    generation('kube_deployment'),
    deletionTimestamp('kube_deployment'),
    ...labelFamilies<Deployment>('kube_deployment', allowed),
  ],
};

export const replicaSets: Resource<ReplicaSet> = {
  name: 'replicasets',
  identity: ['namespace', 'replicaset'],
  identify: namespaceAndName,
  families: (allowed) => [
    created('kube_replicaset'),
    gauge(
      'kube_replicaset_status_replicas',
      'Pods of the replica set.',
      ({ status }) => status?.replicas ?? 0,
    ),
    gauge(
      'kube_replicaset_status_fully_labeled_replicas',
      'Pods with all labels of the template.',
      ({ status }) => status?.fullyLabeledReplicas ?? 0,
    ),
    gauge(
      'kube_replicaset_status_ready_replicas',
      'Pods that are ready.',
      ({ status }) => status?.readyReplicas ?? 0,
    ),
    terminating('kube_replicaset'),
    gauge(
      'kube_replicaset_status_observed_generation',
      'The generation that the controller has seen.',
      ({ status }) => status?.observedGeneration ?? 0,
    ),
    gauge('kube_replicaset_spec_replicas', 'Pods that are wanted.', ({ spec }) => spec?.replicas),
    generation('kube_replicaset'),
    owner('kube_replicaset'),
    ...labelFamilies<ReplicaSet>('kube_replicaset', allowed),
  ],
};

const claimRetention: Family<StatefulSet> = {
  name: 'kube_statefulset_persistentvolumeclaim_retention_policy',
  help: 'What becomes of claims when the set is deleted or made smaller.',
  emit: ({ spec }, add) => {
    const { whenDeleted = '', whenScaled = '' } = spec?.persistentVolumeClaimRetentionPolicy ?? {};
    if (whenDeleted !== '' || whenScaled !== '')
      add(1, ['when_deleted', whenDeleted, 'when_scaled', whenScaled]);
  },
};

export const statefulSets: Resource<StatefulSet> = {
  name: 'statefulsets',
  identity: ['namespace', 'statefulset'],
  identify: namespaceAndName,
  families: (allowed) => [
    created('kube_statefulset'),
    gauge(
      'kube_statefulset_status_replicas',
      'Pods of the stateful set.',
      ({ status }) => status?.replicas ?? 0,
    ),
    gauge(
      'kube_statefulset_status_replicas_available',
      'Pods that have been ready for long enough.',
      ({ status }) => status?.availableReplicas ?? 0,
    ),
    gauge(
      'kube_statefulset_status_replicas_current',
      'Pods of the current revision.',
      ({ status }) => status?.currentReplicas ?? 0,
    ),
    gauge(
      'kube_statefulset_status_replicas_ready',
      'Pods that are ready.',
      ({ status }) => status?.readyReplicas ?? 0,
    ),
    gauge(
      'kube_statefulset_status_replicas_updated',
      'Pods of the newest revision.',
      ({ status }) => status?.updatedReplicas ?? 0,
    ),
    gauge(
      'kube_statefulset_status_observed_generation',
      'The generation that the controller has seen.',
      ({ status }) => status?.observedGeneration ?? 0,
    ),
    gauge('kube_statefulset_replicas', 'Pods that are wanted.', ({ spec }) => spec?.replicas),
    gauge('kube_statefulset_ordinals_start', 'Number of the first pod.', ({ spec }) =>
      spec?.ordinals === undefined ? undefined : (spec.ordinals.start ?? 0),
    ),
    generation('kube_statefulset'),
    claimRetention,
    ...labelFamilies<StatefulSet>('kube_statefulset', allowed),
    info(
      'kube_statefulset_status_current_revision',
      'The revision that is being replaced.',
      ({ status }) => ['revision', status?.currentRevision ?? ''],
    ),
    info(
      'kube_statefulset_status_update_revision',
      'The revision that is wanted.',
      ({ status }) => ['revision', status?.updateRevision ?? ''],
    ),
    deletionTimestamp('kube_statefulset'),
  ],
};

export const daemonSets: Resource<DaemonSet> = {
  name: 'daemonsets',
  identity: ['namespace', 'daemonset'],
  identify: namespaceAndName,
  families: (allowed) => [
    created('kube_daemonset'),
    gauge(
      'kube_daemonset_status_current_number_scheduled',
      'Nodes that run the pod and should.',
      ({ status }) => status?.currentNumberScheduled ?? 0,
    ),
    gauge(
      'kube_daemonset_status_desired_number_scheduled',
      'Nodes that should run the pod.',
      ({ status }) => status?.desiredNumberScheduled ?? 0,
    ),
    gauge(
      'kube_daemonset_status_number_available',
      'Nodes whose pod has been ready for long enough.',
      ({ status }) => status?.numberAvailable ?? 0,
    ),
    gauge(
      'kube_daemonset_status_number_misscheduled',
      'Nodes that run the pod and should not.',
      ({ status }) => status?.numberMisscheduled ?? 0,
    ),
    gauge(
      'kube_daemonset_status_number_ready',
      'Nodes whose pod is ready.',
      ({ status }) => status?.numberReady ?? 0,
    ),
    gauge(
      'kube_daemonset_status_number_unavailable',
      'Nodes that should run the pod and have none that is available.',
      ({ status }) => status?.numberUnavailable ?? 0,
    ),
    gauge(
      'kube_daemonset_status_observed_generation',
      'The generation that the controller has seen.',
      ({ status }) => status?.observedGeneration ?? 0,
    ),
    gauge(
      'kube_daemonset_status_updated_number_scheduled',
      'Nodes that run a pod of the newest template.',
      ({ status }) => status?.updatedNumberScheduled ?? 0,
    ),
    generation('kube_daemonset'),
    deletionTimestamp('kube_daemonset'),
    ...labelFamilies<DaemonSet>('kube_daemonset', allowed),
  ],
};

export const replicationControllers: Resource<ReplicationController> = {
  name: 'replicationcontrollers',
  identity: ['namespace', 'replicationcontroller'],
  identify: namespaceAndName,
  families: () => [
    created('kube_replicationcontroller'),
    gauge(
      'kube_replicationcontroller_status_replicas',
      'Pods of the controller.',
      ({ status }) => status?.replicas ?? 0,
    ),
    gauge(
      'kube_replicationcontroller_status_fully_labeled_replicas',
      'Pods with all labels of the template.',
      ({ status }) => status?.fullyLabeledReplicas ?? 0,
    ),
    gauge(
      'kube_replicationcontroller_status_ready_replicas',
      'Pods that are ready.',
      ({ status }) => status?.readyReplicas ?? 0,
    ),
    gauge(
      'kube_replicationcontroller_status_available_replicas',
      'Pods that have been ready for long enough.',
      ({ status }) => status?.availableReplicas ?? 0,
    ),
    gauge(
      'kube_replicationcontroller_status_observed_generation',
      'The generation that the controller has seen.',
      ({ status }) => status?.observedGeneration ?? 0,
    ),
    gauge(
      'kube_replicationcontroller_spec_replicas',
      'Pods that are wanted.',
      ({ spec }) => spec?.replicas,
    ),
    generation('kube_replicationcontroller'),
    owner('kube_replicationcontroller'),
  ],
};
