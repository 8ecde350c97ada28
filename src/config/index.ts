/** nunchi.yaml: its schema, loading and reload. */
export type * from './contract.ts';
export type { Environment } from './environment.ts';
export {
  type ConfigFlags,
  configOverrides,
  formatProblem,
  loadConfig,
  parseConfig,
} from './load.ts';
export { type PrometheusFeature, prometheusFeatures } from './prometheus-features.ts';
export type { ConfigProblem } from './reader.ts';
export { configReference } from './reference.ts';
export { type ConfigWatcher, openConfigWatcher } from './watch.ts';
