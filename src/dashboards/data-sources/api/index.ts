/** Grafana's HTTP API of data sources: changes, health, queries, and what is passed on to them. */
export { type DataSourcesApiDeps, dataSourcesEdge } from './edge.ts';
