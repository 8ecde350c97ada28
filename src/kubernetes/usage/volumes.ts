import type { Clock } from '#base';
import { labelMatcher, labelValue, type Queryable, SampleColumns } from '#metrics/model';

/** Of a volume's file system, as the kubelet of its pod sees it. */
export interface VolumeUsage {
  capacityBytes?: number;
  usedBytes?: number;
  availableBytes?: number;
  inodes?: number;
  inodesUsed?: number;
}

/** Kubelets look at volumes once a minute or less. */
const maxAgeMs = 5 * 60_000;

const families = {
  kubelet_volume_stats_capacity_bytes: 'capacityBytes',
  kubelet_volume_stats_used_bytes: 'usedBytes',
  kubelet_volume_stats_available_bytes: 'availableBytes',
  kubelet_volume_stats_inodes: 'inodes',
  kubelet_volume_stats_inodes_used: 'inodesUsed',
} as const satisfies Readonly<Record<string, keyof VolumeUsage>>;

/**
 * Usage by `namespace/claim`, the newest of what kubelets tell.
 * @throws what the store throws; what the signal aborts with
 */
export async function readVolumeUsage(
  store: Queryable,
  clock: Clock,
  signal: AbortSignal,
): Promise<Map<string, VolumeUsage>> {
  const nowMs = clock.nowMs();
  const found = new Map<string, VolumeUsage>();
  const columns = new SampleColumns();
  for (const [name, key] of Object.entries(families)) {
    const request = {
      matchers: [labelMatcher('__name__', '=', name)],
      fromMs: nowMs - maxAgeMs,
      toMs: nowMs,
    };
    const newestMs = new Map<string, number>();
    using selection = await store.select(request, signal);
    for (let index = 0; index < selection.count; index++) {
      selection.read(index, columns);
      const last = columns.count - 1;
      const value = columns.values[last];
      // The marker of a series that has ended is no number.
      if (last < 0 || value === undefined || Number.isNaN(value)) continue;
      const labels = selection.labels(index);
      const claim = `${labelValue(labels, 'namespace')}/${labelValue(labels, 'persistentvolumeclaim')}`;
      const timeMs = columns.timesMs[last] ?? 0;
      // A claim that has moved is told of by two nodes for a while.
      if ((newestMs.get(claim) ?? 0) > timeMs) continue;
      newestMs.set(claim, timeMs);
      const usage = found.get(claim) ?? {};
      usage[key] = value;
      found.set(claim, usage);
    }
  }
  return found;
}
