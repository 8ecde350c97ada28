import type { SharedSelection } from '#metrics/model';
import type { AnnotationData } from '../annotations.ts';
import type { FoldOperator } from '../engine/fold.ts';
import type { TopShape } from '../engine/top-rows.ts';
import type { FoldedChunk, RowsChunk, TopChunk } from './chunk.ts';
import type { RowPlan } from './plan.ts';

/** Places of the numbers that all threads of a task share. */
export const nextChunkAt = 0;
export const stopAt = 1;
export const controlLength = 2;

/** What is done with the rows. */
export type Work =
  | { readonly kind: 'fold'; readonly op: FoldOperator; readonly groupOf: Int32Array }
  | { readonly kind: 'top'; readonly shape: TopShape; readonly groupOf: Int32Array }
  | { readonly kind: 'rows' };

/** Work on a selection in chunks; each thread takes the next chunk until there are none. */
export interface TaskMessage {
  readonly id: number;
  readonly selection: SharedSelection;
  readonly plan: RowPlan;
  readonly work: Work;
  /** The first series of each chunk, and the end of the last. */
  readonly bounds: Uint32Array;
  readonly control: Int32Array;
}

export interface TaskResult {
  readonly id: number;
  readonly folded: readonly FoldedChunk[];
  readonly rows: readonly RowsChunk[];
  readonly top: readonly TopChunk[];
  readonly samples: number;
  readonly annotations: AnnotationData;
  /** The thread failed; what it took is lost. */
  readonly error?: string;
}
