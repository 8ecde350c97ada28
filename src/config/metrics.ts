import type {
  BuiltinRulesConfig,
  MetricQueryConfig,
  MetricStoreConfig,
  MetricsConfig,
} from './contract.ts';
import {
  choice,
  duration,
  type Field,
  integer,
  list,
  optional,
  raw,
  section,
  size,
  text,
} from './fields.ts';
import { prometheusFeatureNames } from './prometheus-features.ts';
import { tristate } from './tristate.ts';

const metricQuery: Field<MetricQueryConfig> = section<MetricQueryConfig>(
  'How PromQL is evaluated; the flags `--query.…` of Prometheus.',
  {
    timeoutMs: duration({
      default: '2m',
      min: '1ms',
      doc: 'A query that takes longer is ended; waiting counts. `--query.timeout`.',
    }),
    maxSamples: integer({
      default: '50000000',
      min: 1,
      max: 2_000_000_000,
      doc: 'Samples of one query in memory, 16 bytes each. `--query.max-samples`.',
    }),
    maxConcurrency: integer({
      default: '20',
      min: 1,
      max: 10_000,
      doc: 'Queries at once; the others wait. `--query.max-concurrency`.',
    }),
    lookbackDeltaMs: duration({
      default: '5m',
      min: '1ms',
      doc: 'How far back a selector looks for a sample. `--query.lookback-delta`.',
    }),
    features: list(
      choice(prometheusFeatureNames, { default: 'promql-experimental-functions', doc: '' }),
      {
        doc: 'Names as `--enable-feature` of Prometheus has them; docs/metrics.md tells what each does.',
      },
    ),
  },
);

const metricStore: Field<MetricStoreConfig> = section<MetricStoreConfig>('How metrics are kept.', {
  retentionMs: optional(
    duration({
      default: '15d',
      min: '2h',
      doc: 'Samples older than this are deleted, by blocks of 2 hours and more. Without it and without `retentionSize`: 15d.',
    }),
  ),
  retentionSizeBytes: optional(
    size({
      default: '10GiB',
      min: '64MiB',
      doc: 'Total size; beyond it the oldest blocks go first. What came in the last 3 hours always stays.',
    }),
  ),
  outOfOrderWindowMs: duration({
    default: '2h',
    doc: 'How much later than the newest sample an older one may come, as agents send that were cut off; 0: not at all.',
  }),
  maxSeries: integer({
    default: '2000000',
    min: 1,
    max: 100_000_000,
    doc: 'Series in memory; new ones beyond are refused, the known go on.',
  }),
  minFreeDiskBytes: size({
    default: '256MiB',
    doc: 'New samples are refused (senders retry) while the disk has less room than this.',
  }),
  cacheSizeBytes: size({
    default: '64MiB',
    min: '1MiB',
    doc: 'Memory for parts of blocks that queries read.',
  }),
});

export const metrics: Field<MetricsConfig> = section<MetricsConfig>('Metrics.', {
  prometheusConfig: optional(
    text({
      default: '',
      doc: 'A prometheus.yml, taken as it is: what is scraped, rules, remote write and the rest. Followed when it changes. Without it and without `prometheus` the server scrapes itself.',
      reloadable: true,
    }),
  ),
  prometheus: raw({
    doc: 'The keys of a prometheus.yml, in place of a file of their own. Variables are replaced in `external_labels` only.',
    reloadable: true,
  }),
  builtinRules: section<BuiltinRulesConfig>(
    'Recording rules that dashboards for Kubernetes look for, such as `namespace_workload_pod:kube_pod_owner:relabel`. One that your own rules record too is left to you.',
    {
      enabled: tristate({
        doc: 'Whether they are evaluated; `auto`: where a cluster is watched. `on` without a cluster: those over the series of node-exporter.',
        reloadable: true,
      }),
      disabledGroups: list(text({ default: '', doc: '' }), {
        doc: 'Names of groups to leave out: `kubernetes.containers`, `kubernetes.resources`, `kubernetes.workloads`, `node.exporter`, `node.cluster`, `apiserver.rates`, `apiserver.burnrate`, `apiserver.availability`.',
        reloadable: true,
      }),
    },
  ),
  query: metricQuery,
  store: metricStore,
});
