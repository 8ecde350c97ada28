import type { WireIncident, WireIncidents } from '../../../src/watch/api/wire.ts';
import type { WireNewNote, WireStory } from '../../../src/watch/api/wire-story.ts';
import { callApi } from './client.ts';

export type { WireIncident, WireIncidents, WireTrouble } from '../../../src/watch/api/wire.ts';
export type { WireStory, WireStoryEntry } from '../../../src/watch/api/wire-story.ts';

/** Incidents of the watched cluster. Every method throws ApiError. */
export const incidentsApi = {
  list: (signal: AbortSignal): Promise<WireIncidents> =>
    callApi('nunchi/incidents', { query: { resolved: 200 }, signal }),

  get: (id: string, signal: AbortSignal): Promise<WireIncident> =>
    callApi(`nunchi/incidents/${encodeURIComponent(id)}`, { signal }),

  story: (id: string, signal: AbortSignal): Promise<WireStory> =>
    callApi(`nunchi/incidents/${encodeURIComponent(id)}/story`, { signal }),

  addNote: (id: string, body: WireNewNote): Promise<{ readonly id: string }> =>
    callApi(`nunchi/incidents/${encodeURIComponent(id)}/notes`, { method: 'POST', body }),

  endNote: (id: string, note: string): Promise<void> =>
    callApi(`nunchi/incidents/${encodeURIComponent(id)}/notes/${encodeURIComponent(note)}`, {
      method: 'DELETE',
    }),
};
