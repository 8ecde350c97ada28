import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError, type Clock } from '#base';
import { apiRoute } from '#server';
import type { Maintenance, WindowView } from '#watch';
import {
  type WireWindow,
  type WireWindows,
  window,
  windows,
  writtenWindow,
} from './wire-maintenance.ts';

/** Windows in which nobody is told: read, made and ended. */
export function maintenanceRoutes(
  app: FastifyInstance,
  maintenance: () => Maintenance | undefined,
  clock: Clock,
): void {
  const opened = (): Maintenance => {
    const found = maintenance();
    if (found !== undefined) return found;
    throw new AppError('NOT_READY', 'The watch has not started yet: try again');
  };
  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/maintenance',
      tag: 'incidents',
      summary: 'Maintenance windows: open ones, those to come, and those that are over',
      response: windows,
    },
    (): WireWindows => ({
      windows: (maintenance()?.list() ?? []).map(wireOf),
      now: clock.nowMs(),
    }),
  );
  apiRoute(
    app,
    {
      method: 'POST',
      url: '/nunchi/maintenance',
      tag: 'incidents',
      summary: 'Makes a maintenance window: once, or by a schedule',
      access: 'editor',
      body: writtenWindow,
      response: window,
    },
    async ({ body, principal }): Promise<WireWindow> => {
      const { start, end, lasts, ...rest } = body;
      const written = { ...rest, startMs: start, endMs: end, lastsMs: lasts };
      return wireOf(await opened().add(written, principal.name));
    },
  );
  apiRoute(
    app,
    {
      method: 'DELETE',
      url: '/nunchi/maintenance/:id',
      tag: 'incidents',
      summary: 'Ends a maintenance window for good; what is still wrong is told then',
      access: 'editor',
      params: z.object({ id: z.string().max(64) }),
    },
    async ({ params }) => {
      await opened().end(params.id);
    },
  );
}

function wireOf({ id, written, created, isOpen, occurrence }: WindowView): WireWindow {
  const { name, comment, matchers, startMs, endMs, schedule, lastsMs, timeZone } = written;
  return {
    id,
    name,
    comment,
    matchers: [...matchers],
    timeZone,
    start: startMs,
    end: endMs,
    schedule,
    lasts: lastsMs,
    state: isOpen ? 'open' : occurrence === undefined ? 'over' : 'next',
    ...(occurrence === undefined ? {} : { from: occurrence.fromMs, to: occurrence.toMs }),
    ...(created === undefined ? {} : { created: { by: created.by, at: created.atMs } }),
  };
}
