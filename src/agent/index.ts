/** The node agent: inputs, filters, spool, outputs. */
export * from './contract.ts';
export type { AgentOptions } from './default/options.ts';
export { type AgentDeps, runAgent } from './default/run.ts';
export type { MultilineRule, MultilineSpec } from './multiline/spec.ts';
export type {
  PipelineInput,
  PipelineOutput,
  PipelineService,
  PipelineSpec,
  TagMatch,
} from './pipeline/spec.ts';
export type { GroupPattern, TailOptions } from './tail/options.ts';
