import type { Folder, FoldOperator } from '../engine/fold.ts';
import type { Groups } from '../engine/grouping.ts';
import type { Scope } from '../engine/scope.ts';
import type { VectorSource } from '../engine/vector.ts';

/** Folds on several threads where that is worth it. @returns series that are left to fold */
export async function parallelAggregation(
  _op: FoldOperator,
  _source: VectorSource,
  _groups: Groups,
  _folder: Folder,
  _scope: Scope,
): Promise<Iterable<number> | undefined> {
  return undefined;
}
