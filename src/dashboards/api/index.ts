/** Grafana's HTTP API over dashboards, folders, annotations and what belongs to them. */
export type { DashboardsApiDeps } from './contract.ts';
export { dashboardsEdge } from './edge.ts';
