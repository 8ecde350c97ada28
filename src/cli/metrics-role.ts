import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#base';
import type { Config, MetricsConfig } from '#config';
import type {
  ConfigText,
  PrometheusConfig,
  PrometheusConfigHandle,
  StorageConfig,
} from '#metrics/config';
import type { ScrapeManager } from '#metrics/scrape';
import type { IngestStore, StartingMetricStore } from '#metrics/tsdb';
import type { ClusterJobs } from './cluster-jobs.ts';
import type { ServerRoleOptions } from './server-role.ts';

/** Where the Prometheus configuration is; undefined: there is none. */
export function prometheusText({
  prometheusConfig,
  prometheus,
}: MetricsConfig): ConfigText | undefined {
  if (prometheusConfig !== undefined) return { path: prometheusConfig };
  if (prometheus === undefined) return undefined;
  const { text, source, line } = prometheus;
  return { text, file: source, firstLine: line, key: 'metrics.prometheus' };
}

/** Host and port of this server as its own target. */
export function ownAddress({ config }: Pick<ServerRoleOptions, 'config'>): string {
  const { listen } = config().server;
  return listen.replace(/^(?:0\.0\.0\.0|\[::\])?:/, '127.0.0.1:');
}

/**
 * The prometheus.yml in force, followed when it or nunchi.yaml changes. Without one the server scrapes
 * itself.
 * @throws {AppError} METRICS_CONFIG_INVALID, METRICS_CONFIG_UNREADABLE
 */
export async function openPrometheus(
  options: Pick<ServerRoleOptions, 'config' | 'onConfigChange' | 'env' | 'log' | 'metrics'>,
  parts: AsyncDisposableStack,
): Promise<PrometheusConfigHandle> {
  const { openPrometheusConfig } = await import('#metrics/config');
  const { log, metrics } = options;
  const handle = parts.use(
    openPrometheusConfig(
      {
        text: () => prometheusText(options.config().metrics),
        fallback: `global: {scrape_interval: 15s}
scrape_configs:
  - job_name: nunchi
    static_configs: [{targets: ['${ownAddress(options)}']}]
`,
        env: options.env ?? {},
      },
      { log, metrics, clock: systemClock },
    ),
  );
  // A refused one is in the log and in the metrics already.
  const end = options.onConfigChange?.(() => void handle.reload().catch(() => {}));
  if (end !== undefined) parts.defer(end);
  return handle;
}

/**
 * The metric store of the server role, not started yet: a server answers before it is. What reads and fills it is wired around it. `storage` of a
 * prometheus.yml counts where nunchi.yaml says nothing, from the next start on.
 */
export async function openMetrics(
  { config, log, metrics }: Pick<ServerRoleOptions, 'config' | 'log' | 'metrics'>,
  { tsdb }: StorageConfig,
  parts: AsyncDisposableStack,
): Promise<StartingMetricStore> {
  const { startMetricStore } = await import('#metrics/tsdb');
  const { server, metrics: settings } = config();
  const { outOfOrderWindowMs, maxSeries } = settings.store;
  const starting = startMetricStore({
    directory: join(server.dataDir, 'metrics'),
    ...metricRetention(config(), { tsdb }),
    outOfOrderWindowMs: Math.max(outOfOrderWindowMs, tsdb.outOfOrderTimeWindowMs),
    maxSeries,
    reserveBytes: settings.store.minFreeDiskBytes,
    cacheBytes: settings.store.cacheSizeBytes,
    clock: systemClock,
    log,
    metrics,
  });
  parts.use(starting.store);
  return starting;
}

/** How long and how much is kept: nunchi.yaml counts, then `storage` of the prometheus.yml. */
export function metricRetention(
  { server, metrics }: Pick<Config, 'server' | 'metrics'>,
  { tsdb }: Pick<StorageConfig, 'tsdb'>,
): { readonly retentionMs: number | undefined; readonly retentionBytes: number | undefined } {
  const { retentionMs, retentionSizeBytes } = metrics.store;
  const { timeMs, sizeBytes, percentage } = tsdb.retention;
  return {
    // As in the reference, 0 is not "nothing".
    retentionMs: retentionMs ?? (timeMs || undefined),
    retentionBytes:
      retentionSizeBytes ??
      (percentage > 0 ? shareOfDisk(server.dataDir, percentage) : sizeBytes || undefined),
  };
}

function shareOfDisk(directory: string, percentage: number): number {
  const { blocks, bsize } = statfsSync(directory);
  return Math.floor((blocks * bsize * percentage) / 100);
}

export interface Scraping {
  /** What API and UI show. */
  readonly manager: ScrapeManager;
  /** Begins, once store and port are open: the first target may be this server. @returns how it ends */
  start(): Disposable;
}

/** Scrapes what the configuration says, this server without a request to itself. */
export async function openScraping(
  options: Pick<ServerRoleOptions, 'config' | 'env' | 'log' | 'metrics'>,
  deps: {
    readonly store: IngestStore;
    readonly prometheus: PrometheusConfigHandle;
    readonly version: string;
    readonly renderMetrics: () => Promise<string>;
    /** What the cluster adds; undefined: nothing. */
    readonly cluster?: ClusterJobs;
  },
  parts: AsyncDisposableStack,
): Promise<Scraping> {
  const { ScrapeManager: Manager } = await import('#metrics/scrape');
  const { publicUrl } = options.config().server;
  const ownUrl = `http://${ownAddress(options)}/metrics`;
  const manager = parts.use(
    new Manager({
      store: deps.store,
      clock: systemClock,
      log: options.log,
      metrics: options.metrics,
      env: options.env ?? {},
      version: deps.version,
      ...(deps.cluster === undefined
        ? {}
        : { kubernetes: deps.cluster.discovery, yielding: deps.cluster.yielding }),
      local: {
        get: (url) => (url === ownUrl ? deps.renderMetrics : deps.cluster?.targets?.get(url)),
      },
      ...(publicUrl === undefined ? {} : { externalHost: new URL(publicUrl).hostname }),
    }),
  );
  return {
    manager,
    start: () => {
      const { prometheus, cluster } = deps;
      const apply = (config: PrometheusConfig): void =>
        manager.apply(cluster?.withJobs(config) ?? config);
      apply(prometheus.current());
      const ends = [
        prometheus.onChange(apply),
        cluster?.onChange(() => apply(prometheus.current())),
      ];
      prometheus.start();
      return {
        [Symbol.dispose]: () => {
          for (const end of ends) end?.();
        },
      };
    },
  };
}
