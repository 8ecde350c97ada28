import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { dashboardStoreApi, type WireHit } from '../../../api/dashboard-store.ts';

/** Files and the cluster bring and take dashboards by themselves. */
const refreshMs = 15_000;
const key = ['dashboards', 'all'] as const;

/** Every dashboard and folder: small enough to be filtered here, at once. */
export const useAllDashboards = (): ReturnType<typeof useQuery<readonly WireHit[]>> =>
  useQuery({
    queryKey: key,
    queryFn: ({ signal }) => dashboardStoreApi.all(signal),
    refetchInterval: refreshMs,
  });

/** Whatever shows lists of dashboards asks again. */
export function refreshDashboards(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ queryKey: ['dashboards'] });
}

export function useRefreshDashboards(): () => Promise<void> {
  const client = useQueryClient();
  return () => refreshDashboards(client);
}
