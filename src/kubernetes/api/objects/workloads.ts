import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts';
import type { OwnerReference } from 'kubernetes-types/meta/v1.d.ts';
import { type ClusterObjects, timeMsOf } from '#kubernetes/cluster';
import type { Health, PodRow, WorkloadRow } from './wire.ts';

/** What a kind of workload says of itself; the rest comes from its pods. */
export type WorkloadState = Pick<
  WorkloadRow,
  'health' | 'reason' | 'desired' | 'ready' | 'available' | 'updated'
> & { readonly template: PodTemplateSpec | undefined };

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

type Objects = ClusterObjects;

/** By kind; the order in which lists of kinds are shown. */
export const workloadKinds = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Job',
  'ReplicaSet',
  'ReplicationController',
  'Pod',
] as const;

export function deploymentState({ spec, status }: Objects['deployments']): WorkloadState {
  const desired = spec?.replicas ?? 1;
  const counts = {
    desired,
    ready: status?.readyReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
    updated: status?.updatedReplicas ?? 0,
  };
  const stuck = failedCondition(status?.conditions, [
    ['Progressing', 'False'],
    ['ReplicaFailure', 'True'],
  ]);
  return { ...counts, ...healthOf(counts, stuck), template: spec?.template };
}

export function statefulSetState({ spec, status }: Objects['statefulsets']): WorkloadState {
  const desired = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  const isSame = status?.currentRevision === status?.updateRevision;
  const counts = {
    desired,
    ready,
    available: (status as { availableReplicas?: number } | undefined)?.availableReplicas ?? ready,
    updated: isSame ? (status?.replicas ?? 0) : (status?.updatedReplicas ?? 0),
  };
  return { ...counts, ...healthOf(counts, undefined), template: spec?.template };
}

export function daemonSetState({ spec, status }: Objects['daemonsets']): WorkloadState {
  const counts = {
    desired: status?.desiredNumberScheduled ?? 0,
    ready: status?.numberReady ?? 0,
    available: status?.numberAvailable ?? 0,
    updated: status?.updatedNumberScheduled ?? 0,
  };
  return { ...counts, ...healthOf(counts, undefined), template: spec?.template };
}

export function replicaSetState({
  spec,
  status,
}: Objects['replicasets'] | Objects['replicationcontrollers']): WorkloadState {
  const desired = spec?.replicas ?? 1;
  const counts = {
    desired,
    ready: status?.readyReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
    updated: status?.replicas ?? 0,
  };
  const stuck = failedCondition(status?.conditions, [['ReplicaFailure', 'True']]);
  return { ...counts, ...healthOf(counts, stuck), template: spec?.template };
}

export function jobState({ spec, status }: Objects['jobs']): WorkloadState {
  const desired = spec?.completions ?? spec?.parallelism ?? 1;
  const done = status?.succeeded ?? 0;
  const failed = failedCondition(status?.conditions, [['Failed', 'True']]);
  const isComplete = status?.conditions?.some((one) => one.type === 'Complete') ?? false;
  const health: Health = failed !== undefined ? 'degraded' : isComplete ? 'idle' : 'progressing';
  return {
    desired,
    ready: done,
    available: done,
    updated: done,
    health,
    reason: failed,
    template: spec?.template,
  };
}

/**
 * What a cron job says of itself does not tell how its runs went.
 * @param jobs those that it has made and that are still there
 */
