/** What something uses, as the resource metrics API tells it. */
export interface Usage {
  /** Cores over the window. */
  readonly cpuCores: number;
  /** Working set at the end of the window. */
  readonly memoryBytes: number;
}

export interface Measured {
  /** End of the window, Unix ms. */
  readonly timeMs: number;
  /** What the CPU is the mean of. */
  readonly windowMs: number;
}

export interface NodeUsage extends Measured {
  readonly name: string;
  readonly usage: Usage;
}

export interface PodUsage extends Measured {
  readonly namespace: string;
  readonly name: string;
  readonly containers: readonly { readonly name: string; readonly usage: Usage }[];
}

/** Everything that was measured lately. */
export interface UsageSnapshot {
  readonly nodes: ReadonlyMap<string, NodeUsage>;
  /** By `namespace/name`. */
  readonly pods: ReadonlyMap<string, PodUsage>;
}

/** @throws what the store throws; what the signal aborts with */
export type ReadUsage = (signal: AbortSignal) => Promise<UsageSnapshot>;
