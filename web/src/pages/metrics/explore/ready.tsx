import { useQuery } from '@tanstack/react-query';
import { ChartLine } from 'lucide-react';
import type { ReactNode } from 'react';
import { metricsApi } from '../../../api/metrics.ts';
import { useMessages } from '../../../i18n/messages.ts';
import start from '../../../ui/start-cards.module.css';
import { Empty } from '../../../ui/states.tsx';
import css from './explore.module.css';
import { exploreWords } from './words.ts';

type Sample = keyof (typeof exploreWords)['en']['samples'];

const samples: readonly { readonly word: Sample; readonly exprs: readonly string[] }[] = [
  {
    word: 'cpu',
    exprs: ['1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[1m]))'],
  },
  { word: 'memory', exprs: ['node_memory_MemAvailable_bytes'] },
  {
    word: 'disk',
    exprs: [
      'max by (instance, mountpoint) (1 - node_filesystem_avail_bytes / node_filesystem_size_bytes)',
    ],
  },
  {
    word: 'network',
    exprs: [
      'sum by (instance) (rate(node_network_receive_bytes_total{device!="lo"}[1m]))',
      'sum by (instance) (rate(node_network_transmit_bytes_total{device!="lo"}[1m]))',
    ],
  },
  { word: 'up', exprs: ['up'] },
  { word: 'slowScrapes', exprs: ['topk(10, scrape_duration_seconds)'] },
  { word: 'largest', exprs: ['topk(10, count by (__name__) ({__name__=~".+"}))'] },
];

/** Before the first query: what one might ask of what is there. */
export function Ready({
  onRun,
}: {
  readonly onRun: (exprs: readonly string[]) => void;
}): ReactNode {
  const m = useMessages(exploreWords);
  const names = useQuery({
    queryKey: ['metric-names'],
    queryFn: ({ signal }) => metricsApi.labelValues('__name__', [], 20_000, signal),
  });
  if (names.data?.length === 0) {
    return (
      <div className={css.ready}>
        <Empty icon={ChartLine} title={m.noMetrics} text={m.noMetricsText} />
      </div>
    );
  }
  const known = new Set(names.data);
  // A sample about metrics that nobody sends would only disappoint.
  const shown = samples.filter(({ exprs }) =>
    exprs.every((expr) => {
      const metrics = expr.match(/\b(?:node_\w+|up|scrape_duration_seconds)\b/g) ?? [];
      return metrics.every((name) => known.has(name));
    }),
  );
  return (
    <div className={css.ready}>
      <div className={css.readyHead}>
        <h2>{m.askTitle}</h2>
        <p>{m.askText}</p>
      </div>
      <div className={start.cards}>
        {shown.map(({ word, exprs }) => (
          <button key={word} type="button" className={start.card} onClick={() => onRun(exprs)}>
            <span>{m.samples[word]}</span>
            <code>{exprs[0]}</code>
          </button>
        ))}
      </div>
    </div>
  );
}
