import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Labels, metricsApi } from '../../../api/metrics.ts';
import { retryWhenAway } from '../../../api/retry.ts';
import { useMessages } from '../../../i18n/messages.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { Card, ErrorState, Skeleton } from '../../../ui/states.tsx';
import { UsageBar } from '../lists/cells.tsx';
import { kubernetesWords } from '../words.ts';
import css from './overview.module.css';

/** The first few of a `topk` query, the largest first, with bars beside the largest. */
export function TopList({
  title,
  expr,
  format,
  link,
}: {
  readonly title: string;
  readonly expr: string;
  readonly format: (value: number) => string;
  readonly link: (labels: Labels) => ReactNode;
}): ReactNode {
  const m = useMessages(kubernetesWords);
  const { toMs } = useSharedRange();
  const query = useQuery({
    queryKey: ['promql-instant', expr, toMs],
    queryFn: async ({ signal }) => (await metricsApi.instant(expr, toMs, signal)).result,
    placeholderData: keepPreviousData,
    retry: retryWhenAway,
  });
  const rows = (query.data ?? [])
    .map(({ metric, value }) => ({ metric, value: Number(value?.[1]) }))
    .filter(({ value }) => value > 0)
    .toSorted((a, b) => b.value - a.value);
  const most = rows[0]?.value ?? 1;
  return (
    <Card title={title}>
      {query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <div className={css.topEmpty}>
          <Skeleton height={120} />
        </div>
      ) : rows.length === 0 ? (
        <div className={css.topEmpty}>{m.noneMeasured}</div>
      ) : (
        <ol className={css.top}>
          {rows.map(({ metric, value }) => (
            <li key={JSON.stringify(metric)}>
              <span className={css.topName}>{link(metric)}</span>
              <span className={css.topValue}>{format(value)}</span>
              <UsageBar ratio={value / most} isBound={false} />
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
