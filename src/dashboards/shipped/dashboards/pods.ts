import type { Dashboard } from '#dashboards/model';
import {
  clusterVariable,
  dashboard,
  dataSourceVariable,
  labelVariable,
  logSourceVariable,
} from '../build.ts';
import {
  containerCpu,
  containerGauge,
  containerMemory,
  containerRate,
  limits,
  podNetwork,
  requests,
  restarts,
  state,
  sumBy,
} from '../kubernetes-queries.ts';
import { logLines, q, stat, steps, table, timeSeries } from '../panels.ts';

const here = ', namespace="$namespace", pod="$pod"';

export const pods: Dashboard = dashboard({
  uid: 'nunchi-pods',
  title: 'Kubernetes / Pods',
  description: 'One pod: its containers, what they use and may use, and what they say.',
  tags: ['kubernetes'],
  variables: [
    dataSourceVariable,
    logSourceVariable,
    clusterVariable,
    labelVariable(
      'namespace',
      'label_values(kube_pod_info{job="kube-state-metrics", cluster="$cluster"}, namespace)',
      { label: 'Namespace' },
    ),
    labelVariable(
      'pod',
      'label_values(kube_pod_info{job="kube-state-metrics", cluster="$cluster", namespace="$namespace"}, pod)',
      { label: 'Pod' },
    ),
  ],
  sections: [
    {
      panels: [
        stat(
          'Phase',
          [q(`max by (phase) (${state('kube_pod_status_phase', here)} == 1)`, '{{phase}}')],
          { hasGraph: false, textMode: 'name' },
        ),
        stat('Node', [q(`max by (node) (${state('kube_pod_info', here)})`, '{{node}}')], {
          hasGraph: false,
          textMode: 'name',
        }),
        stat(
          'Part of',
          [
            q(
              `max by (created_by_kind, created_by_name) (${state('kube_pod_info', here)})`,
              '{{created_by_kind}} {{created_by_name}}',
            ),
          ],
          { hasGraph: false, textMode: 'name', w: 8 },
        ),
        stat('Restarts', [q(`sum(${restarts(here)}) or vector(0)`)], {
          decimals: 0,
          hasGraph: false,
          thresholds: steps('green', [1, 'orange'], [10, 'red']),
          description: 'In the time that is shown.',
        }),
        stat('Age', [q(`time() - max(${state('kube_pod_created', here)})`)], {
          unit: 's',
          decimals: 0,
          hasGraph: false,
        }),
      ],
    },
    {
      title: 'Containers',
      panels: [
        table(
          'Containers',
          [
            q(`max by (container) (${state('kube_pod_container_status_ready', here)})`),
            q(sumBy('container', state('kube_pod_container_status_restarts_total', here))),
            q(sumBy('container', containerCpu(here))),
            q(sumBy('container', requests('cpu', here))),
            q(sumBy('container', limits('cpu', here))),
            q(sumBy('container', containerMemory(here))),
            q(sumBy('container', requests('memory', here))),
            q(sumBy('container', limits('memory', here))),
          ],
          {
            h: 6,
            columns: [
              { from: 'container', title: 'Container' },
              {
                from: 0,
                title: 'Ready',
                mappings: [
                  {
                    type: 'value',
                    options: {
                      0: { text: 'no', color: 'red', index: 0 },
                      1: { text: 'yes', color: 'green', index: 1 },
                    },
                  },
                ],
                thresholds: steps('red', [1, 'green']),
              },
              { from: 1, title: 'Restarts', decimals: 0, thresholds: steps('text', [1, 'orange']) },
              { from: 2, title: 'CPU', decimals: 3 },
              { from: 3, title: 'CPU requested', decimals: 2 },
              { from: 4, title: 'CPU limit', decimals: 2 },
              { from: 5, title: 'Memory', unit: 'bytes' },
              { from: 6, title: 'Memory requested', unit: 'bytes' },
              { from: 7, title: 'Memory limit', unit: 'bytes' },
            ],
          },
        ),
        timeSeries(
          'CPU',
          [
            q(sumBy('container', containerCpu(here)), '{{container}}'),
            q(sumBy('container', requests('cpu', here)), '{{container}} requested'),
            q(sumBy('container', limits('cpu', here)), '{{container}} limit'),
          ],
          { min: 0, description: 'Cores.' },
        ),
        timeSeries(
          'Memory',
          [
            q(sumBy('container', containerMemory(here)), '{{container}}'),
            q(sumBy('container', requests('memory', here)), '{{container}} requested'),
            q(sumBy('container', limits('memory', here)), '{{container}} limit'),
          ],
          { unit: 'bytes', min: 0 },
        ),
        timeSeries(
          'CPU throttled',
          [
            q(
              `${sumBy('container', containerRate('container_cpu_cfs_throttled_periods_total', here))} / ${sumBy('container', containerRate('container_cpu_cfs_periods_total', here))}`,
              '{{container}}',
            ),
          ],
          {
            unit: 'percentunit',
            min: 0,
            max: 1,
            description: 'Part of the periods in which a container with a limit had to wait.',
          },
        ),
        timeSeries(
          'Memory by kind',
          [
            q(
              sumBy('container', containerGauge('container_memory_rss', here)),
              '{{container}} of its own',
            ),
            q(
              sumBy('container', containerGauge('container_memory_cache', here)),
              '{{container}} files',
            ),
            q(
              sumBy('container', containerGauge('container_memory_swap', here)),
              '{{container}} swapped',
            ),
          ],
          { unit: 'bytes', min: 0, isStacked: true },
        ),
      ],
    },
    {
      title: 'Network and disk',
      panels: [
        timeSeries(
          'Received and sent',
          [
            q(sumBy('pod', podNetwork('container_network_receive_bytes_total', here)), 'in'),
            q(sumBy('pod', podNetwork('container_network_transmit_bytes_total', here)), 'out'),
          ],
          { unit: 'Bps', negative: '/^out$/' },
        ),
        timeSeries(
          'Errors and drops',
          [
            q(
              `${sumBy('pod', podNetwork('container_network_receive_errors_total', here))} + ${sumBy('pod', podNetwork('container_network_receive_packets_dropped_total', here))}`,
              'in',
            ),
            q(
              `${sumBy('pod', podNetwork('container_network_transmit_errors_total', here))} + ${sumBy('pod', podNetwork('container_network_transmit_packets_dropped_total', here))}`,
              'out',
            ),
          ],
          { unit: 'pps', negative: '/^out$/' },
        ),
        timeSeries(
          'Read and written',
          [
            q(
              sumBy('container', containerRate('container_fs_reads_bytes_total', here)),
              '{{container}} read',
            ),
            q(
              sumBy('container', containerRate('container_fs_writes_bytes_total', here)),
              '{{container}} written',
            ),
          ],
          { unit: 'Bps', negative: '/ written$/' },
        ),
        timeSeries(
          'Processes and threads',
          [
            q(
              sumBy('container', containerGauge('container_processes', here)),
              '{{container}} processes',
            ),
            q(
              sumBy('container', containerGauge('container_threads', here)),
              '{{container}} threads',
            ),
          ],
          { min: 0 },
        ),
      ],
    },
    {
      title: 'Logs',
      panels: [
        logLines(
          'Logs',
          "SOURCE logGroups(namePrefix: ['/aws/containerinsights'])\n| filter kubernetes.namespace_name = '$namespace' and kubernetes.pod_name = '$pod'\n| fields @timestamp, log, @logStream, @log\n| sort @timestamp desc\n| limit 500",
        ),
      ],
    },
  ],
});
