import type { Clock } from '#base';
import type { BatchClient } from '../ship/client.ts';

/** What an agent tells the server about itself, as JSON of `POST /nunchi/agent/status`. */
export interface AgentStatus {
  readonly host: string;
  readonly version?: string;
  /** Log files followed. */
  readonly files: number;
  /** Bytes written to log files and not read yet. */
  readonly lagBytes: number;
  /** Read and not acknowledged yet, on the disk. */
  readonly spoolBytes: number;
  /** Batches that wait. */
  readonly spoolFrames: number;
  readonly spoolFull: boolean;
  /** Events given up since the agent's start. */
  readonly droppedEvents: number;
  /** The node whose kubelet this agent scrapes, while it does. */
  readonly kubeletNode?: string;
  /** Unix ms. */
  readonly startedMs: number;
}

const intervalMs = 10_000;

/** Reports every ten seconds until the signal aborts, so that a silent node is told from a dead one. */
export async function reportStatus(
  client: BatchClient,
  sourceId: string,
  read: () => AgentStatus,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await client.report(sourceId, read(), signal);
    await clock.sleep(intervalMs, signal).catch(() => {});
  }
}
