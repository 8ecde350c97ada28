import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import {
  type Answer,
  metricsApi,
  type WireMatrixItem,
  type WireVectorItem,
} from '../../../api/metrics.ts';
import { niceStepMs } from '../../../time/range.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import { type Grid, gridOf } from './series-model.ts';
import { stepMsOf } from './step.ts';
import type { Asked, View } from './use-explore.ts';

/** One point for about three pixels of a wide screen. */
const maxAutoPoints = 400;
/** Most exporters are not scraped more often. */
const minAutoStepMs = 1000;

/** An answer with the moments that it was asked for: while the next is on its way, the ones before. */
export type GridAnswer<T> = Answer<readonly T[]> & { readonly grid: Grid };

export interface Outcome<T> {
  readonly asked: Asked;
  readonly answer: GridAnswer<T> | undefined;
  readonly error: Error | null;
  readonly isRunning: boolean;
  /** The answer is of the range or the query before. */
  readonly isStale: boolean;
  readonly retry: () => void;
}

export interface Results {
  /** What is asked for now. */
  readonly grid: Grid;
  /** In order; those that are switched off are left out. Empty while another view is on. */
  readonly ranges: readonly Outcome<WireMatrixItem>[];
  readonly instants: readonly Outcome<WireVectorItem>[];
}

/** The answers to what the link asks, over the page's range: only those that the view shows. */
export function useResults(asked: readonly Asked[], view: View | undefined, step: string): Results {
  const { fromMs, toMs } = useSharedRange();
  const stepMs =
    stepMsOf(step) ?? Math.max(minAutoStepMs, niceStepMs({ fromMs, toMs }, maxAutoPoints));
  const grid = useMemo(() => gridOf({ fromMs, toMs }, stepMs), [fromMs, toMs, stepMs]);
  const on = asked.filter((one) => !one.isOff);
  const ranged = view === 'table' ? [] : on;
  const ranges = useQueries({
    queries: ranged.map(({ expr }) => ({
      queryKey: ['promql-range', expr, grid.fromMs, grid.toMs, stepMs],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const query = { expr, fromMs: grid.fromMs, toMs: grid.toMs, stepMs };
        return { ...(await metricsApi.range(query, signal)), grid };
      },
      placeholderData: keepPreviousData,
      retry: false,
    })),
  });
  const single = view === 'table' ? on : [];
  const instants = useQueries({
    queries: single.map(({ expr }) => ({
      queryKey: ['promql-instant', expr, toMs],
      queryFn: async ({ signal }: { signal: AbortSignal }) => ({
        ...(await metricsApi.instant(expr, toMs, signal)),
        grid: { fromMs: toMs, toMs, stepMs, count: 1 },
      }),
      placeholderData: keepPreviousData,
      retry: false,
    })),
  });
  return {
    grid,
    ranges: ranges.map((query, index) => outcome(ranged[index] as Asked, query)),
    instants: instants.map((query, index) => outcome(single[index] as Asked, query)),
  };
}

interface QueryState<T> {
  readonly data: GridAnswer<T> | undefined;
  readonly error: Error | null;
  readonly isFetching: boolean;
  readonly isPlaceholderData: boolean;
  readonly refetch: () => Promise<unknown>;
}

const outcome = <T>(asked: Asked, query: QueryState<T>): Outcome<T> => ({
  asked,
  answer: query.error === null ? query.data : undefined,
  error: query.error,
  isRunning: query.isFetching,
  isStale: query.isPlaceholderData,
  retry: () => void query.refetch(),
});
