import type { RangeQuery, WireMatrixItem, WireVectorItem } from '../../api/metrics.ts';

export type HostFigureId = 'cpu' | 'memory' | 'disk' | 'network';

export interface HostFigure {
  readonly id: HostFigureId;
  readonly expr: string;
  /** A share of 1, but for the network: bytes a second. */
  readonly last: number;
  /** One a minute over the last hour; null where nothing was reported. */
  readonly values: readonly (number | null)[];
}

const stepMs = 60_000;
const steps = 60;

/** Memory disks and read-only images are full, or empty, by nature. */
const realDisks = 'fstype!~"tmpfs|ramfs|devtmpfs|squashfs|iso9660|erofs"';

const exprs: Readonly<Record<HostFigureId, string>> = {
  cpu: '1 - avg(rate(node_cpu_seconds_total{mode="idle"}[1m]))',
  memory: '1 - sum(node_memory_MemAvailable_bytes) / sum(node_memory_MemTotal_bytes)',
  disk: `max(1 - node_filesystem_avail_bytes{${realDisks}} / node_filesystem_size_bytes{${realDisks}})`,
  network:
    'sum(rate(node_network_receive_bytes_total{device!="lo"}[1m])) + sum(rate(node_network_transmit_bytes_total{device!="lo"}[1m]))',
};

interface Api {
  range(
    query: RangeQuery,
    signal?: AbortSignal,
  ): Promise<{ readonly result: readonly WireMatrixItem[] }>;
  instant(
    expr: string,
    atMs: number,
    signal?: AbortSignal,
  ): Promise<{ readonly result: readonly WireVectorItem[] }>;
}

/** The figures that somebody reports now. @throws {ApiError} when the server has no answer */
export async function hostFigures(
  api: Api,
  nowMs: number,
  signal?: AbortSignal,
): Promise<{ readonly figures: readonly HostFigure[]; readonly machines: number }> {
  const counted = await api.instant(
    'count(count by (instance) (node_cpu_seconds_total))',
    nowMs,
    signal,
  );
  const machines = Number(counted.result[0]?.value?.[1] ?? 0);
  if (machines === 0) return { figures: [], machines };
  const fromMs = nowMs - stepMs * (steps - 1);
  const figures = await Promise.all(
    Object.entries(exprs).map(async ([id, expr]): Promise<HostFigure | undefined> => {
      const { result } = await api.range({ expr, fromMs, toMs: nowMs, stepMs }, signal);
      const values = new Array<number | null>(steps).fill(null);
      for (const [seconds, text] of result[0]?.values ?? []) {
        const at = Math.round((seconds * 1000 - fromMs) / stepMs);
        const value = Number(text);
        if (at >= 0 && at < steps && Number.isFinite(value)) values[at] = value;
      }
      const last = values.at(-1);
      if (last === null || last === undefined) return undefined;
      return { id: id as HostFigureId, expr, last, values };
    }),
  );
  return { figures: figures.filter((one) => one !== undefined), machines };
}
