/** The node agent: inputs, filters, spool, outputs. */
export * from './contract.ts';
export { hasSyslogFiles, storeName, systemGroup } from './default/discover.ts';
export type { FileInput as AgentFileInput } from './default/file-input.ts';
export { inClusterAccess, type KubernetesAccess } from './default/node-pods.ts';
export type { AgentOptions } from './default/options.ts';
export { preloadAgent } from './default/preload.ts';
export { type AgentDeps, type RecordSource, runAgent } from './default/run.ts';
export type { KubeletOptions } from './kubelet/options.ts';
export { builtinMultiline } from './multiline/builtin.ts';
export type { MultilineRule, MultilineSpec } from './multiline/spec.ts';
export { type PipelineDeps, runPipeline } from './pipeline/run.ts';
export type {
  PipelineInput,
  PipelineOutput,
  PipelineService,
  PipelineSpec,
  TagMatch,
} from './pipeline/spec.ts';
export { PipelineStats } from './pipeline/stats.ts';
export type { BatchClientOptions } from './ship/client.ts';
export { isNunchiServer, NunchiOutput, type NunchiOutputOptions } from './ship/nunchi-output.ts';
export type { GroupPattern, TailOptions } from './tail/options.ts';

/**
 * Fluent Bit's configuration files. Loaded by whoever needs them: the parts for them are more than
 * all others of the agent together.
 */
export const loadFluentBit = (): Promise<typeof import('./fluentbit/index.ts')> =>
  import('./fluentbit/index.ts');
export type {
  ConfigProblem,
  FluentBitConfig,
  FluentBitDeps,
  FluentBitOptions,
  Property as FluentBitProperty,
  Section as FluentBitSection,
  ServiceSettings,
} from './fluentbit/index.ts';
