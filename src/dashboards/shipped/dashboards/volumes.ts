import type { Dashboard } from '#dashboards/model';
import {
  clusterVariable,
  column,
  dashboard,
  dataSourceVariable,
  labelVariable,
  linkTo,
} from '../build.ts';
import { state } from '../kubernetes-queries.ts';
import { fullness, q, stat, steps, table, timeSeries } from '../panels.ts';

const here = ', namespace=~"$namespace"';
const volume = (metric: string): string =>
  `max by (namespace, persistentvolumeclaim) (${metric}{job="kubelet", cluster="$cluster"${here}, persistentvolumeclaim=~"$volume"})`;
const used = `1 - ${volume('kubelet_volume_stats_available_bytes')} / ${volume('kubelet_volume_stats_capacity_bytes')}`;
const usedInodes = `${volume('kubelet_volume_stats_inodes_used')} / (${volume('kubelet_volume_stats_inodes')} > 0)`;
const name = '{{namespace}}/{{persistentvolumeclaim}}';

export const volumes: Dashboard = dashboard({
  uid: 'nunchi-volumes',
  title: 'Kubernetes / Persistent volumes',
  description: 'How full volumes are, how soon they will be, and claims that got none.',
  tags: ['kubernetes', 'storage'],
  from: 'now-6h',
  variables: [
    dataSourceVariable,
    clusterVariable,
    labelVariable(
      'namespace',
      'label_values(kube_persistentvolumeclaim_info{job="kube-state-metrics", cluster="$cluster"}, namespace)',
      { label: 'Namespace', isMulti: true },
    ),
    labelVariable(
      'volume',
      'label_values(kube_persistentvolumeclaim_info{job="kube-state-metrics", cluster="$cluster", namespace=~"$namespace"}, persistentvolumeclaim)',
      { label: 'Claim', isMulti: true },
    ),
  ],
  sections: [
    {
      panels: [
        stat(
          'Claims',
          [q(`count(${state('kube_persistentvolumeclaim_info', here)}) or vector(0)`)],
          { decimals: 0 },
        ),
        stat(
          'Claims without a volume',
          [
            q(
              `sum(${state('kube_persistentvolumeclaim_status_phase', `, phase=~"Pending|Lost"${here}`)}) or vector(0)`,
            ),
          ],
          { decimals: 0, thresholds: steps('green', [1, 'red']) },
        ),
        stat(
          'Volumes that failed',
          [
            q(
              `sum(${state('kube_persistentvolume_status_phase', ', phase="Failed"')}) or vector(0)`,
            ),
          ],
          { decimals: 0, thresholds: steps('green', [1, 'red']) },
        ),
        stat('Fullest volume', [q(`max(${used})`)], { unit: 'percentunit', thresholds: fullness }),
        stat(
          'Full within 4 days',
          [
            q(
              `count(predict_linear(kubelet_volume_stats_available_bytes{job="kubelet", cluster="$cluster"${here}}[6h], 4 * 24 * 3600) < 0) or vector(0)`,
            ),
          ],
          {
            decimals: 0,
            thresholds: steps('green', [1, 'orange']),
            w: 8,
            description: 'As the last 6 hours went.',
          },
        ),
      ],
    },
    {
      title: 'Volumes',
      panels: [
        table(
          'Volumes',
          [
            q(volume('kubelet_volume_stats_capacity_bytes')),
            q(volume('kubelet_volume_stats_used_bytes')),
            q(used),
            q(usedInodes),
          ],
          {
            sortBy: 'Full',
            columns: [
              {
                from: 'namespace',
                title: 'Namespace',
                url: linkTo('nunchi-namespaces', { namespace: column('Namespace') }),
              },
              { from: 'persistentvolumeclaim', title: 'Claim' },
              { from: 0, title: 'Size', unit: 'bytes' },
              { from: 1, title: 'Used', unit: 'bytes' },
              { from: 2, title: 'Full', unit: 'percentunit', barUpTo: 1, thresholds: fullness },
              { from: 3, title: 'Inodes in use', unit: 'percentunit', thresholds: fullness },
            ],
          },
        ),
        timeSeries('Space in use', [q(used, name)], {
          unit: 'percentunit',
          min: 0,
          max: 1,
          thresholds: fullness,
          showsThresholds: true,
        }),
        timeSeries('Inodes in use', [q(usedInodes, name)], {
          unit: 'percentunit',
          min: 0,
          max: 1,
          thresholds: fullness,
          showsThresholds: true,
        }),
        timeSeries('Free', [q(volume('kubelet_volume_stats_available_bytes'), name)], {
          unit: 'bytes',
          min: 0,
        }),
        timeSeries(
          'Claims by phase',
          [
            q(
              `sum by (phase) (${state('kube_persistentvolumeclaim_status_phase', here)})`,
              '{{phase}}',
            ),
          ],
          { min: 0, isStacked: true },
        ),
      ],
    },
  ],
});
