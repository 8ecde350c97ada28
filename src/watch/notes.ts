import { type Incident, isAcknowledgement } from './contract.ts';
import type { SilenceNote } from './messages/contract.ts';

/** A silence that names incidents by their id, whoever made it. */
export interface IncidentSilence {
  readonly id: string;
  readonly matches: (incidentId: string) => boolean;
  readonly createdBy: string;
  readonly comment: string;
  readonly endsAtMs: number;
  readonly isActive: boolean;
}

export interface NotesChange {
  readonly incident: Incident;
  /** Those that are in force, oldest first. */
  readonly notes: readonly SilenceNote[];
  readonly begun: readonly { readonly id: string; readonly note: SilenceNote }[];
  /** Ids of silences that are over. */
  readonly ended: readonly string[];
}

const noteOf = ({ comment, createdBy, endsAtMs }: IncidentSilence): SilenceNote => ({
  kind: isAcknowledgement(comment) ? 'acknowledged' : 'silenced',
  by: createdBy === '' ? 'somebody' : createdBy,
  untilMs: endsAtMs,
});

/** Sees who acknowledges and silences incidents, wherever they do it. */
export class NotesWatch {
  #before = '';
  readonly #ofIncident = new Map<string, ReadonlyMap<string, SilenceNote>>();

  /** What has changed since the last look. */
  look(
    silences: readonly IncidentSilence[],
    open: () => readonly Incident[],
  ): readonly NotesChange[] {
    const active = silences.filter(({ isActive }) => isActive);
    const now = active.map(({ id, endsAtMs }) => `${id} ${endsAtMs}`).join();
    if (now === this.#before) return [];
    this.#before = now;
    const incidents = open();
    const changes = incidents.flatMap((incident) => this.#changeOf(incident, active));
    const ids = new Set(incidents.map(({ id }) => id));
    for (const id of this.#ofIncident.keys()) if (!ids.has(id)) this.#ofIncident.delete(id);
    return changes;
  }

  #changeOf(incident: Incident, active: readonly IncidentSilence[]): readonly NotesChange[] {
    const known = this.#ofIncident.get(incident.id) ?? new Map<string, SilenceNote>();
    const fitting = active.filter(({ matches }) => matches(incident.id));
    const notes = new Map(fitting.map((silence) => [silence.id, noteOf(silence)]));
    const begun = [...notes]
      .filter(([id, { untilMs }]) => known.get(id)?.untilMs !== untilMs)
      .map(([id, note]) => ({ id, note }));
    const ended = [...known.keys()].filter((id) => !notes.has(id));
    if (begun.length === 0 && ended.length === 0) return [];
    this.#ofIncident.set(incident.id, notes);
    return [{ incident, notes: [...notes.values()], begun, ended }];
  }
}
