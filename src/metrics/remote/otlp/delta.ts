import type { OtlpExponentialPoint, OtlpHistogramPoint, OtlpNumberPoint } from '#wire';

/** What can be a difference to the point before. */
export type DeltaPoint = OtlpNumberPoint | OtlpHistogramPoint | OtlpExponentialPoint;

/** Streams that are added up at once; more are refused. */
const maxStreams = 1_000_000;
/** A stream without a point for so long is forgotten: its next point begins anew. */
const maxSilenceMs = 5 * 60_000;
/** From one look for silent streams to the next. */
const sweepEveryMs = 60_000;

interface Stream {
  total: DeltaPoint;
  heardMs: number;
}

export type Accumulated<T> =
  | { readonly total: T }
  /** Why the point cannot be added. */
  | { readonly problem: string };

/**
 * Adds up what senders give as differences, stream by stream: the total since the first point that came.
 * After a restart totals begin anew, which queries take for a reset of the counter.
 */
export class DeltaAccumulator {
  readonly #streams = new Map<string, Stream>();
  readonly #nowMs: () => number;
  #sweptMs = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** @param key names the stream: its series, and what kind of points it has */
  add<T extends DeltaPoint>(key: string, point: T, sum: (total: T, point: T) => T): Accumulated<T> {
    const nowMs = this.#nowMs();
    this.#sweep(nowMs);
    const stream = this.#streams.get(key);
    if (stream === undefined) {
      if (this.#streams.size >= maxStreams) {
        return { problem: `more than ${maxStreams} streams of delta temporality` };
      }
      this.#streams.set(key, { total: point, heardMs: nowMs });
      return { total: point };
    }
    const before = stream.total as T;
    if (point.timeMs <= before.timeMs) {
      return { problem: 'a point of delta temporality came out of order' };
    }
    const { startMs } = before;
    const total = { ...sum(before, point), startMs, timeMs: point.timeMs, flags: point.flags };
    stream.total = total;
    stream.heardMs = nowMs;
    return { total };
  }

  #sweep(nowMs: number): void {
    if (Math.abs(nowMs - this.#sweptMs) < sweepEveryMs) return;
    this.#sweptMs = nowMs;
    for (const [key, { heardMs }] of this.#streams) {
      if (nowMs - heardMs > maxSilenceMs) this.#streams.delete(key);
    }
  }
}

export const addNumbers = (total: OtlpNumberPoint, point: OtlpNumberPoint): OtlpNumberPoint => ({
  ...point,
  value: total.value + point.value,
});

/** Of other bounds there is no sum: it begins anew. */
export function addHistograms(
  total: OtlpHistogramPoint,
  point: OtlpHistogramPoint,
): OtlpHistogramPoint {
  const isSame =
    total.bounds.length === point.bounds.length &&
    total.bounds.every((bound, at) => bound === point.bounds[at]);
  if (!isSame) return point;
  return {
    ...point,
    count: total.count + point.count,
    sum: total.sum + point.sum,
    bucketCounts: point.bucketCounts.map((count, at) => count + (total.bucketCounts[at] ?? 0)),
  };
}

/** In the coarser scale of the two, or one in which the buckets of both are few enough. */
export function addExponential(
  total: OtlpExponentialPoint,
  point: OtlpExponentialPoint,
): OtlpExponentialPoint {
  let scale = Math.min(total.scale, point.scale);
  let positive = mergedBuckets(total, point, 'positive', scale);
  let negative = mergedBuckets(total, point, 'negative', scale);
  for (; Math.max(widthOf(positive), widthOf(negative)) > maxBuckets; ) {
    scale--;
    positive = mergedBuckets(total, point, 'positive', scale);
    negative = mergedBuckets(total, point, 'negative', scale);
  }
  return {
    ...point,
    scale,
    count: total.count + point.count,
    sum: total.sum + point.sum,
    zeroCount: total.zeroCount + point.zeroCount,
    zeroThreshold: Math.max(total.zeroThreshold, point.zeroThreshold),
    positive: dense(positive),
    negative: dense(negative),
  };
}

/** Wider histograms are made coarser: two points may lie as far apart as a sender likes. */
const maxBuckets = 10_000;

function mergedBuckets(
  total: OtlpExponentialPoint,
  point: OtlpExponentialPoint,
  side: 'positive' | 'negative',
  scale: number,
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { scale: from, [side]: buckets } of [total, point]) {
    for (const [at, count] of buckets.counts.entries()) {
      const index = Math.floor((buckets.offset + at) / 2 ** (from - scale));
      if (count > 0) counts.set(index, (counts.get(index) ?? 0) + count);
    }
  }
  return counts;
}

function widthOf(counts: ReadonlyMap<number, number>): number {
  const [first, last] = rangeOf(counts);
  return counts.size === 0 ? 0 : last - first + 1;
}

function rangeOf(counts: ReadonlyMap<number, number>): readonly [first: number, last: number] {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const index of counts.keys()) {
    first = Math.min(first, index);
    last = Math.max(last, index);
  }
  return [first, last];
}

function dense(counts: ReadonlyMap<number, number>): OtlpExponentialPoint['positive'] {
  if (counts.size === 0) return { offset: 0, counts: [] };
  const [offset, last] = rangeOf(counts);
  return {
    offset,
    counts: Array.from({ length: last - offset + 1 }, (_, at) => counts.get(offset + at) ?? 0),
  };
}
