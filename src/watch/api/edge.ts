import { z } from 'zod';
import { AppError, type Clock } from '#base';
import { apiRoute, type Edge } from '#server';
import {
  explainNeed,
  explainTrouble,
  type Incident,
  type Language,
  type Maintenance,
  type Trouble,
  type Watcher,
} from '#watch';
import { maintenanceRoutes } from './maintenance.ts';
import { type IncidentNotes, storyRoutes } from './story.ts';
import {
  incident as incidentSchema,
  incidents as incidentsSchema,
  languageQuery,
  type WireIncident,
  type WireTrouble,
} from './wire.ts';

/** What the server knows of the watch. */
export interface IncidentsView {
  /** Undefined: nothing is watched. */
  readonly watcher: () => Watcher | undefined;
  /** Why nothing is watched, in words. */
  readonly reason: () => string | undefined;
  readonly problems: () => readonly string[];
  /** Undefined: it has not started yet. */
  readonly maintenance: () => Maintenance | undefined;
  readonly notes: IncidentNotes;
}

const maxResolved = 200;

/** `/nunchi/incidents`, `/nunchi/incidents/ID` and `/nunchi/maintenance`. */
export function incidentsEdge(view: IncidentsView, { clock }: { readonly clock: Clock }): Edge {
  return {
    name: 'watch/api',
    register: (app) => {
      maintenanceRoutes(app, view.maintenance, clock);
      storyRoutes(app, {
        watcher: view.watcher,
        notes: view.notes,
        clock,
        wireOf: (incident, language) => wireOf(incident, language),
      });
      apiRoute(
        app,
        {
          method: 'GET',
          url: '/nunchi/incidents',
          tag: 'incidents',
          summary: 'What is wrong in the cluster, and what was',
          query: languageQuery.extend({
            resolved: z.coerce
              .number()
              .int()
              .min(0)
              .max(maxResolved)
              .default(50)
              .describe('How many of those that are over'),
          }),
          response: incidentsSchema,
        },
        async ({ query }) => {
          const watcher = view.watcher();
          const resolved = (await watcher?.recentIncidents(query.resolved)) ?? [];
          return {
            watching: watcher !== undefined,
            reason: view.reason(),
            open: (watcher?.openIncidents() ?? []).map((one) =>
              wireOf(one, query.language, watcher),
            ),
            resolved: resolved.map((one) => wireOf(one, query.language)),
            problems: [...view.problems()],
            now: clock.nowMs(),
          };
        },
      );
      apiRoute(
        app,
        {
          method: 'GET',
          url: '/nunchi/incidents/:id',
          tag: 'incidents',
          summary: 'One incident',
          params: z.object({ id: z.string().regex(/^[0-9a-f]{16}$/) }),
          query: languageQuery,
          response: incidentSchema,
        },
        async ({ params, query }) => {
          const found = await view.watcher()?.findIncident(params.id);
          if (found !== undefined) return wireOf(found, query.language, view.watcher());
          throw new AppError('INCIDENT_NOT_FOUND', `There is no incident ${params.id}`);
        },
      );
    },
  };
}

function wireOf(incident: Incident, language: Language, watcher?: Watcher): WireIncident {
  const mutedBy = incident.state === 'open' ? watcher?.mutedBy(incident) : undefined;
  const { id, owner, state, severity, cause, reasons, members, peak, causedBy } = incident;
  return {
    id,
    owner,
    state,
    severity,
    cause: { ...troubleOf(cause, language), subject: cause.subject },
    reasons: [...reasons],
    members: members.map(({ subject, troubles }) => ({
      subject,
      troubles: troubles.map((trouble) => troubleOf(trouble, language)),
    })),
    peak,
    start: incident.startMs,
    updated: incident.updatedMs,
    ...(incident.resolvedMs === undefined ? {} : { resolved: incident.resolvedMs }),
    told: incident.told,
    shared: incident.shared,
    ...(mutedBy === undefined ? {} : { mutedBy: { ...mutedBy } }),
    reopened: incident.reopened ?? 0,
    ...(causedBy === undefined
      ? {}
      : {
          causedBy: {
            incident: causedBy.incident,
            owner: causedBy.owner,
            explanation: explainNeed(causedBy.need)[language],
          },
        }),
  };
}

function troubleOf(trouble: Trouble, language: Language): WireTrouble {
  const { reason, severity, container, node, image, message, exitCode, restarts, sinceMs } =
    trouble;
  return {
    reason,
    explanation: explainTrouble(trouble, undefined, language),
    severity,
    container,
    node,
    image,
    message,
    exitCode,
    restarts,
    since: Math.round(sinceMs),
  };
}
