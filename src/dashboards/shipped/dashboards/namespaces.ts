import type { Dashboard } from '#dashboards/model';
import {
  clusterVariable,
  column,
  dashboard,
  dataSourceVariable,
  labelVariable,
  linkTo,
} from '../build.ts';
import {
  containerCpu,
  containerMemory,
  limits,
  ofWorkload,
  podNetwork,
  requests,
  restarts,
  state,
  sumBy,
} from '../kubernetes-queries.ts';
import { q, stat, steps, table, timeSeries } from '../panels.ts';

const here = ', namespace="$namespace"';
const workloads = (expr: string): string =>
  sumBy('workload, workload_type', ofWorkload(expr, here));
const workloadUrl = linkTo('nunchi-workloads', {
  namespace: '$namespace',
  type: column('Type'),
  workload: column('Workload'),
});

export const namespaces: Dashboard = dashboard({
  uid: 'nunchi-namespaces',
  title: 'Kubernetes / Namespaces',
  description:
    'What the workloads and pods of a namespace use, what they asked for, and its quotas.',
  tags: ['kubernetes'],
  variables: [
    dataSourceVariable,
    clusterVariable,
    labelVariable(
      'namespace',
      'label_values(kube_namespace_status_phase{job="kube-state-metrics", cluster="$cluster"}, namespace)',
      { label: 'Namespace' },
    ),
  ],
  sections: [
    {
      panels: [
        stat(
          'Pods running',
          [q(`sum(${state('kube_pod_status_phase', `, phase="Running"${here}`)})`)],
          { decimals: 0 },
        ),
        stat(
          'Pods pending or failed',
          [q(`sum(${state('kube_pod_status_phase', `, phase=~"Pending|Failed|Unknown"${here}`)})`)],
          { decimals: 0, thresholds: steps('green', [1, 'orange']) },
        ),
        stat('Restarts', [q(`sum(${restarts(here)}) or vector(0)`)], {
          decimals: 0,
          hasGraph: false,
          thresholds: steps('green', [1, 'orange'], [10, 'red']),
          description: 'In the time that is shown.',
        }),
        stat('CPU', [q(`sum(${containerCpu(here)})`)], { decimals: 3, description: 'Cores.' }),
        stat('CPU of requests', [q(`sum(${containerCpu(here)}) / sum(${requests('cpu', here)})`)], {
          unit: 'percentunit',
          thresholds: steps('green', [1, 'orange']),
        }),
        stat(
          'Memory of requests',
          [q(`sum(${containerMemory(here)}) / sum(${requests('memory', here)})`)],
          { unit: 'percentunit', thresholds: steps('green', [1, 'orange']) },
        ),
      ],
    },
    {
      title: 'Workloads',
      panels: [
        timeSeries('CPU by workload', [q(workloads(containerCpu(here)), '{{workload}}')], {
          min: 0,
          isStacked: true,
          description: 'Cores.',
        }),
        timeSeries('Memory by workload', [q(workloads(containerMemory(here)), '{{workload}}')], {
          unit: 'bytes',
          min: 0,
          isStacked: true,
        }),
        table(
          'Workloads',
          [
            q(
              `count by (workload, workload_type) (max by (namespace, pod, workload, workload_type) (namespace_workload_pod:kube_pod_owner:relabel{cluster="$cluster"${here}}))`,
            ),
            q(workloads(containerCpu(here))),
            q(workloads(requests('cpu', here))),
            q(workloads(limits('cpu', here))),
            q(workloads(containerMemory(here))),
            q(workloads(requests('memory', here))),
            q(workloads(limits('memory', here))),
          ],
          {
            sortBy: 'Memory',
            columns: [
              { from: 'workload', title: 'Workload', url: workloadUrl },
              { from: 'workload_type', title: 'Type' },
              { from: 0, title: 'Pods', decimals: 0 },
              { from: 1, title: 'CPU', decimals: 3 },
              { from: 2, title: 'CPU requested', decimals: 2 },
              { from: 3, title: 'CPU limit', decimals: 2 },
              { from: 4, title: 'Memory', unit: 'bytes' },
              { from: 5, title: 'Memory requested', unit: 'bytes' },
              { from: 6, title: 'Memory limit', unit: 'bytes' },
            ],
          },
        ),
      ],
    },
    {
      title: 'Pods',
      panels: [
        table(
          'Pods',
          [
            q(sumBy('pod', containerCpu(here))),
            q(sumBy('pod', requests('cpu', here))),
            q(sumBy('pod', containerMemory(here))),
            q(sumBy('pod', requests('memory', here))),
            q(sumBy('pod', limits('memory', here))),
            q(sumBy('pod', state('kube_pod_container_status_restarts_total', here))),
          ],
          {
            sortBy: 'Memory',
            columns: [
              {
                from: 'pod',
                title: 'Pod',
                url: linkTo('nunchi-pods', { namespace: '$namespace', pod: column('Pod') }),
              },
              { from: 0, title: 'CPU', decimals: 3 },
              { from: 1, title: 'CPU requested', decimals: 2 },
              { from: 2, title: 'Memory', unit: 'bytes' },
              { from: 3, title: 'Memory requested', unit: 'bytes' },
              { from: 4, title: 'Memory limit', unit: 'bytes' },
              { from: 5, title: 'Restarts', decimals: 0, thresholds: steps('text', [1, 'orange']) },
            ],
          },
        ),
        timeSeries(
          'Pods by phase',
          [q(`sum by (phase) (${state('kube_pod_status_phase', here)})`, '{{phase}}')],
          { min: 0, isStacked: true },
        ),
        timeSeries(
          'Received and sent by pod',
          [
            q(
              sumBy('pod', podNetwork('container_network_receive_bytes_total', here)),
              '{{pod}} in',
            ),
            q(
              sumBy('pod', podNetwork('container_network_transmit_bytes_total', here)),
              '{{pod}} out',
            ),
          ],
          { unit: 'Bps', negative: '/ out$/' },
        ),
      ],
    },
    {
      title: 'Replicas and quotas',
      isCollapsed: true,
      panels: [
        timeSeries(
          'Replicas that are missing',
          [
            q(
              `${state('kube_deployment_spec_replicas', here)} - ${state('kube_deployment_status_replicas_available', here)} > 0`,
              'Deployment {{deployment}}',
            ),
            q(
              `${state('kube_statefulset_replicas', here)} - ${state('kube_statefulset_status_replicas_ready', here)} > 0`,
              'StatefulSet {{statefulset}}',
            ),
            q(
              `${state('kube_daemonset_status_desired_number_scheduled', here)} - ${state('kube_daemonset_status_number_ready', here)} > 0`,
              'DaemonSet {{daemonset}}',
            ),
          ],
          { min: 0, noValue: 'none' },
        ),
        table(
          'Quotas',
          [
            q(
              `sum by (resourcequota, resource) (${state('kube_resourcequota', `, type="used"${here}`)})`,
            ),
            q(
              `sum by (resourcequota, resource) (${state('kube_resourcequota', `, type="hard"${here}`)})`,
            ),
          ],
          {
            w: 12,
            h: 8,
            noValue: 'none',
            columns: [
              { from: 'resourcequota', title: 'Quota' },
              { from: 'resource', title: 'Resource' },
              { from: 0, title: 'Used', unit: 'short' },
              { from: 1, title: 'Limit', unit: 'short' },
            ],
          },
        ),
      ],
    },
  ],
});
