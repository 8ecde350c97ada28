import type { Labels } from '../../../api/metrics.ts';
import { seriesTokens } from '../../../charts/colors.ts';
import type { useMessages } from '../../../i18n/messages.ts';
import type { ChartLine, ChartSpec } from '../subject/chart-spec.ts';
import {
  asked,
  cpuThrottled,
  cpuUsage,
  matchersOf,
  memoryUsage,
  network,
  windowOf,
} from '../subject/promql.ts';
import type { kubernetesWords } from '../words.ts';
import type { PodFacts } from './pod-facts.ts';

type Words = ReturnType<typeof useMessages<typeof kubernetesWords.en>>;

/** What the eye should read as a bound, and how hard it is. */
const requestToken = '--text-3';
const limitToken = '--critical';

/** The charts of a pod, or of one of its containers. */
export function podCharts(
  facts: PodFacts,
  container: string,
  stepMs: number,
  m: Words,
): readonly ChartSpec[] {
  const { namespace, pod } = facts;
  const running = facts.containers.filter(({ isInit }) => !isInit).map(({ name }) => name);
  const shown = container === '' ? running : [container];
  const matchers = matchersOf({ namespace, pod, container: container || undefined });
  const ofPod = matchersOf({ namespace, pod });
  const window = windowOf(stepMs);
  const tokens = new Map(
    seriesTokens(shown).map((token, index) => [shown[index] as string, token]),
  );
  const isOne = shown.length === 1;
  const usage = (exprOf: (by: string, matchers: string) => string): ChartLine[] =>
    isOne
      ? [
          {
            expr: exprOf('', matchersOf({ namespace, pod, container: shown[0] })),
            name: m.usage,
            colorToken: tokens.get(shown[0] as string) ?? '--series-1',
          },
        ]
      : shown.map((name) => ({
          expr: exprOf('', matchersOf({ namespace, pod, container: name })),
          name,
          colorToken: tokens.get(name) ?? '--series-1',
        }));
  const bounds = (resource: 'cpu' | 'memory'): ChartLine[] => [
    {
      expr: asked('requests', resource, matchers, ''),
      name: m.request,
      colorToken: requestToken,
      isBound: true,
    },
    {
      expr: asked('limits', resource, matchers, ''),
      name: m.limit,
      colorToken: limitToken,
      isBound: true,
    },
  ];
  return [
    {
      id: 'cpu',
      title: m.cpu,
      unit: 'cores',
      lines: [...usage((by, of) => cpuUsage(of, by, window)), ...bounds('cpu')],
    },
    {
      id: 'throttled',
      title: m.throttled,
      unit: 'ratio',
      height: 64,
      isOptional: true,
      lines: [
        {
          expr: cpuThrottled(matchers, 'container', window),
          name: ({ container: name = '' }: Labels) => name,
          colorToken: '--warning',
        },
      ],
    },
    {
      id: 'memory',
      title: m.memory,
      unit: 'bytes',
      lines: [...usage((by, of) => memoryUsage(of, by)), ...bounds('memory')],
    },
    {
      id: 'network',
      title: m.network,
      unit: 'bytesPerSecond',
      height: 104,
      lines: [
        { expr: network('receive', ofPod, '', window), name: m.received, colorToken: '--series-5' },
        { expr: network('transmit', ofPod, '', window), name: m.sent, colorToken: '--series-2' },
      ],
    },
  ];
}
