import type { useMessages } from '../../../i18n/messages.ts';
import type { ChartSpec } from '../subject/chart-spec.ts';
import { asked, cpuUsage, memoryUsage, network, windowOf } from '../subject/promql.ts';
import type { kubernetesWords } from '../words.ts';

type Words = ReturnType<typeof useMessages<typeof kubernetesWords.en>>;

const allocatable = (resource: string): string =>
  `sum(max by (node) (kube_node_status_allocatable{resource="${resource}"}))`;
const requested = (resource: 'cpu' | 'memory'): string =>
  asked('requests', resource, 'node!=""', '');

/** What the nodes and all pods use together, beside what they asked for and what the nodes have. */
export function clusterCharts(stepMs: number, m: Words): readonly ChartSpec[] {
  const window = windowOf(stepMs);
  return [
    {
      id: 'cpu',
      title: m.cpu,
      unit: 'cores',
      lines: [
        {
          expr: `sum(max by (node) (rate(node_cpu_usage_seconds_total[${window}])))`,
          name: m.ofNodes,
          colorToken: '--series-1',
        },
        { expr: cpuUsage('', '', window), name: m.ofPods, colorToken: '--series-7' },
        { expr: requested('cpu'), name: m.requested, colorToken: '--text-3', isBound: true },
        { expr: allocatable('cpu'), name: m.allocatable, colorToken: '--critical', isBound: true },
      ],
    },
    {
      id: 'memory',
      title: m.memory,
      unit: 'bytes',
      lines: [
        {
          expr: 'sum(max by (node) (node_memory_working_set_bytes))',
          name: m.ofNodes,
          colorToken: '--series-1',
        },
        { expr: memoryUsage('', ''), name: m.ofPods, colorToken: '--series-7' },
        { expr: requested('memory'), name: m.requested, colorToken: '--text-3', isBound: true },
        {
          expr: allocatable('memory'),
          name: m.allocatable,
          colorToken: '--critical',
          isBound: true,
        },
      ],
    },
    {
      id: 'network',
      title: m.network,
      unit: 'bytesPerSecond',
      lines: [
        { expr: network('receive', '', '', window), name: m.received, colorToken: '--series-5' },
        { expr: network('transmit', '', '', window), name: m.sent, colorToken: '--series-2' },
      ],
    },
    {
      id: 'restarts',
      title: m.restartsOverTime,
      unit: 'count',
      lines: [
        {
          expr: `sum(max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total[${window}])))`,
          name: m.restarts,
          colorToken: '--warning',
        },
      ],
    },
  ];
}

const shown = 8;
const byPod = 'namespace,pod';

/** Who uses most, at the end of the range; who restarted most within it. */
export function topQueries(
  window: string,
  rangeSeconds: number,
): Readonly<Record<'cpu' | 'memory' | 'restarts' | 'network', string>> {
  const top = (expr: string): string => `topk(${shown}, ${expr})`;
  const restarts = `increase(kube_pod_container_status_restarts_total[${rangeSeconds}s])`;
  return {
    cpu: top(cpuUsage('pod!=""', byPod, window)),
    memory: top(memoryUsage('pod!=""', byPod)),
    restarts: top(`sum by (${byPod}) (max by (${byPod},container) (${restarts}))`),
    network: top(
      `${network('receive', '', byPod, window)} + ${network('transmit', '', byPod, window)}`,
    ),
  };
}
