import type { Cluster } from '#kubernetes/cluster';
import type { VolumeUsage } from '#kubernetes/usage';

/** Of a kubelet's `stats/summary`. */
interface Summary {
  readonly pods?: readonly {
    readonly volume?: readonly {
      readonly usedBytes?: number;
      readonly capacityBytes?: number;
      readonly pvcRef?: { readonly namespace: string; readonly name: string };
    }[];
  }[];
}

/** A node with a few hundred pods has about a mebibyte. */
const maxSummaryBytes = 16 * 1024 * 1024;
/** Kubelets that are asked in one look. */
const maxNodes = 1000;
const atOnce = 4;

/**
 * How full volumes are, asked of the kubelets through the API server, as kwatch does: for clusters whose
 * kubelets nobody scrapes. Needs the right to get `nodes/proxy`.
 * @returns usage by `namespace/claim`, and why kubelets did not answer
 */
export async function readVolumeSummaries(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ readonly usage: Map<string, VolumeUsage>; readonly errors: readonly unknown[] }> {
  const usage = new Map<string, VolumeUsage>();
  const errors: unknown[] = [];
  using nodes = cluster.use('nodes');
  await nodes.settled;
  const names = [...nodes.store.values()].flatMap(({ metadata }) => metadata?.name ?? []);
  const waiting = names.slice(0, maxNodes);
  const ask = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      try {
        take(usage, await summaryOf(cluster, name, signal));
      } catch (error) {
        if (signal.aborted) throw error;
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  return { usage, errors };
}

const summaryOf = (cluster: Cluster, node: string, signal: AbortSignal): Promise<Summary> =>
  cluster.client.json<Summary>({
    path: `/api/v1/nodes/${encodeURIComponent(node)}/proxy/stats/summary`,
    maxBytes: maxSummaryBytes,
    signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
  });

function take(usage: Map<string, VolumeUsage>, { pods = [] }: Summary): void {
  for (const { volume = [] } of pods) {
    for (const { pvcRef, usedBytes, capacityBytes } of volume) {
      if (pvcRef === undefined || usedBytes === undefined || capacityBytes === undefined) continue;
      usage.set(`${pvcRef.namespace}/${pvcRef.name}`, { usedBytes, capacityBytes });
    }
  }
}
