/** The series of kube-state-metrics, made of Kubernetes objects. */
export {
  type Collected,
  type CollectorDeps,
  type CollectorOptions,
  StateMetricsCollector,
  stateMetricsJob,
} from './collector.ts';
export type { KubernetesObject } from './contract.ts';
export { stateMetricsEdge, stateMetricsPath, stateTelemetryPath } from './edge.ts';
export { type Feed, feedStateMetrics } from './feed.ts';
export { type AllowList, parseAllowList } from './label-names.ts';
export {
  type ObjectFault,
  resourceNames,
  StateMetrics,
  type StateMetricsOptions,
} from './registry.ts';
export { type SelfMetric, selfMetrics, type WatchCounts } from './self.ts';
export { writeStateMetrics } from './write.ts';
