import type { ReplicaSet } from 'kubernetes-types/apps/v1.d.ts';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { Namespace, Node, Pod, Service } from 'kubernetes-types/core/v1.d.ts';
import type { ObjectStore } from '#kubernetes/client';
import type { TargetGroup } from '#metrics/discovery';
import { addLabelsAndAnnotations, addObject, type LabelSet } from '../labels.ts';

/** The objects beside a role's own that labels are taken from; absent: not asked for. */
export interface Neighbours {
  readonly pods?: ObjectStore<Pod> | undefined;
  readonly services?: ObjectStore<Service> | undefined;
  readonly nodes?: ObjectStore<Node> | undefined;
  readonly namespaces?: ObjectStore<Namespace> | undefined;
  readonly replicaSets?: ObjectStore<ReplicaSet> | undefined;
  readonly jobs?: ObjectStore<Job> | undefined;
  readonly attach: {
    readonly deployment: boolean;
    readonly job: boolean;
    readonly cronjob: boolean;
  };
}

/** The targets of one object; undefined: none, as if it were not there. */
export type Build<T> = (
  object: T,
  neighbours: Neighbours,
) => Omit<TargetGroup, 'source'> | undefined;

export const nothing: Omit<TargetGroup, 'source'> = { targets: [], labels: {} };

export function addNode(to: LabelSet, { nodes }: Neighbours, name: string | undefined): void {
  if (nodes === undefined || name === undefined) return;
  const node = nodes.get(undefined, name);
  if (node !== undefined) addObject(to, 'node', node.metadata);
}

export function addNamespace(to: LabelSet, { namespaces }: Neighbours, name = ''): void {
  addLabelsAndAnnotations(to, 'namespace', namespaces?.get(undefined, name)?.metadata);
}
