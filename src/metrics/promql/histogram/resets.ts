import type { FloatHistogram } from '#metrics/model';
import {
  coarserIndex,
  equalBounds,
  exponentialBound,
  negativeBuckets,
  positiveBuckets,
  usesCustomBuckets,
} from './buckets.ts';
import { widenedZero } from './zero-bucket.ts';

/**
 * Whether a counter histogram was reset between two samples: by what the later says of itself, or by a
 * count or bucket that became smaller, or by a layout that became finer.
 *
 * Source: the specification of native histograms of Prometheus.
 */
export function isReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  if (current.counterResetHint === 'reset') return true;
  if (current.counterResetHint === 'notReset') return false;
  if (current.count < previous.count) return true;
  if (usesCustomBuckets(current)) {
    if (!usesCustomBuckets(previous)) return true;
    if (!equalBounds(current.customValues, previous.customValues)) {
      return lostWithinCommonBounds(current, previous);
    }
    return lostBuckets(new Map(positiveBuckets(current)), positiveBuckets(previous));
  }
  if (current.schema > previous.schema || usesCustomBuckets(previous)) return true;
  if (current.zeroThreshold < previous.zeroThreshold) return true;
  const positive = positiveBuckets(previous);
  const negative = negativeBuckets(previous);
  const zero = widenedZero({ ...previous, positive, negative }, current.zeroThreshold);
  if (zero.threshold !== current.zeroThreshold || current.zeroCount < zero.zeroCount) return true;
  return (
    lostBuckets(new Map(positiveBuckets(current)), asOf(positive, current, previous)) ||
    lostBuckets(new Map(negativeBuckets(current)), asOf(negative, current, previous))
  );
}

type Buckets = readonly (readonly [index: number, count: number])[];

/** Buckets in the resolution of the later sample, without those in its zero bucket. */
function asOf(buckets: Buckets, current: FloatHistogram, previous: FloatHistogram): Buckets {
  const merged = new Map<number, number>();
  for (const [index, count] of buckets) {
    if (exponentialBound(index, previous.schema) <= current.zeroThreshold) continue;
    const at = coarserIndex(index, previous.schema, current.schema);
    merged.set(at, (merged.get(at) ?? 0) + count);
  }
  return [...merged];
}

const lostBuckets = (current: ReadonlyMap<number, number>, previous: Buckets): boolean =>
  previous.some(([index, count]) => count !== 0 && (current.get(index) ?? 0) < count);

/** Compares what lies between bounds that both have. */
function lostWithinCommonBounds(current: FloatHistogram, previous: FloatHistogram): boolean {
  const common = current.customValues.filter((bound) => previous.customValues.includes(bound));
  const now = countsBetween(current, common);
  const before = countsBetween(previous, common);
  return before.some((count, at) => now[at]! < count);
}

function countsBetween(histogram: FloatHistogram, bounds: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const [index, count] of positiveBuckets(histogram)) {
    const upper = histogram.customValues[index] ?? Number.POSITIVE_INFINITY;
    const at = bounds.findIndex((bound) => bound >= upper);
    counts[at < 0 ? bounds.length : at]! += count;
  }
  return counts;
}
