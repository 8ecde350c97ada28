import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { grafanaAlertingApi, type WireContactPoint } from '../../api/grafana-alerting.ts';

export interface ContactPoint {
  readonly name: string;
  readonly integrations: readonly WireContactPoint[];
}

export interface ContactPoints {
  readonly points: readonly ContactPoint[];
  readonly names: readonly string[];
  readonly isLoading: boolean;
  readonly error: Error | null;
}

/** Contact points by name, each with its integrations. */
export function useContactPoints(isEnabled = true): ContactPoints {
  const query = useQuery({
    queryKey: ['alerting', 'contact-points'],
    queryFn: ({ signal }) => grafanaAlertingApi.contactPoints(signal),
    enabled: isEnabled,
  });
  return useMemo(() => {
    const byName = new Map<string, WireContactPoint[]>();
    for (const one of query.data ?? []) {
      const known = byName.get(one.name);
      if (known === undefined) byName.set(one.name, [one]);
      else known.push(one);
    }
    const points = [...byName].map(([name, integrations]) => ({ name, integrations }));
    return {
      points,
      names: points.map(({ name }) => name),
      isLoading: query.isLoading,
      error: query.error,
    };
  }, [query.data, query.isLoading, query.error]);
}
