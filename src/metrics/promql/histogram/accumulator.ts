import { type CounterResetHint, customBucketsSchema, type FloatHistogram } from '#metrics/model';
import { CompensatedSum } from '../engine/sum.ts';
import {
  coarserIndex,
  equalBounds,
  exponentialBound,
  forBuckets,
  toSpans,
  usesCustomBuckets,
} from './buckets.ts';
import { widenedZero } from './zero-bucket.ts';

/** What was noticed while adding. */
export interface Addition {
  /** One says that a counter was reset, the other that it was not. */
  readonly hasCollision: boolean;
  /** Bounds differed: what both have is left. */
  readonly isReconciled: boolean;
}

type Side = Map<number, CompensatedSum>;

/**
 * A histogram that others are added to and subtracted from. Differences of resolution, zero threshold
 * and custom bounds are settled for the coarser. Sums are compensated.
 */
export class HistogramAccumulator {
  #schema: number;
  #zeroThreshold: number;
  #customValues: readonly number[];
  hint: CounterResetHint;
  readonly #zero = new CompensatedSum();
  readonly #count = new CompensatedSum();
  readonly #sum = new CompensatedSum();
  #positive: Side = new Map();
  #negative: Side = new Map();

  constructor(first: FloatHistogram) {
    this.#schema = first.schema;
    this.#zeroThreshold = first.zeroThreshold;
    this.#customValues = first.customValues;
    this.hint = first.counterResetHint;
    this.#zero.reset(first.zeroCount);
    this.#count.reset(first.count);
    this.#sum.reset(first.sum);
    forBuckets(first.positiveSpans, first.positiveBuckets, (index, count) =>
      into(this.#positive, index).add(count),
    );
    forBuckets(first.negativeSpans, first.negativeBuckets, (index, count) =>
      into(this.#negative, index).add(count),
    );
  }

  /** Undefined: exponential and custom buckets have nothing in common; nothing was changed. */
  add(other: FloatHistogram): Addition | undefined {
    return this.#combine(other, 1);
  }

  subtract(other: FloatHistogram): Addition | undefined {
    return this.#combine(other, -1);
  }

  #combine(other: FloatHistogram, sign: 1 | -1): Addition | undefined {
    if (usesCustomBuckets(other) !== (this.#schema === customBucketsSchema)) return undefined;
    const hasCollision = this.#settleHint(other.counterResetHint);
    this.#count.add(sign * other.count);
    this.#sum.add(sign * other.sum);
    if (usesCustomBuckets(other)) {
      return { hasCollision, isReconciled: this.#addCustom(other, sign) };
    }
    this.#addExponential(other, sign);
    return { hasCollision, isReconciled: false };
  }

  #addCustom(other: FloatHistogram, sign: 1 | -1): boolean {
    const isSame = equalBounds(this.#customValues, other.customValues);
    let target = (index: number): number => index;
    if (!isSame) {
      const bounds = this.#customValues.filter((bound) => other.customValues.includes(bound));
      this.#positive = remapped(this.#positive, boundMapper(this.#customValues, bounds));
      this.#customValues = bounds;
      target = boundMapper(other.customValues, bounds);
    }
    forBuckets(other.positiveSpans, other.positiveBuckets, (index, count) =>
      into(this.#positive, target(index)).add(sign * count),
    );
    return !isSame;
  }

  #addExponential(other: FloatHistogram, sign: 1 | -1): void {
    this.#zero.add(sign * this.#settleZero(other));
    if (other.schema < this.#schema) {
      const from = this.#schema;
      const coarser = (index: number): number => coarserIndex(index, from, other.schema);
      this.#positive = remapped(this.#positive, coarser);
      this.#negative = remapped(this.#negative, coarser);
      this.#schema = other.schema;
    }
    const schema = this.#schema;
    const target = (index: number): number => coarserIndex(index, other.schema, schema);
    const addTo =
      (side: Side) =>
      (index: number, count: number): void => {
        const at = target(index);
        // These are in the zero bucket already.
        if (exponentialBound(at, schema) <= this.#zeroThreshold) return;
        into(side, at).add(sign * count);
      };
    forBuckets(other.positiveSpans, other.positiveBuckets, addTo(this.#positive));
    forBuckets(other.negativeSpans, other.negativeBuckets, addTo(this.#negative));
  }

  /** Brings both to one threshold; the zero count that the other has at it. */
  #settleZero(other: FloatHistogram): number {
    let { zeroThreshold: threshold, zeroCount } = other;
    while (threshold !== this.#zeroThreshold) {
      if (this.#zeroThreshold > threshold) {
        ({ threshold, zeroCount } = widenedZero(sidesOf(other), this.#zeroThreshold));
      }
      if (threshold > this.#zeroThreshold) this.#widenZero(threshold);
    }
    return zeroCount;
  }

  #widenZero(threshold: number): void {
    const sides = {
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zero.total,
      positive: totals(this.#positive),
      negative: totals(this.#negative),
    };
    const widened = widenedZero(sides, threshold);
    this.#zero.reset(widened.zeroCount);
    this.#zeroThreshold = widened.threshold;
    for (const side of [this.#positive, this.#negative]) {
      for (const index of [...side.keys()]) {
        if (exponentialBound(index - 1, this.#schema) < widened.threshold) side.delete(index);
      }
    }
  }

  #settleHint(other: CounterResetHint): boolean {
    const own = this.hint;
    if (own === other || own === 'gauge') return false;
    if (other === 'gauge') this.hint = 'gauge';
    else if (own === 'unknown' || other === 'unknown') this.hint = 'unknown';
    else {
      this.hint = 'unknown';
      return true;
    }
    return false;
  }

  /** Whether something grew beyond the largest number. */
  hasOverflow(): boolean {
    const all = [this.#zero, this.#count, this.#sum];
    all.push(...this.#positive.values(), ...this.#negative.values());
    return all.some(({ sum }) => Math.abs(sum) === Number.POSITIVE_INFINITY);
  }

  multiply(factor: number): void {
    this.#each((part) => {
      part.sum *= factor;
      part.lost *= factor;
    });
    if (factor < 0) this.hint = 'gauge';
  }

  divide(divisor: number): void {
    this.#each((part) => {
      part.sum /= divisor;
      part.lost = divisor === 0 ? 0 : part.lost / divisor;
    });
    if (divisor === 0) {
      this.#positive.clear();
      this.#negative.clear();
    }
    if (divisor < 0) this.hint = 'gauge';
  }

  #each(change: (part: CompensatedSum) => void): void {
    for (const part of [this.#zero, this.#count, this.#sum]) change(part);
    for (const side of [this.#positive, this.#negative])
      for (const part of side.values()) change(part);
  }

  /** Without empty buckets. */
  toHistogram(): FloatHistogram {
    const positive = toSpans(totals(this.#positive));
    const negative = toSpans(totals(this.#negative));
    return {
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zero.total,
      count: this.#count.total,
      sum: this.#sum.total,
      positiveSpans: positive.spans,
      positiveBuckets: positive.counts,
      negativeSpans: negative.spans,
      negativeBuckets: negative.counts,
      customValues: this.#customValues,
      counterResetHint: this.hint,
    };
  }
}

function into(side: Side, index: number): CompensatedSum {
  let sum = side.get(index);
  if (sum === undefined) {
    sum = new CompensatedSum();
    side.set(index, sum);
  }
  return sum;
}

const totals = (side: Side): [index: number, count: number][] =>
  [...side].map(([index, sum]): [number, number] => [index, sum.total]).sort(([a], [b]) => a - b);

function remapped(side: Side, target: (index: number) => number): Side {
  const mapped: Side = new Map();
  for (const [index, { sum, lost }] of side) {
    const part = into(mapped, target(index));
    part.add(sum);
    part.add(lost);
  }
  return mapped;
}

/** From buckets of some bounds to those of fewer of them. */
function boundMapper(from: readonly number[], to: readonly number[]): (index: number) => number {
  return (index) => {
    if (index >= from.length) return to.length;
    const at = to.findIndex((bound) => bound >= from[index]!);
    return at < 0 ? to.length : at;
  };
}

function sidesOf(histogram: FloatHistogram): Parameters<typeof widenedZero>[0] {
  const positive: [number, number][] = [];
  const negative: [number, number][] = [];
  forBuckets(histogram.positiveSpans, histogram.positiveBuckets, (...each) => positive.push(each));
  forBuckets(histogram.negativeSpans, histogram.negativeBuckets, (...each) => negative.push(each));
  return { ...histogram, positive, negative };
}
