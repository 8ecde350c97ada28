import { availableParallelism } from 'node:os';
import { type Clock, type Logger, MetricsRegistry, silentLogger, systemClock } from '#base';

export interface LogStoreOptions {
  /** The store's own folder; made when missing. One process at a time. */
  readonly directory: string;
  /** Retention of groups that are made without one of their own, days. Default: for ever. */
  readonly retentionDays?: number;
  /** Oldest segments go when the store is larger. Default: no limit. */
  readonly maxDiskBytes?: number;
  /** Appends are refused while the disk has less room than this. Default 256 MiB. */
  readonly reserveBytes?: number;
  /** Unsealed rows kept in memory before they become segments. Default 64 MiB. */
  readonly freshBytes?: number;
  /** Unsealed rows become segments after this time, ms. Default 10 minutes. */
  readonly sealAfterMs?: number;
  /** What queries may use before they spill. Default 1 GiB. */
  readonly queryMemoryBytes?: number;
  /** Threads of the query engine. Default: one per core. */
  readonly queryThreads?: number;
  /** Scans at once; others wait. Default 8. */
  readonly maxRunningQueries?: number;
  /** Level of zstd for segments, 1 to 19. Default 3. */
  readonly compressionLevel?: number;
  /** How often expiry, merging and sealing by age are looked at, ms. Default 5 s; 0: never. */
  readonly maintenanceEveryMs?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly metrics?: MetricsRegistry;
  /** Free bytes of the disk that holds `directory`; for tests. */
  readonly diskFreeBytes?: (directory: string) => Promise<number>;
}

export type Settings = Required<
  Omit<LogStoreOptions, 'retentionDays' | 'maxDiskBytes' | 'diskFreeBytes'>
> & {
  readonly retentionDays: number | undefined;
  readonly maxDiskBytes: number | undefined;
  readonly diskFreeBytes: ((directory: string) => Promise<number>) | undefined;
};

export function settingsOf(options: LogStoreOptions): Settings {
  return {
    directory: options.directory,
    retentionDays: options.retentionDays,
    maxDiskBytes: options.maxDiskBytes,
    reserveBytes: options.reserveBytes ?? 256 * 1024 * 1024,
    freshBytes: options.freshBytes ?? 64 * 1024 * 1024,
    sealAfterMs: options.sealAfterMs ?? 600_000,
    queryMemoryBytes: options.queryMemoryBytes ?? 1024 * 1024 * 1024,
    queryThreads: options.queryThreads ?? availableParallelism(),
    maxRunningQueries: options.maxRunningQueries ?? 8,
    compressionLevel: options.compressionLevel ?? 3,
    maintenanceEveryMs: options.maintenanceEveryMs ?? 5000,
    clock: options.clock ?? systemClock,
    log: (options.log ?? silentLogger).child('logs/store'),
    metrics: options.metrics ?? new MetricsRegistry(),
    diskFreeBytes: options.diskFreeBytes,
  };
}
