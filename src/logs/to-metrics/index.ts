/** Log events that become metrics: metric filters and the Embedded Metric Format. */
export { type LogMetricFilter, LogMetrics, type LogMetricsDeps } from './runner.ts';