export function cronJobState(
  { spec, status }: Objects['cronjobs'],
  jobs: readonly Objects['jobs'][],
): WorkloadState {
  const active = status?.active?.length ?? 0;
  const began = (job: Objects['jobs']): number => timeMsOf(job.metadata?.creationTimestamp) ?? 0;
  const newest = jobs.reduce<Objects['jobs'] | undefined>(
    (last, job) => (last === undefined || began(job) >= began(last) ? job : last),
    undefined,
  );
  const failed = failedCondition(newest?.status?.conditions, [['Failed', 'True']]);
  const withPods = jobs.filter((job) => (job.status?.active ?? 0) > 0).length;
  // Where jobs may not be read, none is known.
  const ready = newest === undefined ? active : Math.min(active, withPods);
  const counts = { desired: active, ready, updated: active };
  const { health, reason } = healthOf(counts, failed);
  return {
    ...counts,
    available: ready,
    health,
    reason: reason ?? (spec?.suspend === true ? 'Suspended' : undefined),
    template: spec?.jobTemplate.spec?.template,
  };
}

function healthOf(
  { desired, ready, updated }: { desired: number; ready: number; updated: number },
  stuck: string | undefined,
): { health: Health; reason: string | undefined } {
  if (stuck !== undefined) return { health: 'degraded', reason: stuck };
  if (desired === 0) return { health: 'idle', reason: undefined };
  if (ready >= desired && updated >= desired) return { health: 'healthy', reason: undefined };
  return { health: 'progressing', reason: undefined };
}

function failedCondition(
  conditions: readonly Condition[] | undefined,
  bad: readonly (readonly [type: string, status: string])[],
): string | undefined {
  for (const [type, status] of bad) {
    const found = conditions?.find((one) => one.type === type && one.status === status);
    if (found !== undefined) return found.message ?? found.reason ?? type;
  }
  return undefined;
}

/** A workload whose pods are summed into it one after the other. */
export function workloadRow(
  kind: string,
  { metadata }: { metadata?: Objects['deployments']['metadata'] },
  { template, ...state }: WorkloadState,
): WorkloadRow {
  return {
    kind,
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    ...state,
    pods: 0,
    restarts: 0,
    images: [...new Set(template?.spec?.containers.flatMap(({ image }) => image ?? []))],
    createdAt: timeMsOf(metadata?.creationTimestamp) ?? 0,
  };
}

/** Troubles of pods are troubles of what made them, unless it is busy replacing them. */
export function addPod(row: WorkloadRow, pod: PodRow): void {
  row.pods++;
  row.restarts += pod.restarts;
  const { lastRestartAt } = pod;
  if (lastRestartAt !== undefined) {
    row.lastRestartAt = Math.max(row.lastRestartAt ?? 0, lastRestartAt);
  }
  addAmounts(row, pod);
  const isLacking = row.ready < row.desired;
  if (pod.health !== 'degraded' || !isLacking || row.health === 'idle') return;
  row.health = 'degraded';
  row.reason ??= `${pod.name}: ${pod.status}`;
}

const amounts = [
  'cpuCores',
  'memoryBytes',
  'cpuRequestCores',
  'cpuLimitCores',
  'memoryRequestBytes',
  'memoryLimitBytes',
] as const;

type Amounts = Partial<Record<(typeof amounts)[number], number | undefined>>;

/** What is not known stays so until something is. */
export function addAmounts(to: Amounts, from: Amounts): void {
  for (const key of amounts) {
    const value = from[key];
    if (value !== undefined) to[key] = (to[key] ?? 0) + value;
  }
}

/** A pod that nobody made is its own workload. */
export function barePodRow(pod: PodRow): WorkloadRow {
  const isReady = pod.containers.length > 0 && pod.health === 'healthy';
  const ready = isReady ? 1 : 0;
  return {
    kind: 'Pod',
    namespace: pod.namespace,
    name: pod.name,
    uid: pod.uid,
    health: pod.health,
    reason: pod.health === 'degraded' ? pod.status : undefined,
    desired: 1,
    ready,
    available: ready,
    updated: 1,
    pods: 0,
    restarts: 0,
    images: [...new Set(pod.containers.map(({ image }) => image))],
    createdAt: pod.createdAt,
  };
}

export const isControlled = (references: readonly OwnerReference[] | undefined): boolean =>
  references?.some(({ controller }) => controller === true) ?? false;
