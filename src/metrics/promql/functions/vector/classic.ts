/** A bucket of a classic histogram: observations up to a bound. */
export interface ClassicBucket {
  readonly upper: number;
  count: number;
}

/** Relative differences this small come from the arithmetic of numbers, not from the data. */
const smallDelta = 1e-12;

const smallestNormal = 2 ** -1022;

/** Whether two numbers differ by less than a share of their sum. NaN equals NaN. */
export function isAlmostEqual(a: number, b: number, epsilon: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (a === b) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < smallestNormal) return difference < epsilon * smallestNormal;
  return difference / Math.min(sum, Number.MAX_VALUE) < epsilon;
}

export interface ClassicQuantile {
  readonly value: number;
  /** Counts went down from a bucket to a larger one, and were lifted. */
  readonly forced: { minBucket: number; maxBucket: number; maxDiff: number } | undefined;
}

/**
 * The quantile of a classic histogram, linear within buckets.
 *
 * Source: `histogram_quantile` in the reference's documentation of functions.
 */
export function classicQuantile(q: number, unsorted: readonly ClassicBucket[]): ClassicQuantile {
  const plain = (value: number): ClassicQuantile => ({ value, forced: undefined });
  if (Number.isNaN(q)) return plain(Number.NaN);
  if (q < 0) return plain(Number.NEGATIVE_INFINITY);
  if (q > 1) return plain(Number.POSITIVE_INFINITY);
  const buckets = coalesced(unsorted);
  const last = buckets.length - 1;
  if (buckets[last]?.upper !== Number.POSITIVE_INFINITY) return plain(Number.NaN);
  const forced = makeMonotonic(buckets);
  const total = buckets[last]!.count;
  if (last < 1 || total === 0) return { value: Number.NaN, forced };
  const rank = q * total;
  let at = 0;
  while (at < last && !(buckets[at]!.count >= rank)) at++;
  if (at === last) return { value: buckets[last - 1]!.upper, forced };
  const { upper, count } = buckets[at]!;
  if (at === 0 && upper <= 0) return { value: upper, forced };
  const before = at > 0 ? buckets[at - 1]! : { upper: 0, count: 0 };
  const share = (rank - before.count) / (count - before.count);
  return { value: before.upper + (upper - before.upper) * share, forced };
}

/** Sorted by bound, those of one bound as one. */
function coalesced(unsorted: readonly ClassicBucket[]): ClassicBucket[] {
  const sorted = unsorted.toSorted((a, b) => a.upper - b.upper || 0);
  const buckets: ClassicBucket[] = [];
  for (const bucket of sorted) {
    const last = buckets.at(-1);
    if (last !== undefined && last.upper === bucket.upper) last.count += bucket.count;
    else buckets.push({ ...bucket });
  }
  return buckets;
}

function makeMonotonic(buckets: ClassicBucket[]): ClassicQuantile['forced'] {
  let forced: ClassicQuantile['forced'];
  let previous = buckets[0]!.count;
  for (const bucket of buckets.slice(1)) {
    const { count, upper } = bucket;
    if (count === previous) continue;
    if (isAlmostEqual(previous, count, smallDelta)) {
      bucket.count = previous;
    } else if (count < previous) {
      bucket.count = previous;
      forced ??= { minBucket: upper, maxBucket: upper, maxDiff: 0 };
      forced.minBucket = Math.min(forced.minBucket, upper);
      forced.maxBucket = Math.max(forced.maxBucket, upper);
      forced.maxDiff = Math.max(forced.maxDiff, previous - count);
    } else {
      previous = count;
    }
  }
  return forced;
}

/** The share of observations between two values. */
export function classicFraction(
  lower: number,
  upper: number,
  unsorted: readonly ClassicBucket[],
): number {
  const buckets = coalesced(unsorted);
  const total = buckets.at(-1)!.count;
  if (buckets.at(-1)!.upper !== Number.POSITIVE_INFINITY) return Number.NaN;
  if (total === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  const rankOf = (value: number): number => Math.min(rankAt(value, buckets) ?? total, total);
  return (rankOf(upper) - rankOf(lower)) / total;
}

/** Observations up to a value; undefined: it is beyond all buckets. */
function rankAt(value: number, buckets: readonly ClassicBucket[]): number | undefined {
  let from = buckets[0]!.upper <= 0 ? Number.NEGATIVE_INFINITY : 0;
  let rank = 0;
  for (const { upper, count } of buckets) {
    if (from >= value) return rank;
    if (upper > value) {
      // Nothing is known of the inside of a bucket without an end.
      if (from === Number.NEGATIVE_INFINITY) return count;
      return rank + ((count - rank) * (value - from)) / (upper - from);
    }
    rank = count;
    from = upper;
  }
  return undefined;
}

/** The number of a `le` label as Go reads it; undefined: it is none. */
export function parseBound(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  return undefined;
}
