import { exponentialBound } from './buckets.ts';

/** What is needed to widen a zero bucket: counts by index of both sides, in order of index. */
export interface ZeroSides {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: Iterable<readonly [index: number, count: number]>;
  readonly negative: Iterable<readonly [index: number, count: number]>;
}

/**
 * The count of a zero bucket that reaches to a larger threshold, or, where that falls into a populated
 * bucket, to the end of it.
 */
export function widenedZero(
  sides: ZeroSides,
  threshold: number,
): { readonly zeroCount: number; readonly threshold: number } {
  if (threshold === sides.zeroThreshold) return { zeroCount: sides.zeroCount, threshold };
  let wanted = threshold;
  for (;;) {
    let zeroCount = sides.zeroCount;
    const before = wanted;
    for (const side of [sides.positive, sides.negative]) {
      for (const [index, count] of side) {
        if (exponentialBound(index - 1, sides.schema) >= wanted) break;
        zeroCount += count;
        const upper = exponentialBound(index, sides.schema);
        if (upper > wanted) {
          if (count !== 0) wanted = upper;
          break;
        }
      }
    }
    // A threshold that moved may reach into buckets of the other side.
    if (wanted === before) return { zeroCount, threshold: wanted };
  }
}
