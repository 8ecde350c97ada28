import type { Filter, Input, Output } from '../contract.ts';
import type { TailOptions } from '../tail/options.ts';

/** `Match` or `Match_Regex`, compiled. */
export type TagMatch = (tag: string) => boolean;

/** A pipeline of records, as a Fluent Bit configuration describes one. Order is file order. */
export interface PipelineSpec {
  readonly inputs: readonly PipelineInput[];
  readonly filters: readonly { readonly filter: Filter; readonly match: TagMatch }[];
  readonly outputs: readonly PipelineOutput[];
  readonly service: PipelineService;
}

export interface PipelineInput {
  /** The tail input is the core's own; the others come as they are. */
  readonly input: Input | { readonly tail: TailOptions };
  /** What its events go through before the pipeline's filters. */
  readonly processors?: readonly Filter[];
  /** `filesystem`: chunks survive a crash. `memory`: bounded by `memBufLimitBytes`. */
  readonly storage: 'memory' | 'filesystem';
  /** Reading pauses above it (memory storage only); undefined: the agent's own bound. */
  readonly memBufLimitBytes?: number;
}

export interface PipelineOutput {
  readonly output: Output;
  readonly match: TagMatch;
  /** Retries after the first try. */
  readonly retryLimit: number | 'unlimited';
  /** Oldest chunks beyond it are dropped for this output, counted and logged. */
  readonly totalLimitBytes?: number;
}

export interface PipelineService {
  /** How long events wait for company before their chunk is closed. */
  readonly flushMs: number;
  /** How long a shutdown may take to deliver; the rest stays in the spool. */
  readonly graceMs: number;
  /** Folder of the spool; absent: the agent's own folder. */
  readonly storagePath?: string;
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
  /** Most bytes of chunks held in memory at once. */
  readonly maxMemoryBytes?: number;
}
