/**
 * What kinds of changes there are.
 *
 * - `rollout`: a workload has a new template of pods
 * - `scaling`: other replicas are wanted
 * - `autoscaler`: the limits or targets of a HorizontalPodAutoscaler are others
 * - `config`: a ConfigMap or Secret was written
 * - `release`: Helm has installed, upgraded or rolled back
 * - `node`: a node came, went, was cordoned, has another condition or version
 * - `restart`: a container ended and was started again
 * - `eviction`: a pod was evicted or preempted
 * - `failure`: a pod ended and is not started again
 * - `created`, `deleted`: a workload
 * - `schedule`: a CronJob has another schedule, or was suspended
 */
export const changeKinds = [
  'rollout',
  'scaling',
  'autoscaler',
  'config',
  'release',
  'node',
  'restart',
  'eviction',
  'failure',
  'created',
  'deleted',
  'schedule',
] as const;

export type ChangeKind = (typeof changeKinds)[number];

export type Severity = 'info' | 'warning' | 'error';

/** Who made a change, as far as the API server tells. */
export interface ChangedBy {
  /** Name of the field manager: `kubectl-client-side-apply`, `helm`, `kube-controller-manager`… */
  manager?: string | undefined;
  /** `autoscaler`: a HorizontalPodAutoscaler; `controller`: another part of Kubernetes. */
  actor: 'autoscaler' | 'controller' | 'client';
  /** Of the autoscaler. */
  name?: string | undefined;
}

export interface ChangedObject {
  kind: string;
  namespace?: string | undefined;
  name: string;
  uid: string;
}

/** A change as the log store keeps it, as JSON. */
export interface ChangeRecord {
  /** Equal for the same change, whoever sees it when. */
  id: string;
  change: ChangeKind;
  severity: Severity;
  /** In English, for a line of a list. */
  message: string;
  object: ChangedObject;
  /** What the object belongs to, from the nearest to the last. */
  owners: { kind: string; name: string }[];
  /** The last of them; of what nobody owns the object itself. */
  workload: { kind: string; name: string };
  before?: Record<string, unknown> | undefined;
  after?: Record<string, unknown> | undefined;
  by?: ChangedBy | undefined;
  /** Seen only after a time without watching: it has happened before the record's time. */
  late?: boolean | undefined;
  /** Writes that this record stands for, where it is not one. */
  times?: number | undefined;
}

/** Undefined: it is none of ours. */
export function parseChangeRecord(message: string): ChangeRecord | undefined {
  try {
    const value = JSON.parse(message) as Partial<ChangeRecord> | null;
    const isRecord =
      typeof value?.id === 'string' &&
      typeof value.change === 'string' &&
      typeof value.object === 'object';
    return isRecord ? (value as ChangeRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Log group of a cluster's changes. */
export const changesLogGroup = (clusterName: string): string => `/nunchi/${clusterName}/changes`;
