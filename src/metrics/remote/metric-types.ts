import type { MetricType } from '#metrics/model';

/** Types by the number that both versions of remote write give them. */
export const metricTypes: readonly MetricType[] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];
