import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { metricsApi, type WireMatrixItem } from '../../../api/metrics.ts';
import { retryWhenAway } from '../../../api/retry.ts';
import { seriesTokens } from '../../../charts/colors.ts';
import type { TimeSeries } from '../../../charts/time-chart.tsx';
import { type Grid, valuesOn } from '../../metrics/explore/series-model.ts';
import type { ChartLine, ChartSpec } from './chart-spec.ts';

/** More lines than these cannot be told apart. */
const maxLines = 40;

export interface ChartData {
  readonly timesMs: readonly number[];
  readonly series: readonly TimeSeries[];
  readonly isLoading: boolean;
  readonly isStale: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

interface GridResult {
  readonly grid: Grid;
  readonly items: readonly WireMatrixItem[];
}

/** What a chart's queries gave over the page's range. */
export function useChart(spec: ChartSpec, grid: Grid): ChartData {
  const queries = useQueries({
    queries: spec.lines.map(({ expr }) => ({
      queryKey: ['promql-range', expr, grid.fromMs, grid.toMs, grid.stepMs],
      queryFn: async ({ signal }: { signal: AbortSignal }): Promise<GridResult> => {
        const { result } = await metricsApi.range({ expr, ...grid }, signal);
        return { grid, items: result };
      },
      placeholderData: keepPreviousData,
      retry: retryWhenAway,
    })),
  });
  const answers = queries.map((query) => query.data);
  const shownGrid = answers.find((answer) => answer !== undefined)?.grid ?? grid;
  // biome-ignore lint/correctness/useExhaustiveDependencies: one entry for each answer.
  const series = useMemo(() => seriesOf(spec.lines, answers), [spec, ...answers]);
  const timesMs = useMemo(
    () =>
      Array.from({ length: shownGrid.count }, (_, at) => shownGrid.fromMs + at * shownGrid.stepMs),
    [shownGrid],
  );
  return {
    timesMs,
    series,
    isLoading: queries.some((query) => query.data === undefined && query.error === null),
    isStale: queries.some((query) => query.isPlaceholderData),
    error: queries.find((query) => query.error !== null)?.error ?? null,
    retry: () => {
      for (const query of queries) void query.refetch();
    },
  };
}

function seriesOf(
  lines: readonly ChartLine[],
  answers: readonly (GridResult | undefined)[],
): readonly TimeSeries[] {
  const series: TimeSeries[] = [];
  const names = new Set<string>();
  for (const [index, { name, colorToken, isBound }] of lines.entries()) {
    const answer = answers[index];
    for (const item of answer?.items.slice(0, maxLines) ?? []) {
      const own = typeof name === 'string' ? name : name(item.metric);
      if (names.has(own)) continue;
      names.add(own);
      series.push({
        name: own,
        values: valuesOn(item, (answer as GridResult).grid),
        ...(colorToken === undefined ? {} : { colorToken }),
        ...(isBound === undefined ? {} : { isBound }),
      });
    }
  }
  return withTokens(series);
}

/** Colours are given here, so that the legend has those of the chart. */
function withTokens(series: readonly TimeSeries[]): readonly TimeSeries[] {
  const free = series.filter(({ colorToken }) => colorToken === undefined);
  const tokens = seriesTokens(free.map(({ name }) => name));
  const given = new Map(free.map(({ name }, index) => [name, tokens[index] as string]));
  return series.map((one) => ({
    ...one,
    colorToken: one.colorToken ?? (given.get(one.name) as string),
  }));
}
