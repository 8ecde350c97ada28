import type { ExtraCollector } from '#host';
import type { KubeletOptions } from '../kubelet/options.ts';

/** What `runMetrics` needs to know. */
export interface MetricOptions {
  /** From one collection to the next. */
  readonly intervalMs: number;
  /** Bound of what waits on the disk while the server is away. */
  readonly maxSpoolBytes: number;
  /** Where the machine's file systems are: `/proc`, `/sys`, `/`; others in a container. */
  readonly paths: { readonly proc: string; readonly sys: string; readonly root: string };
  /** Collectors of the machine that are off unless they are asked for. */
  readonly extra?: readonly ExtraCollector[];
  /** This node's kubelet; absent: containers are told of by their cgroups. */
  readonly kubelet?: KubeletOptions;
}
