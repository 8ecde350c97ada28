import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ManualClock } from '#base';
import { labelsOfRecord, staleValue } from '#metrics/model';
import { openMemoryMetricStore, SampleBatch } from '#metrics/tsdb';
import { readVolumeUsage } from './volumes.ts';

it('readVolumeUsage() has the newest of each claim, and nothing of what has ended', async () => {
  const store = openMemoryMetricStore();
  const batch = new SampleBatch();
  const put = (
    name: string,
    claim: string,
    node: string,
    ...points: (readonly [number, number])[]
  ): void => {
    const labels = { namespace: 'shop', persistentvolumeclaim: claim, node };
    const ref = store.seriesRef(
      labelsOfRecord({ __name__: `kubelet_volume_stats_${name}`, ...labels }),
    );
    for (const [seconds, value] of points) batch.add(ref, seconds * 1000, value);
  };
  put('used_bytes', 'data', 'n1', [900, 10], [960, 20]);
  put('capacity_bytes', 'data', 'n1', [960, 100]);
  put('inodes_used', 'data', 'n1', [960, 7]);
  // It was mounted on another node before.
  put('used_bytes', 'data', 'n0', [840, 99]);
  put('used_bytes', 'gone', 'n1', [900, 5], [960, staleValue()]);
  put('used_bytes', 'old', 'n1', [100, 5]);
  await store.append(batch);
  const usage = await readVolumeUsage(
    store,
    new ManualClock(1_000_000),
    AbortSignal.timeout(60_000),
  );
  assert.deepEqual(
    [...usage],
    [['shop/data', { usedBytes: 20, capacityBytes: 100, inodesUsed: 7 }]],
  );
});
