/** Incidents over HTTP. */

export { type IncidentsView, incidentsEdge } from './edge.ts';
export type { IncidentNotes } from './story.ts';
