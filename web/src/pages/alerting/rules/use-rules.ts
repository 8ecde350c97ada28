import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { grafanaAlertingApi } from '../../../api/grafana-alerting.ts';
import { metricsApi } from '../../../api/metrics.ts';
import { grafanaGroups, prometheusGroups, type RuleGroupView } from './rule-model.ts';

const refreshMs = 10_000;

export interface Rules {
  readonly groups: readonly RuleGroupView[];
  readonly isLoading: boolean;
  readonly error: Error | null;
  readonly updatedMs: number;
  readonly refetch: () => void;
}

/** Rules of Prometheus files and those that are made here. */
export function useRules(): Rules {
  const prometheus = useQuery({
    queryKey: ['metrics', 'rules'],
    queryFn: ({ signal }) => metricsApi.rules(signal),
    refetchInterval: refreshMs,
  });
  const ruler = useQuery({
    queryKey: ['alerting', 'ruler'],
    queryFn: ({ signal }) => grafanaAlertingApi.rulerRules(signal),
    refetchInterval: refreshMs,
  });
  const running = useQuery({
    queryKey: ['alerting', 'running'],
    queryFn: ({ signal }) => grafanaAlertingApi.rules(signal),
    refetchInterval: refreshMs,
  });
  const groups = useMemo(
    () => [
      ...grafanaGroups(ruler.data ?? {}, running.data ?? []),
      ...prometheusGroups(prometheus.data?.groups ?? []),
    ],
    [prometheus.data, ruler.data, running.data],
  );
  return {
    groups,
    isLoading: prometheus.isLoading || ruler.isLoading,
    error: prometheus.error ?? ruler.error ?? running.error,
    updatedMs: Math.max(prometheus.dataUpdatedAt, running.dataUpdatedAt),
    refetch: () => {
      void prometheus.refetch();
      void ruler.refetch();
      void running.refetch();
    },
  };
}
