/** What a cgroup says of itself; undefined: it does not. Bytes and seconds. */
export interface CgroupStats {
  readonly cpu?: {
    readonly usageSeconds: number;
    readonly userSeconds?: number;
    readonly systemSeconds?: number;
    /** Only where a quota is set. */
    readonly throttling?: {
      readonly periods: number;
      readonly throttledPeriods: number;
      readonly throttledSeconds: number;
    };
  };
  readonly memory?: {
    readonly usageBytes: number;
    readonly workingSetBytes: number;
    readonly rssBytes?: number;
    readonly cacheBytes?: number;
    readonly mappedFileBytes?: number;
    readonly swapBytes?: number;
    readonly maxUsageBytes?: number;
    readonly limitHits?: number;
    readonly oomKills?: number;
    readonly pageFaults?: number;
    readonly majorPageFaults?: number;
    readonly hierarchyPageFaults?: number;
    readonly hierarchyMajorPageFaults?: number;
  };
  /** By `MAJOR:MINOR`. */
  readonly io: ReadonlyMap<string, IoStats>;
  readonly threads?: number;
  /** 0: no limit. */
  readonly maxThreads?: number;
  readonly processes: readonly number[];
  readonly spec: {
    readonly cpuShares?: number;
    readonly cpuPeriod?: number;
    readonly cpuQuota?: number;
    /** 0: no limit. */
    readonly memoryLimitBytes?: number;
    readonly memoryReservationBytes?: number;
    readonly memorySwapLimitBytes?: number;
  };
  /** `cpu some` and the like to seconds. */
  readonly pressure: ReadonlyMap<string, number>;
}

export interface IoStats {
  reads: number;
  writes: number;
  readBytes: number;
  writtenBytes: number;
}

/** One version of cgroups. */
export interface CgroupReader {
  /** The folder below /sys whose folders are the cgroups. */
  readonly folder: string;
  /** `path`: `/` or `/system.slice/cron.service`. */
  read(path: string): CgroupStats;
}
