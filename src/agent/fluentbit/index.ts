/** Fluent Bit's configuration files, turned into a pipeline of the agent. */

export {
  checkFluentBitConfig,
  type FluentBitConfig,
  type LoadOptions,
  loadFluentBitConfig,
} from './load.ts';
export { type MonitorDeps, MonitorServer } from './monitor.ts';
export type { PluginDeps } from './plugin.ts';
export {
  type ConfigProblem,
  formatProblem,
  type ProblemList,
  type SourcePlace,
} from './problems.ts';
export { type FluentBitDeps, type FluentBitOptions, runFluentBit } from './run.ts';
export type { Property, Section } from './sections.ts';
export type { ServiceSettings } from './service.ts';
