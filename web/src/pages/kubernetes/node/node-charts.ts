import type { Labels } from '../../../api/metrics.ts';
import type { useMessages } from '../../../i18n/messages.ts';
import type { Grid } from '../../metrics/explore/series-model.ts';
import type { ChartLine, ChartSpec } from '../subject/chart-spec.ts';
import { rangeSecondsOf } from '../subject/grid.ts';
import {
  asked,
  cpuUsage,
  literal,
  matchersOf,
  meanCpu,
  meanMemory,
  memoryUsage,
  quoted,
  topOver,
  windowOf,
} from '../subject/promql.ts';
import type { kubernetesWords } from '../words.ts';

type Words = ReturnType<typeof useMessages<typeof kubernetesWords.en>>;

/** Pods that use most; the rest is the space below what the node uses. */
const shownPods = 8;

/** What a node uses, beside what its pods asked for and what it has. */
export function nodeCharts(node: string, grid: Grid, m: Words): readonly ChartSpec[] {
  const window = windowOf(grid.stepMs);
  const rangeSeconds = rangeSecondsOf(grid);
  const matchers = matchersOf({ node });
  // The agent's own series name the host only as their instance.
  const host = `instance=~${quoted(`${literal(node)}(:[0-9]+)?`)}`;
  const bounds = (resource: 'cpu' | 'memory'): readonly ChartLine[] => [
    {
      expr: asked('requests', resource, matchers, ''),
      name: m.requested,
      colorToken: '--text-3',
      isBound: true,
    },
    {
      expr: `max(kube_node_status_allocatable{${matchers},resource="${resource}"})`,
      name: m.allocatable,
      colorToken: '--critical',
      isBound: true,
    },
  ];
  const used = (ofKubelet: string, ofHost: string): ChartLine => ({
    expr: `max(${ofKubelet}) or max(${ofHost})`,
    name: m.used,
    colorToken: '--series-1',
  });
  const pod = (labels: Labels): string => labels['pod'] ?? '';
  return [
    {
      id: 'cpu',
      title: m.cpu,
      unit: 'cores',
      lines: [
        used(
          `rate(node_cpu_usage_seconds_total{${matchers}}[${window}])`,
          `sum by (instance) (rate(node_cpu_seconds_total{${host},mode!~"idle|iowait|steal"}[${window}]))`,
        ),
        ...bounds('cpu'),
      ],
    },
    {
      id: 'memory',
      title: m.memory,
      unit: 'bytes',
      lines: [
        used(
          `node_memory_working_set_bytes{${matchers}}`,
          `node_memory_MemTotal_bytes{${host}} - node_memory_MemAvailable_bytes{${host}}`,
        ),
        ...bounds('memory'),
      ],
    },
    {
      id: 'pods-cpu',
      title: m.cpuOfPods,
      unit: 'cores',
      kind: 'stacked',
      isOptional: true,
      lines: [
        {
          expr: topOver(
            shownPods,
            cpuUsage(matchers, 'pod', window),
            'pod',
            meanCpu(matchers, 'pod', rangeSeconds),
          ),
          name: pod,
        },
      ],
    },
    {
      id: 'pods-memory',
      title: m.memoryOfPods,
      unit: 'bytes',
      kind: 'stacked',
      isOptional: true,
      lines: [
        {
          expr: topOver(
            shownPods,
            memoryUsage(matchers, 'pod'),
            'pod',
            meanMemory(matchers, 'pod', rangeSeconds),
          ),
          name: pod,
        },
      ],
    },
    {
      id: 'disk',
      title: m.disk,
      unit: 'ratio',
      height: 84,
      isOptional: true,
      lines: [
        {
          expr: `max by (mountpoint) (1 - node_filesystem_avail_bytes{${host},fstype!~"tmpfs|ramfs|devtmpfs|squashfs|iso9660|erofs|overlay"} / node_filesystem_size_bytes{${host}})`,
          name: ({ mountpoint = '' }: Labels) => mountpoint,
        },
      ],
    },
    {
      id: 'network',
      title: m.network,
      unit: 'bytesPerSecond',
      height: 104,
      isOptional: true,
      lines: (
        [
          ['receive', m.received, '--series-5'],
          ['transmit', m.sent, '--series-2'],
        ] as const
      ).map(([direction, name, colorToken]) => ({
        expr: `sum(rate(node_network_${direction}_bytes_total{${host},device!~"lo|veth.*|cni.*|eni.*"}[${window}]))`,
        name,
        colorToken,
      })),
    },
  ];
}
