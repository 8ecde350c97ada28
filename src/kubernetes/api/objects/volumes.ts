import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts';
import { quantityUnits, timeMsOf } from '#kubernetes/cluster';
import type { VolumeUsage } from '#kubernetes/usage';
import type { VolumeRow } from './wire.ts';

/** A claim with what the kubelet of its pod sees of its file system. */
export function volumeRow(
  claim: PersistentVolumeClaim,
  usage: VolumeUsage | undefined,
  pods: readonly string[],
): VolumeRow {
  const { metadata = {}, spec, status } = claim;
  const capacityBytes = usage?.capacityBytes ?? bytesOf(status?.capacity?.['storage']);
  const usedBytes = usage?.usedBytes;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    phase: status?.phase ?? 'Unknown',
    storageClass: spec?.storageClassName,
    volume: spec?.volumeName,
    accessModes: [...(status?.accessModes ?? spec?.accessModes ?? [])],
    requestBytes: bytesOf(spec?.resources?.requests?.['storage']),
    capacityBytes,
    usedBytes,
    availableBytes: usage?.availableBytes,
    usedRatio:
      usedBytes === undefined || capacityBytes === undefined || capacityBytes === 0
        ? undefined
        : usedBytes / capacityBytes,
    inodes: usage?.inodes,
    inodesUsed: usage?.inodesUsed,
    pods: [...pods],
    createdAt: timeMsOf(metadata.creationTimestamp) ?? 0,
  };
}

function bytesOf(text: unknown): number | undefined {
  try {
    return text === undefined ? undefined : quantityUnits(String(text));
  } catch {
    return undefined;
  }
}

/** Names of pods by the claims that they mount, as `namespace/claim`. */
export function podsByClaim(pods: Iterable<Pod>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { metadata, spec } of pods) {
    const pod = metadata?.name ?? '';
    for (const { name, persistentVolumeClaim, ephemeral } of spec?.volumes ?? []) {
      // A claim that is made for a pod is named after both.
      const claim =
        persistentVolumeClaim?.claimName ??
        (ephemeral === undefined ? undefined : `${pod}-${name}`);
      if (claim === undefined) continue;
      const key = `${metadata?.namespace}/${claim}`;
      const names = found.get(key);
      if (names === undefined) found.set(key, [pod]);
      else names.push(pod);
    }
  }
  return found;
}
