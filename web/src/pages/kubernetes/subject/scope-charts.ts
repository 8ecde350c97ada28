import type { Labels } from '../../../api/metrics.ts';
import type { useMessages } from '../../../i18n/messages.ts';
import type { kubernetesWords } from '../words.ts';
import type { ChartSpec } from './chart-spec.ts';
import {
  asked,
  cpuThrottled,
  cpuUsage,
  meanCpu,
  meanMemory,
  memoryUsage,
  network,
  topOver,
  windowOf,
} from './promql.ts';

type Words = ReturnType<typeof useMessages<typeof kubernetesWords.en>>;

const maxLines = 10;

/** Charts of many pods: each its line, the largest of them; requests and limits are of all together. */
export function scopeCharts(
  matchers: string,
  {
    by,
    stepMs,
    rangeSeconds,
    isTotal,
  }: {
    /** The label that tells the lines apart. */
    readonly by: string;
    readonly stepMs: number;
    readonly rangeSeconds: number;
    /** Lines are stacked, and bounds of the sum make sense. */
    readonly isTotal: boolean;
  },
  m: Words,
): readonly ChartSpec[] {
  const window = windowOf(stepMs);
  const name = (labels: Labels): string => labels[by] ?? '';
  const top = (expr: string): string => `topk(${maxLines}, ${expr})`;
  const bounds = (resource: 'cpu' | 'memory'): ChartSpec['lines'] =>
    isTotal
      ? []
      : [
          {
            expr: `max(${asked('requests', resource, matchers, by)})`,
            name: m.requestOfOne,
            colorToken: '--text-3',
            isBound: true,
          },
          {
            expr: `max(${asked('limits', resource, matchers, by)})`,
            name: m.limitOfOne,
            colorToken: '--critical',
            isBound: true,
          },
        ];
  const kind = isTotal ? 'stacked' : 'lines';
  return [
    {
      id: 'cpu',
      title: m.cpu,
      unit: 'cores',
      kind,
      lines: [
        {
          expr: topOver(
            maxLines,
            cpuUsage(matchers, by, window),
            by,
            meanCpu(matchers, by, rangeSeconds),
          ),
          name,
        },
        ...bounds('cpu'),
      ],
    },
    {
      id: 'throttled',
      title: m.throttled,
      unit: 'ratio',
      height: 64,
      isOptional: true,
      lines: [{ expr: `${top(cpuThrottled(matchers, by, window))} > 0`, name }],
    },
    {
      id: 'memory',
      title: m.memory,
      unit: 'bytes',
      kind,
      lines: [
        {
          expr: topOver(
            maxLines,
            memoryUsage(matchers, by),
            by,
            meanMemory(matchers, by, rangeSeconds),
          ),
          name,
        },
        ...bounds('memory'),
      ],
    },
    {
      id: 'network',
      title: m.network,
      unit: 'bytesPerSecond',
      height: 104,
      lines: [
        {
          expr: network('receive', matchers, '', window),
          name: m.received,
          colorToken: '--series-5',
        },
        { expr: network('transmit', matchers, '', window), name: m.sent, colorToken: '--series-2' },
      ],
    },
  ];
}
