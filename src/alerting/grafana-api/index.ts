/** Grafana's HTTP API of alerting. */
export type { GrafanaAlertingDeps } from './deps.ts';
export { grafanaAlertingEdge } from './edge.ts';
