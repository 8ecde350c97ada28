/** The watch over a cluster: what goes wrong becomes incidents, and people are told of them. */

export type { ChartSources } from './chart/draw.ts';
export type { WatchConfig } from './config/contract.ts';
export { checkKwatchConfig, readKwatchConfig } from './config/kwatch.ts';
export type { Incident, IncidentState, Member, Severity, Subject, Trouble } from './contract.ts';
export { acknowledgedComment, isAcknowledgement } from './contract.ts';
export { type Language, languages } from './explain/language.ts';
export { explainNeed, explainReason, explainTrouble } from './explain/trouble.ts';
export { Maintenance, type SavedWindow, type WindowView } from './maintenance/maintenance.ts';
export type { WrittenWindow } from './maintenance/window.ts';
export type { IncidentSilence } from './notes.ts';
export type { FoundEvidence, Story, StoryEntry } from './story.ts';
export { Watcher, type WatcherDeps } from './watcher.ts';
