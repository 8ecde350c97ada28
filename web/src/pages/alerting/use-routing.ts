import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { alertingApi, type WireRouting } from '../../api/alertmanager.ts';

const refreshMs = 10_000;

/** The tree of routes in force, receivers with how the last messages went, time intervals. */
export function useRouting(): UseQueryResult<WireRouting> {
  return useQuery({
    queryKey: ['alerting', 'routing'],
    queryFn: ({ signal }) => alertingApi.routing(signal),
    refetchInterval: refreshMs,
  });
}
