/** Alertmanager's HTTP API, `/api/v2/…`, and our own beside it, `/nunchi/alerting/…`. */
export { type AlertmanagerApiDeps, alertmanagerEdge } from './edge.ts';
export { type AlertingApiDeps, alertingEdge, type RoutingOwner } from './own-edge.ts';
