import { z } from 'zod';
import { apiRoute, type Edge } from '#server';
import type { ControlPlaneClusters } from './clusters.ts';
import { clusterNamePattern, controlPlaneLogTypes } from './names.ts';

/** Proxies cut a request that is silent for a minute; an agent that waits learns of a change at once. */
const maxWaitMs = 30_000;

const switches = z.object({
  group: z.string(),
  revision: z.number(),
  waitedMs: z.number(),
  types: z.record(
    z.enum(controlPlaneLogTypes),
    z.object({ isOn: z.boolean(), ageMs: z.number().nullable() }),
  ),
});

/** `GET /nunchi/agent/control-plane`: agents learn which logs of the control plane are wanted. */
export function controlPlaneSwitchEdge(clusters: ControlPlaneClusters): Edge {
  return {
    name: 'control-plane-switch',
    register: (app) => {
      apiRoute(
        app,
        {
          method: 'GET',
          url: '/nunchi/agent/control-plane',
          summary:
            'Which control-plane logs are wanted; waits for a revision other than the one given',
          access: 'agent',
          query: z.object({
            cluster: z.string().regex(clusterNamePattern),
            agent: z.string().min(1).max(200),
            revision: z.coerce.number().int().min(-1),
            waitMs: z.coerce.number().int().min(0).max(maxWaitMs),
          }),
          response: switches,
        },
        async ({ query, signal }) => {
          const stopping = app.stoppingSignal;
          const either = stopping === undefined ? signal : AbortSignal.any([signal, stopping]);
          return await clusters.watch(query, either);
        },
      );
    },
  };
}
