import type { MetricsRegistry } from '#base';
import type { BlockRegistry } from './block/registry.ts';
import type { StoreCore } from './core.ts';
import type { Maintenance } from './maintenance.ts';
import type { ReplayState } from './wal/replay-state.ts';

export interface MeasuredParts {
  readonly core: StoreCore;
  readonly blocks: BlockRegistry;
  readonly maintenance: Maintenance;
  readonly replay: ReplayState;
  diskBytes(): number;
  logBytes(): number;
  corruptions(): number;
  checkpoints(): number;
  outOfOrderRejected(): number;
}

/** Names of the reference where dashboards ask for them, ours for the rest. */
export function collectStoreMetrics(metrics: MetricsRegistry, parts: MeasuredParts): void {
  const { core, blocks, maintenance, replay } = parts;
  const { head } = core;
  const one = (
    name: string,
    help: string,
    kind: 'counter' | 'gauge',
    value: () => number | undefined,
  ): void =>
    metrics.collected(name, help, kind, () => {
      const now = value();
      return now === undefined ? [] : [{ value: now }];
    });
  one('prometheus_tsdb_head_series', 'Series in the head.', 'gauge', () => head.table.count);
  one('prometheus_tsdb_head_chunks', 'Chunks in the head.', 'gauge', () => core.headStats().chunks);
  one(
    'prometheus_tsdb_head_samples_appended_total',
    'Samples appended.',
    'counter',
    () => head.appended,
  );
  one(
    'prometheus_tsdb_head_out_of_order_samples_appended_total',
    'Samples appended out of order.',
    'counter',
    () => head.lateAppended,
  );
  one(
    'prometheus_tsdb_head_series_created_total',
    'Series created in the head.',
    'counter',
    () => core.seriesCreated,
  );
  one(
    'prometheus_tsdb_head_series_removed_total',
    'Series removed from the head.',
    'counter',
    () => maintenance.seriesRemoved,
  );
  one('prometheus_tsdb_head_min_time', 'Oldest time in the head, ms.', 'gauge', () =>
    Number.isFinite(head.oldestMs) ? head.oldestMs : undefined,
  );
  one('prometheus_tsdb_head_max_time', 'Newest time in the head, ms.', 'gauge', () =>
    Number.isFinite(head.maxTimeMs) ? head.maxTimeMs : undefined,
  );
  one('prometheus_tsdb_blocks_loaded', 'Blocks that are served.', 'gauge', () => blocks.all.length);
  one(
    'prometheus_tsdb_compactions_total',
    'Cuts and merges.',
    'counter',
    () => maintenance.compactions,
  );
  one(
    'prometheus_tsdb_compactions_failed_total',
    'Cuts and merges that failed.',
    'counter',
    () => maintenance.compactionsFailed,
  );
  one(
    'prometheus_tsdb_reloads_failures_total',
    'Blocks that could not be served.',
    'counter',
    () => blocks.setAside,
  );
  one(
    'prometheus_tsdb_wal_corruptions_total',
    'Damaged places found in log and checkpoint.',
    'counter',
    parts.corruptions,
  );
  one(
    'prometheus_tsdb_checkpoint_creations_total',
    'Checkpoints of the head.',
    'counter',
    parts.checkpoints,
  );
  one('prometheus_tsdb_storage_blocks_bytes', 'Bytes of all blocks.', 'gauge', () => blocks.bytes);
  one('prometheus_tsdb_wal_storage_size_bytes', 'Bytes of the log.', 'gauge', parts.logBytes);
  one('nunchi_metrics_store_disk_bytes', 'All bytes on disk.', 'gauge', parts.diskBytes);
  one(
    'nunchi_metrics_store_head_bytes',
    'Memory for the samples of the head.',
    'gauge',
    () => head.sampleBytes,
  );
  one(
    'prometheus_tsdb_data_replay_duration_seconds',
    'Time that loading what is on disk took, or has taken so far.',
    'gauge',
    () => replay.tookMs / 1000,
  );
  one(
    'nunchi_metrics_store_replay_segments',
    'Segments of the log that the start replays.',
    'gauge',
    () => replay.segments,
  );
  one(
    'nunchi_metrics_store_replay_segments_done',
    'Segments of the log that the start has replayed.',
    'gauge',
    () => replay.segmentsDone,
  );
  one(
    'nunchi_metrics_store_index_bytes',
    'Memory for the labels of the head, their index and the columns of its series.',
    'gauge',
    () => head.table.memoryBytes,
  );
  one(
    'nunchi_metrics_store_series_refused_total',
    'Series refused because the limit is reached.',
    'counter',
    () => core.seriesRefused,
  );
  one(
    'nunchi_metrics_store_samples_rejected_total',
    'Samples refused: out of order, out of bounds, too old, or another value for a known time.',
    'counter',
    parts.outOfOrderRejected,
  );
  one(
    'nunchi_metrics_store_cache_bytes',
    'Decompressed groups of blocks.',
    'gauge',
    () => blocks.cache.bytes,
  );
}
