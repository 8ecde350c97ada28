import { type Clock, type Logger, type MetricsRegistry, silentLogger, systemClock } from '#base';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** The span of a first block, as in the reference: also what may be deleted at once by retention. */
export const blockRangeMs: number = 2 * hourMs;

export interface MemoryStoreOptions {
  /** How much later than the newest sample a sample out of order may come; default: any time. */
  readonly outOfOrderWindowMs?: number;
  /** How far ahead of the clock a sample may be; default: any time. */
  readonly maxAheadMs?: number;
  /** New series beyond so many are refused; default: none are. */
  readonly maxSeries?: number;
  readonly clock?: Clock;
}

export interface MetricStoreOptions {
  /** Folder of the store, made where it is missing. */
  readonly directory: string;
  /** Blocks older than this, against the newest, are deleted. Default: 15 d when no size is set. */
  readonly retentionMs?: number | undefined;
  /** Beyond so many bytes of log and blocks the oldest blocks are deleted. */
  readonly retentionBytes?: number | undefined;
  /**
   * How much later than the newest sample a sample out of order may come. Default 2 h: what an agent
   * sends that was cut off, or one of two agents that watch the same.
   */
  readonly outOfOrderWindowMs?: number;
  /** New series beyond so many are refused. Default 2,000,000. */
  readonly maxSeries?: number;
  /** How far ahead of the clock a sample may be. Default 10 min. */
  readonly maxAheadMs?: number;
  /** Samples are refused while the disk has less room than this. Default 256 MiB. */
  readonly reserveBytes?: number;
  /** Decompressed blocks kept in memory. Default 64 MiB. */
  readonly cacheBytes?: number;
  /** The log is written to the disk at least so often. Default 1 s. */
  readonly syncEveryMs?: number;
  /** Pause between two looks at what is to be done (cut, merge, delete); 0: only when asked. */
  readonly maintenanceEveryMs?: number;
  /** A checkpoint is made when the log has grown by so many bytes. Default 128 MiB. */
  readonly checkpointBytes?: number;
  /** Log bytes kept for those who follow it, beyond what a restart needs. Default 1 GiB. */
  readonly maxFollowBytes?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly metrics?: MetricsRegistry;
  /** Free bytes of the disk; tests have their own. */
  readonly diskFreeBytes?: (directory: string) => Promise<number>;
}

export interface Settings {
  readonly directory: string;
  readonly retentionMs: number | undefined;
  readonly retentionBytes: number | undefined;
  readonly outOfOrderWindowMs: number;
  readonly maxSeries: number;
  readonly maxAheadMs: number;
  readonly reserveBytes: number;
  readonly cacheBytes: number;
  readonly syncEveryMs: number;
  readonly maintenanceEveryMs: number;
  readonly checkpointBytes: number;
  readonly maxFollowBytes: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricsRegistry | undefined;
  readonly diskFreeBytes: ((directory: string) => Promise<number>) | undefined;
}

export function settingsOf(options: MetricStoreOptions): Settings {
  const { retentionMs, retentionBytes } = options;
  return {
    directory: options.directory,
    retentionMs: retentionMs ?? (retentionBytes === undefined ? 15 * 24 * hourMs : undefined),
    retentionBytes,
    outOfOrderWindowMs: options.outOfOrderWindowMs ?? 2 * hourMs,
    maxSeries: options.maxSeries ?? 2_000_000,
    maxAheadMs: options.maxAheadMs ?? 10 * minuteMs,
    reserveBytes: options.reserveBytes ?? 256 * 1024 * 1024,
    cacheBytes: options.cacheBytes ?? 64 * 1024 * 1024,
    syncEveryMs: options.syncEveryMs ?? 1000,
    maintenanceEveryMs: options.maintenanceEveryMs ?? 10_000,
    checkpointBytes: options.checkpointBytes ?? 128 * 1024 * 1024,
    maxFollowBytes: options.maxFollowBytes ?? 1024 ** 3,
    clock: options.clock ?? systemClock,
    log: (options.log ?? silentLogger).child('metrics/tsdb'),
    metrics: options.metrics,
    diskFreeBytes: options.diskFreeBytes,
  };
}
