import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { kubernetesApi, type TimelineItem } from '../../../api/kubernetes.ts';
import { type Labels, metricsApi, type WireAlert } from '../../../api/metrics.ts';
import { retryWhenAway } from '../../../api/retry.ts';
import type { useMessages } from '../../../i18n/messages.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import type { kubernetesWords } from '../words.ts';
import type { Happening, Severity } from './happening.ts';

type Words = ReturnType<typeof useMessages<typeof kubernetesWords.en>>;

/** What a time line is about; nothing: the whole cluster. */
export interface TimelineOf {
  readonly namespace?: string | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
}

const pageItems = 500;
/** Of a busy range somebody scrolls through so many, then narrows it. */
const maxPages = 20;
const alertRefreshMs = 15_000;

/** Events and changes within the page's range, newest first, as far as they were asked for. */
export function useTimeline(of: TimelineOf): {
  readonly items: readonly TimelineItem[];
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  readonly warnings: readonly string[];
  readonly loadMore: () => void;
} {
  const { fromMs, toMs } = useSharedRange();
  const query = useInfiniteQuery({
    queryKey: ['kubernetes-timeline', of, fromMs, toMs],
    queryFn: ({ pageParam, signal }) =>
      kubernetesApi.timeline(
        { ...of, from: fromMs, to: toMs, limit: pageItems, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last, pages) => (pages.length < maxPages ? last.next : undefined),
    placeholderData: keepPreviousData,
    // A server that watches no cluster has none.
    retry: retryWhenAway,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? nothing, [data]);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return {
    items,
    isLoading: query.isLoading,
    hasMore: data?.pages.at(-1)?.next !== undefined,
    warnings: data?.pages[0]?.warnings ?? [],
    loadMore,
  };
}

const nothing: readonly TimelineItem[] = [];

const severities: Readonly<Record<TimelineItem['severity'], Severity>> = {
  info: 'info',
  warning: 'warning',
  error: 'critical',
};

/** @param self what the page is about: others are named */
export function happeningsOf(
  items: readonly TimelineItem[],
  self: string | undefined,
  m: Words,
): readonly Happening[] {
  return items.map((item) => ({
    key: item.id,
    atMs: item.time,
    severity: severities[item.severity],
    title: item.source === 'change' ? changeWord(item.type, m) : item.type,
    text: item.message,
    about: item.object.name === self ? undefined : `${item.object.kind} ${item.object.name}`,
    count: item.count,
    // Ordinary events of the kubelet are in the strip; through the charts goes what changes something.
    isMark: item.source === 'change' || item.severity !== 'info',
  }));
}

function changeWord(type: string, m: Words): string {
  return type in m.changes ? m.changes[type as keyof Words['changes']] : type;
}

/** Alerts that are on now and name these labels. */
export function useAlertsOf(
  labels: Readonly<Record<string, string | undefined>>,
): readonly WireAlert[] {
  const query = useQuery({
    queryKey: ['alerts'],
    queryFn: ({ signal }) => metricsApi.alerts(signal),
    refetchInterval: alertRefreshMs,
    retry: retryWhenAway,
  });
  const key = JSON.stringify(labels);
  return useMemo(() => {
    const wanted = Object.entries(JSON.parse(key) as Labels);
    return (query.data?.alerts ?? []).filter(
      (alert) =>
        alert.state !== 'inactive' && wanted.every(([name, value]) => alert.labels[name] === value),
    );
  }, [query.data, key]);
}
