/** The Prometheus HTTP API over the metric store and the PromQL engine. */
export type * from './contract.ts';
export { prometheusApiEdge } from './edge.ts';
