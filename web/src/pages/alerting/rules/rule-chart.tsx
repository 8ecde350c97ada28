import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { dashboardsApi } from '../../../api/dashboards.ts';
import { metricsApi, type WireMatrixItem } from '../../../api/metrics.ts';
import { TimeChart, type TimeSeries } from '../../../charts/time-chart.tsx';
import { useMessages } from '../../../i18n/messages.ts';
import { niceStepMs } from '../../../time/range.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { Card, ErrorState, SkeletonLines } from '../../../ui/states.tsx';
import { graphModel, gridOf } from '../../metrics/explore/series-model.ts';
import look from './rules.module.css';
import { rulesWords } from './words.ts';

/** About one for each pixel or two of a chart. */
const maxSteps = 400;
/** More lines in the chart of a rule say nothing. */
const maxSeries = 60;

/** This server, as a data source. */
const ownSourceUid = 'prometheus';

/** A range query, of this server or of another that speaks the same API. */
async function rangeOf(
  sourceUid: string,
  query: Parameters<typeof metricsApi.range>[0],
  signal: AbortSignal,
): Promise<readonly WireMatrixItem[]> {
  if (sourceUid === ownSourceUid) return (await metricsApi.range(query, signal)).result;
  const { result } = await dashboardsApi.prometheus<{ readonly result: readonly WireMatrixItem[] }>(
    sourceUid,
    'query_range',
    {
      query: query.expr,
      start: query.fromMs / 1000,
      end: query.toMs / 1000,
      step: query.stepMs / 1000,
    },
    signal,
  );
  return result;
}

/** What a rule looks at over the page's range, with the line that it must not cross. */
export function RuleChart({
  expr,
  thresholds,
  sourceUid = ownSourceUid,
}: {
  readonly expr: string;
  /** The data source that is asked; absent: this server. */
  readonly sourceUid?: string;
  /** Values of the lines. */
  readonly thresholds: readonly number[];
}): ReactNode {
  const m = useMessages(rulesWords);
  const { fromMs, toMs } = useSharedRange();
  const stepMs = Math.max(5000, niceStepMs({ fromMs, toMs }, maxSteps));
  const grid = useMemo(() => gridOf({ fromMs, toMs }, stepMs), [fromMs, toMs, stepMs]);
  const query = useQuery({
    queryKey: ['alerting', 'chart', sourceUid, expr, grid],
    queryFn: async ({ signal }) => ({
      items: await rangeOf(sourceUid, { expr, ...grid }, signal),
      grid,
    }),
    placeholderData: (previous) => previous,
  });
  const model = useMemo(() => {
    if (query.data === undefined) return undefined;
    const { grid: asked } = query.data;
    const items = query.data.items.slice(0, maxSeries);
    const graph = graphModel([{ letter: 'A', expr, items }], asked);
    const lines = thresholds.map(
      (value, at): TimeSeries => ({
        name: thresholds.length > 1 ? `${m.threshold} ${at + 1}` : m.threshold,
        values: graph.timesMs.map(() => value),
        colorToken: '--critical',
        isBound: true,
      }),
    );
    return { ...graph, series: [...graph.series, ...lines] };
  }, [query.data, expr, thresholds, m.threshold]);
  return (
    <Card
      title={m.query}
      actions={
        <Link to={'/metrics/explore' as string} search={{ q: expr } as never}>
          {m.explore}
        </Link>
      }
    >
      <div className={look.chartBody}>
        {query.isError && <ErrorState error={query.error} />}
        {model === undefined ? (
          !query.isError && <SkeletonLines count={5} />
        ) : (
          <TimeChart
            title={m.query}
            timesMs={model.timesMs}
            series={model.series}
            height={220}
            base="data"
            legend
            stale={query.isPlaceholderData}
          />
        )}
      </div>
    </Card>
  );
}
