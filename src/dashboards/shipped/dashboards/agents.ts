import type { Dashboard } from '#dashboards/model';
import { dashboard, dataSourceVariable, labelVariable } from '../build.ts';
import { noneIsWell, q, stat, steps, table, timeSeries } from '../panels.ts';

/** What the server knows of each agent. */
const known = (metric: string): string => `${metric}{job="nunchi", agent=~"$agent"}`;
/** What agents tell of themselves: the one beside the server, and those that are scraped. */
const own = (metric: string): string => `${metric}{instance=~"$instance"}`;
const rate = (metric: string): string => `rate(${own(metric)}[$__rate_interval])`;

export const agents: Dashboard = dashboard({
  uid: 'nunchi-agents',
  title: 'Nunchi / Agents',
  description:
    'Whether agents report, how far behind they are, and what they read, sent and gave up.',
  tags: ['self'],
  variables: [
    dataSourceVariable,
    labelVariable('agent', 'label_values(nunchi_agents_last_seen_seconds, agent)', {
      label: 'Agent',
      isMulti: true,
    }),
    labelVariable('instance', 'label_values(nunchi_agent_read_bytes_total, instance)', {
      label: 'Instance',
      isMulti: true,
    }),
  ],
  sections: [
    {
      panels: [
        stat('Reporting', [q('sum(nunchi_agents{job="nunchi", state="reporting"})')], {
          decimals: 0,
          thresholds: steps('red', [1, 'green']),
        }),
        stat('Behind', [q('sum(nunchi_agents{job="nunchi", state="behind"})')], {
          decimals: 0,
          thresholds: steps('green', [1, 'orange']),
        }),
        stat('Silent', [q('sum(nunchi_agents{job="nunchi", state="silent"})')], {
          decimals: 0,
          thresholds: noneIsWell,
        }),
        stat('Not read yet', [q(`sum(${known('nunchi_agents_lag_bytes')})`)], {
          unit: 'bytes',
          thresholds: steps('green', [100_000_000, 'orange']),
        }),
        stat('Spools on disks', [q(`sum(${known('nunchi_agents_spool_bytes')})`)], {
          unit: 'bytes',
          thresholds: steps('green', [100_000_000, 'orange']),
        }),
        stat('Events given up', [q(`sum(${known('nunchi_agents_dropped_events')})`)], {
          decimals: 0,
          thresholds: noneIsWell,
        }),
      ],
    },
    {
      title: 'Every agent',
      panels: [
        table(
          'Agents',
          [
            q(`max by (agent) (time() - ${known('nunchi_agents_last_seen_seconds')})`),
            q(`max by (agent) (${known('nunchi_agents_lag_bytes')})`),
            q(`max by (agent) (${known('nunchi_agents_spool_bytes')})`),
            q(`max by (agent) (${known('nunchi_agents_dropped_events')})`),
          ],
          {
            sortBy: 'Not read yet',
            columns: [
              { from: 'agent', title: 'Agent' },
              {
                from: 0,
                title: 'Last heard of',
                unit: 's',
                thresholds: steps('text', [60, 'orange'], [300, 'red']),
              },
              { from: 1, title: 'Not read yet', unit: 'bytes' },
              { from: 2, title: 'Spool on its disk', unit: 'bytes' },
              {
                from: 3,
                title: 'Events given up',
                decimals: 0,
                thresholds: steps('text', [1, 'red']),
              },
            ],
          },
        ),
        timeSeries('Not read yet', [q(known('nunchi_agents_lag_bytes'), '{{agent}}')], {
          unit: 'bytes',
          min: 0,
        }),
        timeSeries('Spools on disks', [q(known('nunchi_agents_spool_bytes'), '{{agent}}')], {
          unit: 'bytes',
          min: 0,
        }),
      ],
    },
    {
      title: 'Logs',
      panels: [
        timeSeries(
          'Lines read',
          [q(`sum by (instance) (${rate('nunchi_agent_lines_total')})`, '{{instance}}')],
          { unit: 'eps', min: 0 },
        ),
        timeSeries(
          'Bytes read and sent',
          [
            q(`sum by (instance) (${rate('nunchi_agent_read_bytes_total')})`, '{{instance}} read'),
            q(
              `sum by (instance) (${rate('nunchi_agent_sent_bytes_total')})`,
              '{{instance}} sent, compressed',
            ),
          ],
          { unit: 'Bps', min: 0 },
        ),
        timeSeries(
          'Files followed',
          [q(`sum by (input) (${own('nunchi_agent_files')})`, '{{input}}')],
          { min: 0 },
        ),
        timeSeries(
          'Batches',
          [
            q(`sum(${rate('nunchi_agent_batches_sent_total')})`, 'sent'),
            q(`sum(${rate('nunchi_agent_send_retries_total')})`, 'tried again'),
            q(`sum(${rate('nunchi_agent_batches_duplicate_total')})`, 'there already'),
          ],
          { unit: 'ops', min: 0 },
        ),
        timeSeries(
          'Lines that were not as expected',
          [
            q(`sum(${rate('nunchi_agent_unparsed_lines_total')})`, 'of no known form'),
            q(`sum(${rate('nunchi_agent_long_lines_total')})`, 'too long'),
            q(`sum(${rate('nunchi_agent_repaired_lines_total')})`, 'no UTF-8'),
            q(`sum(${rate('nunchi_agent_excluded_events_total')})`, 'left out by annotations'),
          ],
          { unit: 'eps', min: 0 },
        ),
        timeSeries(
          'Trouble',
          [
            q(`sum(${rate('nunchi_agent_events_dropped_total')})`, 'events given up'),
            q(`sum(${rate('nunchi_agent_read_errors_total')})`, 'failed reads'),
            q(`sum(${rate('nunchi_agent_files_lost_total')})`, 'files gone unread'),
            q(`sum(${rate('nunchi_agent_spool_lost_frames_total')})`, 'batches lost'),
          ],
          { unit: 'ops', min: 0 },
        ),
      ],
    },
    {
      title: 'Metrics',
      panels: [
        timeSeries(
          'Series of a collection',
          [q(`sum by (instance) (${own('nunchi_agent_metrics_series')})`, '{{instance}}')],
          { min: 0, w: 8 },
        ),
        timeSeries(
          'Samples',
          [
            q(`sum(${rate('nunchi_agent_metrics_samples_total')})`, 'collected'),
            q(`sum(${rate('nunchi_agent_metrics_sent_samples_total')})`, 'taken by the server'),
            q(`sum(${rate('nunchi_agent_metrics_dropped_samples_total')})`, 'given up'),
          ],
          { unit: 'ops', min: 0, w: 8 },
        ),
        timeSeries(
          'Waiting samples',
          [q(`sum by (instance) (${own('nunchi_agent_metrics_spooled_bytes')})`, '{{instance}}')],
          { unit: 'bytes', min: 0, w: 8 },
        ),
      ],
    },
  ],
});
