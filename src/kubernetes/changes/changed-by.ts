import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.d.ts';
import { timeMsOf } from '#kubernetes/cluster';
import type { ChangedBy, ChangeKind } from './record.ts';

/** Managers that are parts of Kubernetes. */
const controllers =
  /^(kube-controller-manager|kube-scheduler|kubelet|kube-apiserver|cloud-controller-manager|GoogleContainerEngine)\b/;

/** Paths of the fields that each kind of change is about. */
const fieldsOf: Partial<Record<ChangeKind, readonly (readonly string[])[]>> = {
  scaling: [['f:spec', 'f:replicas']],
  rollout: [['f:spec', 'f:template'], ['f:spec']],
  autoscaler: [['f:spec']],
  schedule: [['f:spec']],
  node: [['f:spec', 'f:unschedulable']],
  config: [['f:data'], ['f:stringData'], ['f:binaryData'], []],
  created: [['f:spec']],
};

export const hasManager = (change: ChangeKind): boolean => fieldsOf[change] !== undefined;

/**
 * Who wrote the fields of a change last, as the API server keeps books of it. Undefined: it has
 * none.
 */
export function managerOf(
  change: ChangeKind,
  entries: readonly ManagedFieldsEntry[] | undefined,
): ChangedBy | undefined {
  for (const path of fieldsOf[change] ?? []) {
    let newest: ManagedFieldsEntry | undefined;
    for (const entry of entries ?? []) {
      if (!has(entry.fieldsV1, path)) continue;
      if (newest === undefined || timeOf(entry) > timeOf(newest)) newest = entry;
    }
    if (newest?.manager === undefined) continue;
    const { manager } = newest;
    return { manager, actor: controllers.test(manager) ? 'controller' : 'client' };
  }
  return undefined;
}

function has(fields: unknown, path: readonly string[]): boolean {
  let at = fields;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !(key in at)) return false;
    at = (at as Record<string, unknown>)[key];
  }
  return true;
}

const timeOf = ({ time }: ManagedFieldsEntry): number => timeMsOf(time) ?? 0;
