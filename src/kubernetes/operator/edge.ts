import { z } from 'zod';
import { apiRoute, type Edge } from '#server';
import type { MonitorOperator } from './operator.ts';
import { monitorKinds } from './settings.ts';

const kind = z.enum(monitorKinds as [string, ...string[]]);

const answer = z.object({
  enabled: z.boolean(),
  problem: z.string().optional().describe('What is wrong with the settings that choose objects'),
  collections: z.array(
    z.object({
      kind,
      state: z
        .enum(['syncing', 'synced', 'stale', 'forbidden', 'absent'])
        .describe('`absent`: the definition is not installed'),
      objects: z.number().int(),
      message: z.string().optional(),
    }),
  ),
  objects: z.array(
    z.object({
      kind,
      namespace: z.string(),
      name: z.string(),
      state: z.enum(['accepted', 'pending', 'rejected', 'unselected']),
      reason: z.string().optional(),
      jobs: z.array(z.string()).describe('Scrape pools that were made of it'),
      groups: z.array(z.string()).describe('Groups of rules that were made of it'),
    }),
  ),
});

/** `GET /nunchi/kubernetes/monitors`. */
export function monitorsEdge(operator: () => MonitorOperator | undefined): Edge {
  return {
    name: 'kubernetes/operator',
    register: (app) =>
      apiRoute(
        app,
        {
          method: 'GET',
          url: '/nunchi/kubernetes/monitors',
          tag: 'kubernetes',
          summary:
            'PodMonitors, ServiceMonitors, Probes, ScrapeConfigs and PrometheusRules, and what became of each',
          response: answer,
        },
        () => {
          const running = operator();
          if (running === undefined) return { enabled: false, collections: [], objects: [] };
          return {
            enabled: true,
            problem: running.problem,
            collections: [...running.collections()],
            objects: running.statuses().map(({ jobs, groups, ...rest }) => ({
              ...rest,
              jobs: [...jobs],
              groups: [...groups],
            })),
          };
        },
      ),
  };
}
