import { z } from 'zod';
import type { Clock } from '#base';
import type { Cluster } from '#kubernetes/cluster';
import { apiRoute, type Edge } from '#server';

/** What the server knows of its cluster. */
export interface KubernetesView {
  /** Undefined: it watches none. */
  readonly cluster: Cluster | undefined;
  readonly clusterName: () => string | undefined;
  /** Why there is no cluster, in words. */
  readonly reason: string | undefined;
}

const timeMs = z.number().int();

const resource = z.object({
  resource: z.string().describe('As kubectl names it: `pods`, `deployments.apps`'),
  apiVersion: z.string().optional().describe('The version that the API server has'),
  state: z.enum(['syncing', 'synced', 'stale', 'forbidden', 'absent']),
  objects: z.number().int().describe('Held in memory'),
  lastEventAt: timeMs.optional(),
  error: z.object({ message: z.string(), at: timeMs }).optional(),
  forbiddenNamespaces: z.array(z.string()),
  lists: z.number().int(),
  watches: z.number().int(),
});

const status = z.object({
  enabled: z.boolean(),
  reason: z.string().optional().describe('Why no cluster is watched'),
  connected: z.boolean(),
  clusterName: z.string().optional(),
  server: z.string().optional(),
  source: z.string().optional().describe('Where the access was found'),
  context: z.string().optional(),
  version: z.string().optional(),
  error: z.string().optional(),
  namespaces: z.array(z.string()).optional().describe('Absent: all of them'),
  resources: z.array(resource),
  degraded: z.array(
    z.object({
      resource: z.string().describe('Empty: the whole cluster'),
      reason: z.enum(['unreachable', 'forbidden', 'absent', 'stale']),
      message: z.string(),
    }),
  ),
  now: timeMs,
});

/** `GET /nunchi/kubernetes/status`. */
export function kubernetesApiEdge(
  view: KubernetesView,
  { clock }: { readonly clock: Clock },
): Edge {
  return {
    name: 'kubernetes/api',
    register: (app) =>
      apiRoute(
        app,
        {
          method: 'GET',
          url: '/nunchi/kubernetes/status',
          tag: 'kubernetes',
          summary:
            'The cluster that the server watches: connection, collections, what is forbidden',
          response: status,
        },
        () => ({ ...statusOf(view), now: clock.nowMs() }),
      ),
  };
}

function statusOf({
  cluster,
  clusterName,
  reason,
}: KubernetesView): Omit<z.input<typeof status>, 'now'> {
  if (cluster === undefined) {
    return { enabled: false, reason, connected: false, resources: [], degraded: [] };
  }
  const { resources, namespaces, degraded, ...rest } = cluster.status();
  return {
    enabled: true,
    clusterName: clusterName(),
    ...rest,
    namespaces: namespaces === undefined ? undefined : [...namespaces],
    resources: resources.map(
      ({ lastEventAtMs, error, forbiddenNamespaces, isOptional: _, ...more }) => ({
        ...more,
        forbiddenNamespaces: [...forbiddenNamespaces],
        lastEventAt: lastEventAtMs,
        error: error && { message: error.message, at: error.atMs },
      }),
    ),
    degraded: [...degraded],
  };
}
