import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { grafanaAlertingApi } from '../../../api/grafana-alerting.ts';
import { metricsApi } from '../../../api/metrics.ts';
import { niceStepMs } from '../../../time/range.ts';
import { useSharedRange } from '../../../time/shared-range.tsx';
import {
  changesOf,
  changesOfHistory,
  type Lane,
  lanesOfAlerts,
  lanesOfHistory,
  type StateChange,
} from './spans.ts';

/** Steps of the range that states are looked at in. */
const maxSteps = 500;
/** Rules are not evaluated more often as a rule; a shorter step shows gaps that are none. */
const minStepMs = 5000;
export const maxChanges = 5000;

export interface HistoryScope {
  /** Of a rule of Prometheus. */
  readonly alertName?: string;
  /** Of a rule that is made here. */
  readonly ruleUid?: string;
}

export interface History {
  readonly lanes: readonly Lane[];
  /** Newest first. */
  readonly changes: readonly StateChange[];
  readonly isLoading: boolean;
  readonly isStale: boolean;
  readonly error: Error | null;
}

/** How states changed over the page's range: of one rule, or of all. */
export function useHistory({ alertName, ruleUid }: HistoryScope = {}): History {
  const { fromMs, toMs } = useSharedRange();
  const stepMs = Math.max(minStepMs, niceStepMs({ fromMs, toMs }, maxSteps));
  const isAll = alertName === undefined && ruleUid === undefined;
  const series = useQuery({
    queryKey: ['alerting', 'series', alertName, fromMs, toMs],
    queryFn: ({ signal }) => {
      const selector =
        alertName === undefined ? 'ALERTS' : `ALERTS{alertname=${JSON.stringify(alertName)}}`;
      const start = Math.floor(fromMs / stepMs) * stepMs;
      return metricsApi.range({ expr: selector, fromMs: start, toMs, stepMs }, signal);
    },
    enabled: isAll || alertName !== undefined,
    placeholderData: (previous) => previous,
  });
  const recorded = useQuery({
    queryKey: ['alerting', 'history', ruleUid, fromMs, toMs],
    queryFn: ({ signal }) =>
      grafanaAlertingApi.history({ ruleUid, fromMs, toMs, limit: maxChanges }, signal),
    enabled: isAll || ruleUid !== undefined,
    placeholderData: (previous) => previous,
  });
  return useMemo(() => {
    const alerts = lanesOfAlerts(series.data?.result ?? [], stepMs);
    const records = recorded.data ?? [];
    return {
      lanes: [...alerts, ...lanesOfHistory(records, { fromMs, toMs })].filter(
        ({ spans }) => spans.length > 0,
      ),
      changes: [...changesOf(alerts, toMs), ...changesOfHistory(records)]
        .filter(({ atMs }) => atMs > fromMs)
        .toSorted((a, b) => b.atMs - a.atMs)
        .slice(0, maxChanges),
      isLoading: series.isLoading || recorded.isLoading,
      isStale: series.isPlaceholderData || recorded.isPlaceholderData,
      error: series.error ?? recorded.error,
    };
  }, [series, recorded, fromMs, toMs, stepMs]);
}
