/**
 * Names that Prometheus knows for `--enable-feature`, and what they do here: `switch` turns something
 * on, `always` is on without it, `none` has nothing to turn on.
 */
export const prometheusFeatures = {
  'promql-experimental-functions': 'switch',
  'promql-duration-expr': 'switch',
  'promql-extended-range-selectors': 'switch',
  'promql-binop-fill-modifiers': 'switch',
  'promql-delayed-name-removal': 'switch',
  'use-start-timestamps': 'switch',
  'type-and-unit-labels': 'switch',
  'otlp-deltatocumulative': 'switch',
  'otlp-native-delta-ingestion': 'switch',
  'auto-reload-config': 'always',
  'exemplar-storage': 'always',
  'expand-external-labels': 'always',
  'memory-snapshot-on-shutdown': 'always',
  'metadata-wal-records': 'always',
  'native-histograms': 'always',
  'new-service-discovery-manager': 'always',
  'no-default-scrape-port': 'always',
  'otlp-write-receiver': 'always',
  'promql-at-modifier': 'always',
  'promql-negative-offset': 'always',
  'promql-per-step-stats': 'always',
  'remote-write-receiver': 'always',
  'utf8-names': 'always',
  'auto-gomaxprocs': 'none',
  'auto-gomemlimit': 'none',
  'concurrent-rule-eval': 'none',
  'created-timestamp-zero-ingestion': 'none',
  'delayed-compaction': 'none',
  'extra-scrape-metrics': 'none',
  'old-ui': 'none',
} as const;

export type PrometheusFeature = keyof typeof prometheusFeatures;

export const prometheusFeatureNames: readonly PrometheusFeature[] = Object.keys(
  prometheusFeatures,
) as PrometheusFeature[];
