import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts';
import type { SharedInformer } from '#kubernetes/cluster';
import type { Trouble } from '../contract.ts';
import { missingObjects } from '../detect/causes.ts';

const claimKey = /^PersistentVolumeClaim\/([^/]*)\/(.+)$/;
const waits = new Set(['Unschedulable', 'PodPending']);
/** Of an event: the kubelet cannot give a volume to the pod, or a ConfigMap or Secret is not there. */
const mounts = /FailedMount|FailedAttachVolume|configmap|secret/i;

/** Claims of a pod that does not start which have no volume: all that wait for one have that in common. */
export function claimShares(
  { reason, dependsOn = [] }: Trouble,
  claims: Pick<SharedInformer<PersistentVolumeClaim>, 'store' | 'status'>,
): readonly string[] {
  // Not to be listed is not missing.
  if (!waits.has(reason) || claims.status().state !== 'synced') return [];
  return dependsOn.flatMap((key) => {
    const [, namespace = '', name = ''] = claimKey.exec(key) ?? [];
    if (name === '') return [];
    const phase = claims.store.get(namespace, name)?.status?.phase;
    return phase === 'Bound' ? [] : [`PersistentVolumeClaim ${namespace}/${name}`];
  });
}

/** Objects of the namespace that the events of a pod name as missing: several pods may want one. */
export const eventShares = (events: readonly string[], namespace: string): readonly string[] => [
  ...new Set(
    events
      .filter((event) => mounts.test(event))
      .flatMap((event) => missingObjects(event, namespace)),
  ),
];
