/** The Prometheus operator's objects as scrape jobs and groups of rules, live. */
export { type SelectorText, type SelectorTexts, settingsOfConfig } from './choices.ts';
export { monitorsEdge } from './edge.ts';
export {
  type CollectionStatus,
  MonitorOperator,
  type MonitorOperatorDeps,
  type MonitorStatus,
} from './operator.ts';
export { type MonitorKind, type MonitorSettings, monitorKinds } from './settings.ts';
