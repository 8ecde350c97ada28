import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError, type Clock } from '#base';
import { apiRoute } from '#server';
import {
  explainTrouble,
  type Incident,
  type IncidentSilence,
  isAcknowledgement,
  type Language,
  type Story,
  type StoryEntry,
  type Watcher,
} from '#watch';
import { languageQuery, type WireIncident } from './wire.ts';
import {
  newNote,
  story as storySchema,
  type WireChart,
  type WireEvidence,
  type WireStory,
  type WireStoryEntry,
} from './wire-story.ts';

/** Says that somebody is at an incident, or wants to hear nothing of it. */
export interface IncidentNotes {
  readonly list: () => readonly IncidentSilence[];
  readonly add: (note: {
    readonly incidentId: string;
    readonly kind: 'acknowledged' | 'silenced';
    readonly forMs: number;
    readonly by: string;
  }) => Promise<string>;
  readonly end: (id: string) => Promise<void>;
}

const idParams = z.object({ id: z.string().regex(/^[0-9a-f]{16}$/) });
/** Those that are over are looked through for relatives. */
const maxLookedThrough = 200;

/** `/nunchi/incidents/ID/story` and `…/notes`. */
export function storyRoutes(
  app: FastifyInstance,
  deps: {
    readonly watcher: () => Watcher | undefined;
    readonly notes: IncidentNotes;
    readonly clock: Clock;
    readonly wireOf: (incident: Incident, language: Language) => WireIncident;
  },
): void {
  const { notes, clock, wireOf } = deps;
  const find = async (
    id: string,
  ): Promise<{ readonly watcher: Watcher; readonly incident: Incident }> => {
    const watcher = deps.watcher();
    const incident = await watcher?.findIncident(id);
    if (watcher !== undefined && incident !== undefined) return { watcher, incident };
    throw new AppError('INCIDENT_NOT_FOUND', `There is no incident ${id}`);
  };
  apiRoute(
    app,
    {
      method: 'GET',
      url: '/nunchi/incidents/:id/story',
      tag: 'incidents',
      summary: 'What happened to an incident, who was told, what was found, what is related',
      params: idParams,
      query: languageQuery,
      response: storySchema,
    },
    async ({ params, query: { language } }) => {
      const { watcher, incident } = await find(params.id);
      const story = await watcher.storyOf(incident);
      const { chart, advice, labels } = watcher.viewOf(incident, story, language);
      const others = [
        ...watcher.openIncidents(),
        ...(await watcher.recentIncidents(maxLookedThrough)),
      ];
      return {
        entries: story.entries.map(entryOf),
        providers: [...watcher.providers],
        notes: notesOf(incident, notes.list()),
        labels: { ...labels },
        ...(incident.state === 'open' ? { mutedBy: watcher.mutedBy(incident) } : {}),
        explanation: explainTrouble(incident.cause, story.evidence, language),
        advice,
        evidence: evidenceOf(story),
        chart: chart === undefined ? undefined : chartOf(chart),
        related: watcher.relatedTo(incident, others).map(({ relation, incident: other }) => ({
          relation,
          incident: wireOf(other, language),
        })),
        now: clock.nowMs(),
      };
    },
  );
  apiRoute(
    app,
    {
      method: 'POST',
      url: '/nunchi/incidents/:id/notes',
      tag: 'incidents',
      summary: 'Acknowledges or silences an incident: a silence of alerts that names it',
      access: 'editor',
      params: idParams,
      body: newNote,
      response: z.object({ id: z.string() }),
    },
    async ({ params, body, principal }) => {
      const { incident } = await find(params.id);
      const by = principal.name === '' ? 'somebody' : principal.name;
      const note = { incidentId: incident.id, kind: body.note, forMs: body.for, by };
      return { id: await notes.add(note) };
    },
  );
  apiRoute(
    app,
    {
      method: 'DELETE',
      url: '/nunchi/incidents/:id/notes/:note',
      tag: 'incidents',
      summary: 'Takes an acknowledgement or a silence back',
      access: 'editor',
      params: idParams.extend({ note: z.string().max(64) }),
    },
    async ({ params }) => {
      const known = notes.list().find(({ id }) => id === params.note);
      if (known?.matches(params.id) !== true)
        throw new AppError('INCIDENT_NOT_FOUND', `Incident ${params.id} has no such note`);
      await notes.end(params.note);
    },
  );
}

function notesOf({ id }: Incident, silences: readonly IncidentSilence[]): WireStory['notes'] {
  return silences
    .filter((silence) => silence.isActive && silence.matches(id))
    .map((silence) => ({
      id: silence.id,
      note: isAcknowledgement(silence.comment) ? 'acknowledged' : 'silenced',
      by: silence.createdBy,
      until: silence.endsAtMs,
    }));
}

function entryOf(entry: StoryEntry): WireStoryEntry {
  switch (entry.kind) {
    case 'change': {
      const { atMs, ...rest } = entry;
      return { at: atMs, ...rest };
    }
    case 'delivery': {
      const { atMs, addedMs: _added, triedMs, ...rest } = entry;
      return { at: atMs, ...rest, ...(triedMs === undefined ? {} : { tried: triedMs }) };
    }
    case 'untold': {
      const { atMs, ...rest } = entry;
      return { at: atMs, ...rest };
    }
    case 'note': {
      const { kind, by, untilMs } = entry.note;
      return { kind: 'note', at: entry.atMs, id: entry.id, note: kind, by, until: untilMs };
    }
    case 'note-ended':
      return { kind: 'note-ended', at: entry.atMs, id: entry.id };
    default:
      return entry satisfies never;
  }
}

function evidenceOf({ evidence }: Story): WireEvidence | undefined {
  if (evidence === undefined) return undefined;
  const { subject, atMs, containerName, events, log, logProblem, changes } = evidence;
  return {
    at: atMs,
    namespace: subject.namespace,
    pod: subject.kind === 'Pod' ? subject.name : undefined,
    container: containerName,
    events: [...events],
    log,
    logProblem,
    changes: [...changes],
  };
}

function chartOf({
  title,
  unit,
  lines,
  limit,
}: NonNullable<ReturnType<Watcher['viewOf']>['chart']>): WireChart {
  return {
    title,
    unit,
    lines: [
      ...lines.map(({ name, query }) => ({ name, query, isLimit: false })),
      ...(limit === undefined
        ? []
        : [
            {
              name: limit.label,
              query: 'query' in limit ? limit.query : `vector(${limit.value})`,
              isLimit: true,
            },
          ]),
    ],
  };
}
