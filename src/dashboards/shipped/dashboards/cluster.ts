import type { Dashboard } from '#dashboards/model';
import { clusterVariable, column, dashboard, dataSourceVariable, linkTo } from '../build.ts';
import {
  allocatable,
  containerCpu,
  containerMemory,
  limits,
  podNetwork,
  requests,
  restarts,
  state,
  sumBy,
} from '../kubernetes-queries.ts';
import { fullness, noneIsWell, q, stat, steps, table, timeSeries } from '../panels.ts';

const namespaceUrl = linkTo('nunchi-namespaces', { namespace: column('Namespace') });
const podUrl = linkTo('nunchi-pods', { namespace: column('Namespace'), pod: column('Pod') });

export const cluster: Dashboard = dashboard({
  uid: 'nunchi-cluster',
  title: 'Kubernetes / Cluster',
  description:
    'Nodes, namespaces and pods of a cluster: what they use, what they asked for, what is not well.',
  tags: ['kubernetes'],
  variables: [dataSourceVariable, clusterVariable],
  sections: [
    {
      panels: [
        stat(
          'Nodes ready',
          [
            q(
              sumBy(
                'cluster',
                state('kube_node_status_condition', ', condition="Ready", status="true"'),
              ),
            ),
          ],
          {
            thresholds: steps('red', [1, 'green']),
            decimals: 0,
          },
        ),
        stat(
          'Nodes not ready',
          [
            q(
              `count(${state('kube_node_status_condition', ', condition="Ready", status="true"')} == 0) or vector(0)`,
            ),
          ],
          {
            thresholds: noneIsWell,
            decimals: 0,
          },
        ),
        stat(
          'Pods running',
          [q(sumBy('cluster', state('kube_pod_status_phase', ', phase="Running"')))],
          { decimals: 0 },
        ),
        stat(
          'Pods pending or failed',
          [
            q(
              `sum(${state('kube_pod_status_phase', ', phase=~"Pending|Failed|Unknown"')}) or vector(0)`,
            ),
          ],
          {
            thresholds: steps('green', [1, 'orange']),
            decimals: 0,
          },
        ),
        stat('CPU in use', [q(`sum(${containerCpu()}) / sum(${allocatable('cpu')})`)], {
          unit: 'percentunit',
          thresholds: fullness,
          description: 'Of what nodes can give to pods.',
        }),
        stat('Memory in use', [q(`sum(${containerMemory()}) / sum(${allocatable('memory')})`)], {
          unit: 'percentunit',
          thresholds: fullness,
          description: 'Of what nodes can give to pods.',
        }),
      ],
    },
    {
      title: 'Use and requests',
      panels: [
        timeSeries('CPU by namespace', [q(sumBy('namespace', containerCpu()), '{{namespace}}')], {
          unit: 'none',
          min: 0,
          isStacked: true,
          description: 'Cores.',
        }),
        timeSeries(
          'Memory by namespace',
          [q(sumBy('namespace', containerMemory()), '{{namespace}}')],
          {
            unit: 'bytes',
            min: 0,
            isStacked: true,
            description: 'Working set.',
          },
        ),
        timeSeries(
          'CPU: asked for and given',
          [
            q(`sum(${containerCpu()})`, 'used'),
            q(`sum(${requests('cpu')})`, 'requested'),
            q(`sum(${limits('cpu')})`, 'limit'),
            q(`sum(${allocatable('cpu')})`, 'allocatable'),
          ],
          { unit: 'none', min: 0, description: 'Cores.' },
        ),
        timeSeries(
          'Memory: asked for and given',
          [
            q(`sum(${containerMemory()})`, 'used'),
            q(`sum(${requests('memory')})`, 'requested'),
            q(`sum(${limits('memory')})`, 'limit'),
            q(`sum(${allocatable('memory')})`, 'allocatable'),
          ],
          { unit: 'bytes', min: 0 },
        ),
      ],
    },
    {
      title: 'Namespaces',
      panels: [
        table(
          'Namespaces',
          [
            q(sumBy('namespace', `count by (namespace, pod) (${state('kube_pod_info')}) * 0 + 1`)),
            q(sumBy('namespace', containerCpu())),
            q(sumBy('namespace', requests('cpu'))),
            q(sumBy('namespace', containerMemory())),
            q(sumBy('namespace', requests('memory'))),
            q(sumBy('namespace', limits('memory'))),
          ],
          {
            sortBy: 'Memory',
            columns: [
              { from: 'namespace', title: 'Namespace', url: namespaceUrl },
              { from: 0, title: 'Pods', decimals: 0 },
              { from: 1, title: 'CPU', unit: 'none', decimals: 3 },
              { from: 2, title: 'CPU requested', unit: 'none', decimals: 2 },
              { from: 3, title: 'Memory', unit: 'bytes' },
              { from: 4, title: 'Memory requested', unit: 'bytes' },
              { from: 5, title: 'Memory limit', unit: 'bytes' },
            ],
          },
        ),
      ],
    },
    {
      title: 'What is not well',
      panels: [
        table(
          'Pods that are not ready',
          [
            q(
              `sum by (namespace, pod) (${state('kube_pod_status_ready', ', condition="true"')} == 0) + on (namespace, pod) group_left () (0 * max by (namespace, pod) (${state('kube_pod_status_phase', ', phase=~"Pending|Running|Unknown"')} == 1))`,
            ),
          ],
          {
            w: 12,
            description: 'Without those that have ended.',
            noValue: 'none',
            columns: [
              { from: 'namespace', title: 'Namespace', url: namespaceUrl },
              { from: 'pod', title: 'Pod', url: podUrl },
              {
                from: 0,
                title: 'Ready',
                mappings: [{ type: 'value', options: { 0: { text: 'not ready', color: 'red' } } }],
                thresholds: steps('red'),
              },
            ],
          },
        ),
        table(
          'Containers that restarted',
          [q(`topk(20, sum by (namespace, pod, container) (${restarts()}) > 0)`)],
          {
            w: 12,
            sortBy: 'Restarts',
            description: 'In the time that is shown.',
            noValue: 'none',
            columns: [
              { from: 'namespace', title: 'Namespace', url: namespaceUrl },
              { from: 'pod', title: 'Pod', url: podUrl },
              { from: 'container', title: 'Container' },
              { from: 0, title: 'Restarts', decimals: 0, thresholds: steps('orange', [5, 'red']) },
            ],
          },
        ),
        timeSeries(
          'Waiting containers by reason',
          [
            q(
              `sum by (reason) (${state('kube_pod_container_status_waiting_reason')}) > 0`,
              '{{reason}}',
            ),
          ],
          { min: 0 },
        ),
        timeSeries(
          'Pods by phase',
          [q(`sum by (phase) (${state('kube_pod_status_phase')})`, '{{phase}}')],
          {
            min: 0,
            isStacked: true,
          },
        ),
      ],
    },
    {
      title: 'Network',
      panels: [
        timeSeries(
          'Received and sent by namespace',
          [
            q(
              sumBy('namespace', podNetwork('container_network_receive_bytes_total')),
              '{{namespace}} in',
            ),
            q(
              sumBy('namespace', podNetwork('container_network_transmit_bytes_total')),
              '{{namespace}} out',
            ),
          ],
          { unit: 'Bps', negative: '/ out$/' },
        ),
        timeSeries(
          'Dropped packets by namespace',
          [
            q(
              sumBy('namespace', podNetwork('container_network_receive_packets_dropped_total')),
              '{{namespace}} in',
            ),
            q(
              sumBy('namespace', podNetwork('container_network_transmit_packets_dropped_total')),
              '{{namespace}} out',
            ),
          ],
          { unit: 'pps', negative: '/ out$/' },
        ),
      ],
    },
  ],
});
