import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import {
  kubernetesApi,
  type ListName,
  type ListQuery,
  type ListRows,
  maxListRows,
  type Page,
} from '../../../api/kubernetes.ts';
import { retryWhenAway } from '../../../api/retry.ts';
import { parseSort, type Sort } from '../../../ui/table-model.ts';

/** Lists are about now. */
const refreshMs = 10_000;

export interface ObjectList<Row> {
  /** Undefined: not there yet. */
  readonly rows: readonly Row[] | undefined;
  /** Rows that the filters let through, loaded or not. */
  readonly total: number;
  readonly health: Page<Row>['health'];
  readonly warnings: readonly string[];
  readonly error: Error | null;
  readonly isStale: boolean;
  readonly retry: () => void;
  readonly loadMore: () => void;
}

/** A list that the server filters and sorts, as far as somebody has scrolled. */
export function useObjectList<N extends ListName>(
  name: N,
  filters: ListQuery,
  sort: Sort | undefined,
): ObjectList<ListRows[N]> {
  const asked = {
    ...filters,
    ...(sort === undefined ? {} : { sort: sort.column, order: sort.descending ? 'desc' : 'asc' }),
  };
  const query = useInfiniteQuery({
    queryKey: ['kubernetes-list', name, asked],
    queryFn: ({ pageParam, signal }) =>
      kubernetesApi.list(name, { ...asked, limit: maxListRows, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
    // Comparing all rows that were scrolled past with the fresh ones takes longer than drawing those in sight.
    structuralSharing: false,
    retry: retryWhenAway,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items as ListRows[N][]), [data]);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const first = data?.pages[0];
  return {
    rows,
    total: first?.total ?? 0,
    health: first?.health ?? {},
    warnings: first?.warnings ?? [],
    error: query.error,
    isStale: query.isPlaceholderData,
    retry: () => void query.refetch(),
    loadMore,
  };
}

export const sortOf = (text: string, byDefault: string): Sort | undefined =>
  parseSort(text === '' ? byDefault : text);
