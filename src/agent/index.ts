/** The node agent: inputs, filters, spool, outputs. */
export * from './contract.ts';
export type { MultilineRule, MultilineSpec } from './multiline/spec.ts';
export type {
  PipelineInput,
  PipelineOutput,
  PipelineService,
  PipelineSpec,
  TagMatch,
} from './pipeline/spec.ts';
export type { GroupPattern, TailOptions } from './tail/options.ts';
