import type { Dashboard } from '#dashboards/model';
import { dashboard, dataSourceVariable, labelVariable } from '../build.ts';
import { noneIsWell, q, stat, steps, timeSeries } from '../panels.ts';

const own = (metric: string, matchers = ''): string =>
  `${metric}{job="nunchi", instance=~"$instance"${matchers}}`;
const rate = (metric: string, matchers = ''): string =>
  `rate(${own(metric, matchers)}[$__rate_interval])`;
const within = (share: number, metric: string, by: string, matchers = ''): string =>
  `histogram_quantile(${share}, sum by (${by}, le) (${rate(`${metric}_bucket`, matchers)}))`;

export const self: Dashboard = dashboard({
  uid: 'nunchi-self',
  title: 'Nunchi / Server',
  description: 'The server itself: what comes in, what it holds, what it is asked, what it costs.',
  tags: ['self'],
  variables: [
    dataSourceVariable,
    labelVariable('instance', 'label_values(nunchi_build_info, instance)', {
      label: 'Instance',
      isMulti: true,
    }),
  ],
  sections: [
    {
      panels: [
        stat('Version', [q(`max by (version) (${own('nunchi_build_info')})`, '{{version}}')], {
          hasGraph: false,
          textMode: 'name',
        }),
        stat('Log events', [q(`sum(${rate('nunchi_logs_appended_events_total')})`)], {
          unit: 'eps',
        }),
        stat('Samples', [q(`sum(${rate('prometheus_tsdb_head_samples_appended_total')})`)], {
          unit: 'ops',
        }),
        stat('Active series', [q(`sum(${own('prometheus_tsdb_head_series')})`)], { unit: 'short' }),
        stat('Memory', [q(`sum(${own('process_resident_memory_bytes')})`)], { unit: 'bytes' }),
        stat(
          'Warnings and errors',
          [q(`sum(increase(${own('nunchi_log_problems_total')}[$__range])) or vector(0)`)],
          {
            decimals: 0,
            hasGraph: false,
            thresholds: noneIsWell,
            description: 'In its own log, in the time that is shown.',
          },
        ),
      ],
    },
    {
      title: 'Logs',
      panels: [
        timeSeries(
          'Events stored',
          [q(`sum by (instance) (${rate('nunchi_logs_appended_events_total')})`, '{{instance}}')],
          { unit: 'eps', min: 0 },
        ),
        timeSeries(
          'Bytes',
          [
            q(`sum(${rate('nunchi_logs_appended_message_bytes_total')})`, 'messages'),
            q(`sum(${rate('nunchi_logs_wal_written_bytes_total')})`, 'written to the log'),
          ],
          { unit: 'Bps', min: 0 },
        ),
        timeSeries(
          'Size on disk',
          [
            q(`sum(${own('nunchi_logs_disk_bytes')})`, 'all'),
            q(`sum(${own('nunchi_logs_wal_bytes')})`, 'write-ahead log'),
          ],
          { unit: 'bytes', min: 0 },
        ),
        timeSeries(
          'Segments',
          [
            q(`sum(${own('nunchi_logs_segments')})`, 'held'),
            q(
              `sum(increase(${own('nunchi_logs_sealed_segments_total')}[$__rate_interval]))`,
              'sealed',
            ),
            q(`sum(increase(${own('nunchi_logs_merges_total')}[$__rate_interval]))`, 'merges'),
          ],
          { min: 0 },
        ),
        timeSeries(
          'Log queries',
          [
            q(
              `sum by (status) (${rate('nunchi_log_queries_total', ', status!=""')})`,
              '{{status}}',
            ),
            q(`sum(${own('nunchi_log_queries_running')})`, 'running'),
            q(`sum(${own('nunchi_log_queries_queued')})`, 'waiting'),
          ],
          { min: 0 },
        ),
        timeSeries(
          'Bytes that queries looked at',
          [q(`sum(${rate('nunchi_log_query_scanned_bytes_total')})`, 'bytes')],
          { unit: 'Bps', min: 0, legend: 'none' },
        ),
      ],
    },
    {
      title: 'Metrics',
      panels: [
        timeSeries(
          'Samples',
          [
            q(`sum(${rate('nunchi_scrape_samples_total')})`, 'scraped'),
            q(`sum(${rate('nunchi_remote_write_received_samples_total')})`, 'received'),
            q(`sum(${rate('nunchi_otlp_metrics_samples_total')})`, 'OpenTelemetry'),
            q(`sum(${rate('nunchi_metrics_store_samples_rejected_total')})`, 'refused'),
          ],
          { unit: 'ops', min: 0 },
        ),
        timeSeries(
          'Series',
          [
            q(`sum(${own('prometheus_tsdb_head_series')})`, 'active'),
            q(
              `sum(increase(${own('prometheus_tsdb_head_series_created_total')}[$__rate_interval]))`,
              'new',
            ),
            q(`sum(${own('nunchi_metrics_store_series_refused_total')})`, 'refused'),
          ],
          { min: 0 },
        ),
        timeSeries(
          'Memory of the store',
          [
            q(`sum(${own('nunchi_metrics_store_head_bytes')})`, 'samples'),
            q(`sum(${own('nunchi_metrics_store_index_bytes')})`, 'index'),
            q(`sum(${own('nunchi_metrics_store_cache_bytes')})`, 'cache'),
          ],
          { unit: 'bytes', min: 0, isStacked: true },
        ),
        timeSeries(
          'Size on disk',
          [
            q(`sum(${own('nunchi_metrics_store_disk_bytes')})`, 'all'),
            q(`sum(${own('prometheus_tsdb_wal_storage_size_bytes')})`, 'write-ahead log'),
          ],
          { unit: 'bytes', min: 0 },
        ),
        timeSeries(
          'Targets',
          [
            q(
              `sum by (scrape_job) (${own('prometheus_target_scrape_pool_targets')}) > 0`,
              '{{scrape_job}}',
            ),
          ],
          { min: 0 },
        ),
        timeSeries(
          'Failed scrapes',
          [q(`sum(${rate('nunchi_scrape_failures_total')})`, 'failed')],
          { unit: 'ops', min: 0 },
        ),
        timeSeries(
          'Time of rule groups',
          [
            q(
              `topk(10, max by (rule_group) (${own('prometheus_rule_group_last_duration_seconds')}))`,
              '{{rule_group}}',
            ),
          ],
          { unit: 's', min: 0 },
        ),
        timeSeries(
          'Rules that failed or came late',
          [
            q(
              `sum(increase(${own('prometheus_rule_evaluation_failures_total')}[$__rate_interval]))`,
              'failed',
            ),
            q(
              `sum(increase(${own('prometheus_rule_group_iterations_missed_total')}[$__rate_interval]))`,
              'left out',
            ),
          ],
          { min: 0 },
        ),
      ],
    },
    {
      title: 'Requests',
      panels: [
        timeSeries(
          'Requests by status',
          [q(`sum by (status) (${rate('nunchi_http_requests_total')})`, '{{status}}')],
          { unit: 'reqps', min: 0, isStacked: true },
        ),
        timeSeries(
          'Most asked',
          [
            q(
              `topk(10, sum by (method, route) (${rate('nunchi_http_requests_total')}))`,
              '{{method}} {{route}}',
            ),
          ],
          { unit: 'reqps', min: 0 },
        ),
        timeSeries(
          '95 of 100 answers within',
          [
            q(
              `topk(10, ${within(0.95, 'nunchi_http_request_duration_seconds', 'route')})`,
              '{{route}}',
            ),
          ],
          { unit: 's', min: 0 },
        ),
        timeSeries(
          'Under way and refused',
          [
            q(`sum(${own('nunchi_http_requests_in_flight')})`, 'under way'),
            q(
              `sum(increase(${own('nunchi_http_auth_failures_total')}[$__rate_interval]))`,
              'refused for who made them',
            ),
          ],
          { min: 0 },
        ),
      ],
    },
    {
      title: 'Kubernetes and alerts',
      panels: [
        stat('Kubernetes answers', [q(`min(${own('nunchi_kubernetes_connected')})`)], {
          hasGraph: false,
          w: 6,
          thresholds: steps('red', [1, 'green']),
          mappings: [
            {
              type: 'value',
              options: { 0: { text: 'no', index: 0 }, 1: { text: 'yes', index: 1 } },
            },
          ],
        }),
        stat('Objects held', [q(`sum(${own('nunchi_kubernetes_objects')})`)], {
          decimals: 0,
          w: 6,
        }),
        stat('Alerts', [q(`sum(${own('alertmanager_alerts', ', state="active"')}) or vector(0)`)], {
          decimals: 0,
          w: 6,
        }),
        stat(
          'Notifications that failed',
          [
            q(
              `sum(increase(${own('alertmanager_notifications_failed_total')}[$__range])) or vector(0)`,
            ),
          ],
          { decimals: 0, hasGraph: false, w: 6, thresholds: noneIsWell },
        ),
        timeSeries(
          'Requests to Kubernetes',
          [
            q(
              `sum by (method, code) (${rate('nunchi_kubernetes_requests_total')})`,
              '{{method}} {{code}}',
            ),
          ],
          { unit: 'reqps', min: 0 },
        ),
        timeSeries(
          'Events and changes of the cluster',
          [
            q(`sum(${rate('nunchi_kubernetes_events_stored_total')})`, 'events'),
            q(`sum(${rate('nunchi_kubernetes_changes_stored_total')})`, 'changes'),
          ],
          { unit: 'eps', min: 0 },
        ),
      ],
    },
    {
      title: 'Process',
      panels: [
        timeSeries(
          'CPU',
          [q(`sum by (instance) (${rate('process_cpu_seconds_total')})`, '{{instance}}')],
          { min: 0, w: 8, description: 'Cores.' },
        ),
        timeSeries(
          'Memory',
          [
            q(`sum(${own('process_resident_memory_bytes')})`, 'resident'),
            q(`sum by (kind) (${own('nunchi_process_heap_bytes')})`, '{{kind}}'),
          ],
          { unit: 'bytes', min: 0, w: 8 },
        ),
        timeSeries(
          'Event loop',
          [
            q(
              `max by (quantile) (${own('nunchi_process_event_loop_lag_seconds')})`,
              'quantile {{quantile}}',
            ),
          ],
          { unit: 's', min: 0, w: 8, description: 'How late timers run.' },
        ),
      ],
    },
  ],
});
