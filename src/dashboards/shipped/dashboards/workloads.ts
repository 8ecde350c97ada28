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
  containerRate,
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
const which = `${here}, workload_type="$type", workload="$workload"`;
/** Series of pods, of this workload alone. */
const own = (expr: string): string => ofWorkload(expr, which);
const ownPods = `max by (cluster, namespace, pod) (namespace_workload_pod:kube_pod_owner:relabel{cluster="$cluster"${which}})`;
const ofOwnPods = (expr: string): string =>
  `${expr} * on (cluster, namespace, pod) group_left () ${ownPods}`;
const replicas = (metric: string, kind: string): string =>
  state(metric, `${here}, ${kind}="$workload"`);

export const workloads: Dashboard = dashboard({
  uid: 'nunchi-workloads',
  title: 'Kubernetes / Workloads',
  description:
    'One Deployment, StatefulSet, DaemonSet or Job: its replicas, and what its pods use.',
  tags: ['kubernetes'],
  variables: [
    dataSourceVariable,
    clusterVariable,
    labelVariable(
      'namespace',
      'label_values(namespace_workload_pod:kube_pod_owner:relabel{cluster="$cluster"}, namespace)',
      { label: 'Namespace' },
    ),
    labelVariable(
      'type',
      'label_values(namespace_workload_pod:kube_pod_owner:relabel{cluster="$cluster", namespace="$namespace"}, workload_type)',
      { label: 'Type' },
    ),
    labelVariable(
      'workload',
      'label_values(namespace_workload_pod:kube_pod_owner:relabel{cluster="$cluster", namespace="$namespace", workload_type="$type"}, workload)',
      { label: 'Workload' },
    ),
  ],
  sections: [
    {
      panels: [
        stat('Pods', [q(`count(${ownPods})`)], { decimals: 0 }),
        stat(
          'Ready',
          [
            q(
              `sum(${ofOwnPods(`max by (cluster, namespace, pod) (${state('kube_pod_status_ready', `, condition="true"${here}`)})`)})`,
            ),
          ],
          { decimals: 0, thresholds: steps('red', [1, 'green']) },
        ),
        stat(
          'Restarts',
          [
            q(
              `sum(${ofOwnPods(`sum by (cluster, namespace, pod) (${restarts(here)})`)}) or vector(0)`,
            ),
          ],
          {
            decimals: 0,
            hasGraph: false,
            thresholds: steps('green', [1, 'orange'], [10, 'red']),
            description: 'In the time that is shown.',
          },
        ),
        stat(
          'CPU of requests',
          [q(`sum(${own(containerCpu(here))}) / sum(${own(requests('cpu', here))})`)],
          { unit: 'percentunit', thresholds: steps('green', [1, 'orange']) },
        ),
        stat(
          'Memory of requests',
          [q(`sum(${own(containerMemory(here))}) / sum(${own(requests('memory', here))})`)],
          { unit: 'percentunit', thresholds: steps('green', [1, 'orange']) },
        ),
        stat(
          'Memory of limits',
          [q(`sum(${own(containerMemory(here))}) / sum(${own(limits('memory', here))})`)],
          { unit: 'percentunit', thresholds: steps('green', [0.8, 'orange'], [0.95, 'red']) },
        ),
      ],
    },
    {
      title: 'Use',
      panels: [
        timeSeries(
          'CPU',
          [
            q(sumBy('pod', own(containerCpu(here))), '{{pod}}'),
            q(`sum(${own(requests('cpu', here))})`, 'requested by all'),
          ],
          { min: 0, description: 'Cores.' },
        ),
        timeSeries(
          'Memory',
          [
            q(sumBy('pod', own(containerMemory(here))), '{{pod}}'),
            q(`sum(${own(requests('memory', here))})`, 'requested by all'),
          ],
          { unit: 'bytes', min: 0 },
        ),
        timeSeries(
          'CPU throttled',
          [
            q(
              `${sumBy('pod', own(containerRate('container_cpu_cfs_throttled_periods_total', here)))} / ${sumBy('pod', own(containerRate('container_cpu_cfs_periods_total', here)))}`,
              '{{pod}}',
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
          'Received and sent',
          [
            q(`sum(${ofOwnPods(podNetwork('container_network_receive_bytes_total', here))})`, 'in'),
            q(
              `sum(${ofOwnPods(podNetwork('container_network_transmit_bytes_total', here))})`,
              'out',
            ),
          ],
          { unit: 'Bps', negative: '/^out$/' },
        ),
      ],
    },
    {
      title: 'Pods',
      panels: [
        table(
          'Pods',
          [
            q(sumBy('pod', own(containerCpu(here)))),
            q(sumBy('pod', own(requests('cpu', here)))),
            q(sumBy('pod', own(containerMemory(here)))),
            q(sumBy('pod', own(limits('memory', here)))),
            q(
              `sum by (pod) (${ofOwnPods(`sum by (cluster, namespace, pod) (${state('kube_pod_container_status_restarts_total', here)})`)})`,
            ),
          ],
          {
            sortBy: 'CPU',
            columns: [
              {
                from: 'pod',
                title: 'Pod',
                url: linkTo('nunchi-pods', { namespace: '$namespace', pod: column('Pod') }),
              },
              { from: 0, title: 'CPU', decimals: 3 },
              { from: 1, title: 'CPU requested', decimals: 2 },
              { from: 2, title: 'Memory', unit: 'bytes' },
              { from: 3, title: 'Memory limit', unit: 'bytes' },
              { from: 4, title: 'Restarts', decimals: 0, thresholds: steps('text', [1, 'orange']) },
            ],
          },
        ),
        timeSeries(
          'Replicas',
          [
            q(
              `${replicas('kube_deployment_spec_replicas', 'deployment')} or ${replicas('kube_statefulset_replicas', 'statefulset')} or ${replicas('kube_daemonset_status_desired_number_scheduled', 'daemonset')} or ${replicas('kube_job_spec_parallelism', 'job_name')}`,
              'wanted',
            ),
            q(
              `${replicas('kube_deployment_status_replicas_available', 'deployment')} or ${replicas('kube_statefulset_status_replicas_ready', 'statefulset')} or ${replicas('kube_daemonset_status_number_ready', 'daemonset')} or ${replicas('kube_job_status_active', 'job_name')}`,
              'there',
            ),
          ],
          { min: 0 },
        ),
        timeSeries(
          'Restarts',
          [
            q(
              `sum by (pod) (${ofOwnPods(`sum by (cluster, namespace, pod) (increase(${state('kube_pod_container_status_restarts_total', here)}[$__rate_interval]))`)})`,
              '{{pod}}',
            ),
          ],
          { min: 0 },
        ),
      ],
    },
  ],
});
