import { useQuery } from '@tanstack/react-query';
import { logsApi } from '../../../api/logs.ts';
import type { Labels } from '../../../api/metrics.ts';
import type { Search } from '../../../state/url.ts';
import { logsQuery } from './logs-link.ts';

/** As many as a query of Logs Insights takes. */
const maxGroups = 50;
/** Groups and fields of logs seldom change while somebody looks at a graph. */
const staleTime = 300_000;
const fieldsWindowMs = 3_600_000;

/**
 * What a link to Logs Insights asks: all groups, or those of containers where the labels name a pod
 * or a namespace. Without range: the one that the link is for.
 */
export function useLogsLink(labels: Labels): Search {
  const groups = useQuery({
    queryKey: ['groups', 'metrics-logs'],
    queryFn: ({ signal }) => logsApi.groups({ limit: maxGroups }, signal),
    staleTime,
  });
  const all = groups.data?.groups.map((group) => group.name) ?? [];
  const containers = all.filter((name) => name.endsWith('/application'));
  const isOfPods = ['pod', 'pod_name', 'namespace'].some((name) => labels[name] !== undefined);
  const chosen = isOfPods && containers.length > 0 ? containers : all;
  const fields = useQuery({
    queryKey: ['fields', 'metrics-logs', containers],
    queryFn: ({ signal }) => {
      const nowMs = Date.now();
      const range = { fromMs: nowMs - fieldsWindowMs, toMs: nowMs };
      return logsApi.fields({ groups: containers, ...range }, signal);
    },
    enabled: containers.length > 0,
    staleTime,
  });
  const names = new Set(fields.data?.map((field) => field.name));
  return { q: logsQuery(labels, names), ...(chosen.length > 0 ? { group: chosen } : {}) };
}
