/** `metrics.k8s.io`: what pods and nodes use now, for `kubectl top` and autoscalers. */
export type { AdapterConfig } from './adapter/contract.ts';
export { type AdapterText, openAdapterConfig } from './adapter/source.ts';
export {
  type ResourceMetrics,
  type ResourceMetricsDeps,
  type ResourceMetricsOptions,
  startResourceMetrics,
} from './server.ts';
