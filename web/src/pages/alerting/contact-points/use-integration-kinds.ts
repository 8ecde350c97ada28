import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { grafanaAlertingApi } from '../../../api/grafana-alerting.ts';
import { type IntegrationKind, integrationKind } from './integration-kinds.ts';

/** Kinds of integrations that the server can tell; undefined: not known yet. */
export function useIntegrationKinds(): readonly IntegrationKind[] | undefined {
  const query = useQuery({
    queryKey: ['alerting', 'integration-kinds'],
    queryFn: ({ signal }) => grafanaAlertingApi.integrationTypes(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return useMemo(() => query.data?.map(integrationKind), [query.data]);
}
