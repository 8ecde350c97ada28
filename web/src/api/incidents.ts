import type { WireIncident, WireIncidents } from '../../../src/watch/api/wire.ts';
import type { WireNewNote, WireStory } from '../../../src/watch/api/wire-story.ts';
import type { Preferences } from '../state/preferences.ts';
import { callApi } from './client.ts';

type Language = Preferences['language'];

export type { WireIncident, WireIncidents, WireTrouble } from '../../../src/watch/api/wire.ts';
export type { WireStory, WireStoryEntry } from '../../../src/watch/api/wire-story.ts';

/** Incidents of the watched cluster, with sentences in a language. Every method throws ApiError. */
export const incidentsApi = {
  list: (language: Language, signal: AbortSignal): Promise<WireIncidents> =>
    callApi('nunchi/incidents', { query: { resolved: 200, language }, signal }),

  get: (id: string, language: Language, signal: AbortSignal): Promise<WireIncident> =>
    callApi(`nunchi/incidents/${encodeURIComponent(id)}`, { query: { language }, signal }),

  story: (id: string, language: Language, signal: AbortSignal): Promise<WireStory> =>
    callApi(`nunchi/incidents/${encodeURIComponent(id)}/story`, { query: { language }, signal }),

  addNote: (id: string, body: WireNewNote): Promise<{ readonly id: string }> =>
    callApi(`nunchi/incidents/${encodeURIComponent(id)}/notes`, { method: 'POST', body }),

  endNote: (id: string, note: string): Promise<void> =>
    callApi(`nunchi/incidents/${encodeURIComponent(id)}/notes/${encodeURIComponent(note)}`, {
      method: 'DELETE',
    }),
};
