import type { Dashboard } from '#dashboards/model';
import { dashboard, dataSourceVariable, labelVariable, logSourceVariable } from '../build.ts';
import { logLines, logSeries, noneIsWell, q, stat, steps, timeSeries } from '../panels.ts';

const own = (metric: string): string => `${metric}{job="nunchi", instance=~"$instance"}`;
const rate = (metric: string): string => `rate(${own(metric)}[$__rate_interval])`;
/** Lines of containers; beside them are events of Container Insights, which have no `log`. */
const containers =
  "SOURCE logGroups(namePrefix: ['/aws/containerinsights'])\n| filter ispresent(log)";
/** Words by which people and programs say that something went wrong. */
const trouble = String.raw`/(?i)\b(error|fatal|panic|exception|critical)\b/`;

export const logsVolume: Dashboard = dashboard({
  uid: 'nunchi-logs',
  title: 'Logs / Volume',
  description: 'How much is logged, by whom, and how much of it speaks of errors.',
  tags: ['logs'],
  variables: [
    dataSourceVariable,
    logSourceVariable,
    labelVariable('instance', 'label_values(nunchi_build_info, instance)', {
      label: 'Instance',
      isMulti: true,
    }),
  ],
  sections: [
    {
      panels: [
        stat('Events', [q(`sum(${rate('nunchi_logs_appended_events_total')})`)], { unit: 'eps' }),
        stat('Bytes', [q(`sum(${rate('nunchi_logs_appended_message_bytes_total')})`)], {
          unit: 'Bps',
        }),
        stat('Events held', [q(`sum(${own('nunchi_logs_events')})`)], { unit: 'short' }),
        stat('On disk', [q(`sum(${own('nunchi_logs_disk_bytes')})`)], { unit: 'bytes' }),
        stat('Log groups', [q(`sum(${own('nunchi_logs_groups')})`)], { decimals: 0 }),
        stat('Taken in', [q(`min(${own('nunchi_logs_writable')})`)], {
          hasGraph: false,
          thresholds: steps('red', [1, 'green']),
          mappings: [
            {
              type: 'value',
              options: { 0: { text: 'disk is full', index: 0 }, 1: { text: 'yes', index: 1 } },
            },
          ],
        }),
      ],
    },
    {
      title: 'Containers',
      panels: [
        logSeries(
          'Events by namespace',
          `${containers}\n| stats count(*) as events by bin(1m), kubernetes.namespace_name`,
          { w: 12 },
        ),
        logSeries(
          'Events that speak of errors',
          `${containers}\n| filter @message like ${trouble}\n| stats count(*) as events by bin(1m), kubernetes.namespace_name`,
          { w: 12 },
        ),
        logLines(
          'The latest errors',
          `${containers}\n| filter @message like ${trouble}\n| fields @timestamp, log, kubernetes.namespace_name, kubernetes.pod_name\n| sort @timestamp desc\n| limit 100`,
        ),
      ],
    },
    {
      title: 'Store',
      panels: [
        timeSeries(
          'Events',
          [q(`sum by (instance) (${rate('nunchi_logs_appended_events_total')})`, '{{instance}}')],
          { unit: 'eps', min: 0 },
        ),
        timeSeries(
          'Bytes of messages, and on disk',
          [
            q(`sum(${rate('nunchi_logs_appended_message_bytes_total')})`, 'messages'),
            q(
              `clamp_min(sum(deriv(${own('nunchi_logs_disk_bytes')}[$__rate_interval])), 0)`,
              'growth on disk',
            ),
          ],
          { unit: 'Bps', min: 0 },
        ),
        timeSeries(
          'Dropped for age and for size',
          [
            q(
              `sum(increase(${own('nunchi_logs_expired_segments_total')}[$__rate_interval]))`,
              'segments past their retention',
            ),
            q(
              `sum(increase(${own('nunchi_logs_evicted_segments_total')}[$__rate_interval]))`,
              'segments for want of room',
            ),
          ],
          { min: 0 },
        ),
        stat(
          'Events that live listeners missed',
          [q(`sum(increase(${own('nunchi_logs_tail_dropped_events_total')}[$__range]))`)],
          { decimals: 0, hasGraph: false, w: 6, h: 8, thresholds: noneIsWell },
        ),
        stat('Damaged segments', [q(`sum(${own('nunchi_logs_damaged_segments_total')})`)], {
          decimals: 0,
          hasGraph: false,
          w: 6,
          h: 8,
          thresholds: noneIsWell,
        }),
      ],
    },
  ],
});
