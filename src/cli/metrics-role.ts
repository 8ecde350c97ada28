import { join } from 'node:path';
import { systemClock } from '#base';
import type { DiskMetricStore } from '#metrics/tsdb';
import type { ServerRoleOptions } from './server-role.ts';

/** The metric store of the server role. What reads and fills it is wired around it. */
export async function openMetrics(
  { config, log, metrics }: Pick<ServerRoleOptions, 'config' | 'log' | 'metrics'>,
  parts: AsyncDisposableStack,
): Promise<DiskMetricStore> {
  const { openMetricStore } = await import('#metrics/tsdb');
  const { server, metrics: settings } = config();
  const { retentionMs, retentionSizeBytes, outOfOrderWindowMs, maxSeries } = settings.store;
  return parts.use(
    await openMetricStore({
      directory: join(server.dataDir, 'metrics'),
      retentionMs,
      retentionBytes: retentionSizeBytes,
      outOfOrderWindowMs,
      maxSeries,
      reserveBytes: settings.store.minFreeDiskBytes,
      cacheBytes: settings.store.cacheSizeBytes,
      clock: systemClock,
      log,
      metrics,
    }),
  );
}
