/** The Prometheus HTTP API over the metric store and the PromQL engine. */
export type * from './contract.ts';
export { type DropRulesView, dropRulesEdge } from './drop-rule-routes.ts';
export { prometheusApiEdge, prometheusReadEdge } from './edge.ts';
