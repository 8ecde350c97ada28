import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { apiRoute } from '#server';
import type { DashboardsApiDeps } from './contract.ts';

const source = z.object({
  /** `file:NAME`, `kubernetes/configmaps`. */
  source: z.string(),
  dashboards: z.number(),
  problems: z.array(
    z.object({
      /** `FILE:LINE`, `configmaps/NAMESPACE/NAME/KEY`. */
      place: z.string(),
      message: z.string(),
    }),
  ),
});

/** `/nunchi/dashboards/provisioning`: what is provided, and what is not taken. */
export function registerProvisioningRoute(
  app: FastifyInstance,
  { provisioning }: DashboardsApiDeps,
): void {
  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/dashboards/provisioning',
      summary: 'Where dashboards come from besides people, and which of them are not taken',
      tag: 'dashboards',
      response: z.object({ sources: z.array(source) }),
    },
    () => ({
      sources: provisioning.statuses().map((one) => ({ ...one, problems: [...one.problems] })),
    }),
  );
}
