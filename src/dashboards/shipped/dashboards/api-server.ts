import type { Dashboard } from '#dashboards/model';
import { clusterVariable, dashboard, dataSourceVariable, labelVariable } from '../build.ts';
import { bars, q, stat, steps, timeSeries } from '../panels.ts';

const every = 'job="apiserver", cluster="$cluster"';
const api = (metric: string, matchers = ''): string =>
  `${metric}{${every}, instance=~"$instance"${matchers}}`;
const rate = (metric: string, matchers = ''): string =>
  `rate(${api(metric, matchers)}[$__rate_interval])`;
/** Watches last as long as their client wants. */
const answered = ', verb!~"WATCH|CONNECT"';

export const apiServer: Dashboard = dashboard({
  uid: 'nunchi-api-server',
  title: 'Kubernetes / API server',
  description:
    'Requests to the API server, their errors and times, what waits inside it, and its store.',
  tags: ['kubernetes', 'control-plane'],
  variables: [
    dataSourceVariable,
    clusterVariable,
    labelVariable('instance', 'label_values(up{job="apiserver", cluster="$cluster"}, instance)', {
      label: 'Instance',
      isMulti: true,
    }),
  ],
  sections: [
    {
      panels: [
        stat('Up', [q(`sum(${api('up')})`)], {
          decimals: 0,
          thresholds: steps('red', [1, 'green']),
        }),
        stat('Requests', [q(`sum(${rate('apiserver_request_total')})`)], { unit: 'reqps' }),
        stat(
          'Errors',
          [
            q(
              `(sum(${rate('apiserver_request_total', ', code=~"5.."')}) or vector(0)) / sum(${rate('apiserver_request_total')})`,
            ),
          ],
          { unit: 'percentunit', thresholds: steps('green', [0.01, 'orange'], [0.05, 'red']) },
        ),
        stat(
          'Mean time of an answer',
          [
            q(
              `sum(${rate('apiserver_request_duration_seconds_sum', answered)}) / sum(${rate('apiserver_request_duration_seconds_count', answered)})`,
            ),
          ],
          {
            unit: 's',
            thresholds: steps('green', [0.5, 'orange'], [1, 'red']),
            description: 'Without watches.',
          },
        ),
        stat(
          'Open watches',
          [
            q(
              `sum(${api('apiserver_longrunning_gauge', ', verb="WATCH"')}) or sum(${api('apiserver_longrunning_requests', ', verb="WATCH"')})`,
            ),
          ],
          { decimals: 0 },
        ),
        stat(
          'Availability, 30 days',
          [q('apiserver_request:availability30d{verb="all", cluster="$cluster"}')],
          {
            unit: 'percentunit',
            decimals: 3,
            hasGraph: false,
            thresholds: steps('red', [0.99, 'green']),
            description: 'Requests that were answered in time and without an error of the server.',
          },
        ),
      ],
    },
    {
      title: 'Requests',
      panels: [
        timeSeries(
          'Requests by code',
          [q(`sum by (code) (${rate('apiserver_request_total')})`, '{{code}}')],
          { unit: 'reqps', min: 0, isStacked: true },
        ),
        timeSeries(
          'Requests by verb',
          [q(`sum by (verb) (${rate('apiserver_request_total')})`, '{{verb}}')],
          { unit: 'reqps', min: 0, isStacked: true },
        ),
        timeSeries(
          'Mean time by verb',
          [
            q(
              `sum by (verb) (${rate('apiserver_request_duration_seconds_sum', answered)}) / (sum by (verb) (${rate('apiserver_request_duration_seconds_count', answered)}) > 0)`,
              '{{verb}}',
            ),
          ],
          { unit: 's', min: 0 },
        ),
        bars(
          'Slowest resources',
          q(
            `topk(10, sum by (resource, verb) (${rate('apiserver_request_duration_seconds_sum', answered)}) / (sum by (resource, verb) (${rate('apiserver_request_duration_seconds_count', answered)}) > 0))`,
            '{{verb}} {{resource}}',
          ),
          { unit: 's', description: 'By mean time.' },
        ),
        timeSeries(
          '99 of 100 answers within',
          [
            q(
              'max by (verb) (cluster_quantile:apiserver_request_sli_duration_seconds:histogram_quantile{quantile="0.99", cluster="$cluster"})',
              '{{verb}}',
            ),
          ],
          { unit: 's', min: 0, description: 'From Kubernetes 1.23 on.' },
        ),
        timeSeries(
          'Errors by resource',
          [
            q(
              `sum by (resource, code) (${rate('apiserver_request_total', ', code=~"5.."')}) > 0`,
              '{{code}} {{resource}}',
            ),
          ],
          { unit: 'reqps', min: 0, noValue: 'none' },
        ),
      ],
    },
    {
      title: 'Inside',
      panels: [
        timeSeries(
          'Requests under way',
          [
            q(
              `sum by (request_kind) (${api('apiserver_current_inflight_requests')})`,
              '{{request_kind}}',
            ),
            q(`sum(${api('apiserver_flowcontrol_current_inqueue_requests')})`, 'waiting'),
          ],
          { min: 0 },
        ),
        timeSeries(
          'Waiting by priority level',
          [
            q(
              `sum by (priority_level) (${rate('apiserver_flowcontrol_request_wait_duration_seconds_sum')}) / (sum by (priority_level) (${rate('apiserver_flowcontrol_request_wait_duration_seconds_count')}) > 0)`,
              '{{priority_level}}',
            ),
          ],
          { unit: 's', min: 0, description: 'Mean time in a queue.' },
        ),
        timeSeries(
          'Admission',
          [
            q(
              `topk(8, sum by (name) (${rate('apiserver_admission_controller_admission_duration_seconds_sum')}) / (sum by (name) (${rate('apiserver_admission_controller_admission_duration_seconds_count')}) > 0))`,
              '{{name}}',
            ),
          ],
          { unit: 's', min: 0, description: 'Mean time of the slowest controllers.' },
        ),
        timeSeries(
          'Work queues',
          [q(`sum by (name) (${api('workqueue_depth')}) > 0`, '{{name}}')],
          { min: 0 },
        ),
      ],
    },
    {
      title: 'Store',
      panels: [
        timeSeries(
          'Time of requests to etcd',
          [
            q(
              `sum by (operation) (${rate('etcd_request_duration_seconds_sum')}) / (sum by (operation) (${rate('etcd_request_duration_seconds_count')}) > 0)`,
              '{{operation}}',
            ),
          ],
          { unit: 's', min: 0, description: 'Mean.' },
        ),
        bars(
          'Objects',
          q(
            `topk(15, max by (resource) (${api('apiserver_storage_objects')} or ${api('etcd_object_counts')}))`,
            '{{resource}}',
          ),
          { unit: 'short' },
        ),
        timeSeries(
          'Size of the store',
          [
            q(
              `max(${api('apiserver_storage_size_bytes')} or ${api('etcd_db_total_size_in_bytes')})`,
              'size',
            ),
          ],
          { unit: 'bytes', min: 0, legend: 'none' },
        ),
        timeSeries(
          'Events of watches',
          [q(`topk(10, sum by (kind) (${rate('apiserver_watch_events_total')}))`, '{{kind}}')],
          { unit: 'eps', min: 0 },
        ),
      ],
    },
    {
      title: 'Process',
      panels: [
        timeSeries('CPU', [q(rate('process_cpu_seconds_total'), '{{instance}}')], {
          min: 0,
          w: 8,
          description: 'Cores.',
        }),
        timeSeries('Memory', [q(api('process_resident_memory_bytes'), '{{instance}}')], {
          unit: 'bytes',
          min: 0,
          w: 8,
        }),
        timeSeries('Goroutines', [q(api('go_goroutines'), '{{instance}}')], {
          min: 0,
          w: 8,
        }),
      ],
    },
  ],
});
