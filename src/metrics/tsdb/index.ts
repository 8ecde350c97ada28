/** The metric store: its contract, the engine in memory and the one on disk. */
export * from './contract.ts';
export { importOpenMetrics } from './import/openmetrics.ts';
export {
  type ImportOptions,
  type ImportProgress,
  type ImportResult,
  importPrometheusBlocks,
} from './import/prometheus.ts';
export { openMemoryMetricStore } from './memory.ts';
export type { MemoryStoreOptions, MetricStoreOptions } from './options.ts';
export {
  type DiskMetricStore,
  openMetricStore,
  type ReplayProgress,
  type StartingMetricStore,
  startMetricStore,
} from './store.ts';
