import { floatSample, type Row } from '../../engine/row.ts';
import type { SeriesWindows } from '../../engine/series-windows.ts';
import type { FloatKernel, RangeCall } from './kernel.ts';
import { floatScratch } from './scratch.ts';
import { isResetByStart, overlapsPrevious } from './start-times.ts';

/** Integers beyond this are not exact, nor are sums of them. */
const maxExact = 2 ** 53;
/** Gaps up to 10 % longer than the average are still a series that goes on to the bound. */
const gapTolerance = 1.1;

/** `rate`, `increase` and `delta` of floats. Source: section on counters of the reference's functions. */
export function extrapolated({ isCounter, isRate }: CounterKind): FloatKernel {
  return (windows, row, call) => {
    const starts = isCounter ? windows.startTimesMs : undefined;
    if (starts !== undefined) extrapolateWithStarts(windows, starts, row, isRate, call);
    else extrapolate(windows, row, isCounter, isRate);
  };
}

export interface CounterKind {
  /** Drops are resets. */
  readonly isCounter: boolean;
  /** Per second. */
  readonly isRate: boolean;
}

function extrapolate(windows: SeriesWindows, row: Row, isCounter: boolean, isRate: boolean): void {
  const { low, high, values } = windows;
  const { values: out, kinds } = row;
  const steps = kinds.length;
  const hasResets = isCounter && !windows.isMonotonic;
  const known = factorsOf(windows, isRate);
  const { factors, startShares, perSecond } = known;
  const counted = hasResets ? resets.find(values, windows.count) : values;
  if (isCounter && known.isWhole && counted !== undefined) {
    kinds.fill(floatSample);
    if (hasResets) wholeCounter(windows, counted, known, out);
    else risingCounter(windows, known, out);
    return;
  }
  for (let step = 0; step < steps; step++) {
    const first = low[step]!;
    const last = high[step]! - 1;
    if (last <= first) continue;
    const firstValue = values[first]!;
    const change =
      counted === undefined
        ? values[last]! - firstValue + resets.lostBetween(first, last, values)
        : counted[last]! - counted[first]!;
    let factor = factors[step]!;
    // A counter is never below zero: it began where the line through its samples meets zero.
    if (isCounter && change > 0 && firstValue >= 0 && firstValue < startShares[step]! * change) {
      factor += (firstValue / change - startShares[step]!) * perSecond;
    }
    out[step] = change * factor;
    kinds[step] = 1;
  }
}

/** The same where every window has two samples. `counted`: what `Resets.find` gives. */
function wholeCounter(
  { low, high, values }: SeriesWindows,
  counted: Float64Array,
  { factors, startShares, perSecond }: Factors,
  out: Float64Array,
): void {
  const steps = out.length;
  for (let step = 0; step < steps; step++) {
    const first = low[step]!;
    const change = counted[high[step]! - 1]! - counted[first]!;
    const firstValue = values[first]!;
    let factor = factors[step]!;
    const share = startShares[step]!;
    if (change > 0 && firstValue >= 0 && firstValue < share * change) {
      factor += (firstValue / change - share) * perSecond;
    }
    out[step] = change * factor;
  }
}

/** The same where the counter was never reset: the fewer columns, the faster the loop. */
function risingCounter(
  { low, high, values }: SeriesWindows,
  { factors, startShares, perSecond }: Factors,
  out: Float64Array,
): void {
  const steps = out.length;
  for (let step = 0; step < steps; step++) {
    const firstValue = values[low[step]!]!;
    const change = values[high[step]! - 1]! - firstValue;
    let factor = factors[step]!;
    const share = startShares[step]!;
    if (change > 0 && firstValue >= 0 && firstValue < share * change) {
      factor += (firstValue / change - share) * perSecond;
    }
    out[step] = change * factor;
  }
}

/** What follows from the times in windows alone, which are the same for all series of a target. */
interface Factors {
  windows: SeriesWindows | undefined;
  generation: number;
  isRate: boolean;
  perSecond: number;
  /** What the change between the first and last sample is multiplied by. */
  factors: Float64Array;
  /** How far it is extended to the left, as a share of the time between the two. */
  startShares: Float64Array;
  /** Every window has two samples. */
  isWhole: boolean;
}

const known: Factors = {
  windows: undefined,
  generation: 0,
  isRate: false,
  perSecond: 1,
  factors: new Float64Array(0),
  startShares: new Float64Array(0),
  isWhole: false,
};

function factorsOf(windows: SeriesWindows, isRate: boolean): Factors {
  const isKnown =
    known.windows === windows && known.generation === windows.generation && known.isRate === isRate;
  if (isKnown) return known;
  const { low, high, timesMs } = windows;
  const { endMs, stepMs, rangeMs, count: steps } = windows.windows;
  known.windows = windows;
  known.generation = windows.generation;
  known.isRate = isRate;
  known.perSecond = isRate ? 1000 / rangeMs : 1;
  if (known.factors.length !== steps) {
    known.factors = new Float64Array(steps);
    known.startShares = new Float64Array(steps);
  }
  known.isWhole = true;
  let windowEnd = endMs;
  for (let step = 0; step < steps; step++, windowEnd += stepMs) {
    const first = low[step]!;
    const last = high[step]! - 1;
    if (last <= first) {
      known.isWhole = false;
      continue;
    }
    const span = timesMs[last]! - timesMs[first]!;
    const average = span / (last - first);
    const threshold = average * gapTolerance;
    let toStart = timesMs[first]! - (windowEnd - rangeMs);
    let toEnd = windowEnd - timesMs[last]!;
    if (toStart >= threshold) toStart = average / 2;
    if (toEnd >= threshold) toEnd = average / 2;
    known.factors[step] = ((span + toStart + toEnd) / span) * known.perSecond;
    known.startShares[step] = toStart / span;
  }
  return known;
}

/** Where a counter fell, and what it had counted up to then. One object serves all series. */
class Resets {
  #count = 0;
  #at = new Int32Array(16);
  /** The first reset after the start of the window that was asked for last, and after its end. */
  #from = 0;
  #to = 0;

  /**
   * @returns what the counter would stand at, had it never been reset; undefined where that is not exact:
   * the difference of two such numbers would bring what happened before a window into it
   */
  find(values: Float64Array, count: number): Float64Array | undefined {
    this.#count = 0;
    this.#from = 0;
    this.#to = 0;
    const counted = floatScratch(count);
    let lost = 0;
    let size = 0;
    let areWhole = true;
    let previous = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < count; at++) {
      const value = values[at]!;
      if (value < previous) {
        if (this.#count === this.#at.length) this.#grow();
        this.#at[this.#count++] = at;
        lost += previous;
        size += Math.abs(previous);
      }
      // Neither are NaN and infinities whole.
      areWhole &&= Number.isInteger(value) && Math.abs(value) < maxExact / 4;
      counted[at] = value + lost;
      previous = value;
    }
    return areWhole && size < maxExact / 4 ? counted : undefined;
  }

  #grow(): void {
    const at = new Int32Array(this.#at.length * 2);
    at.set(this.#at);
    this.#at = at;
  }

  /** What was counted before the resets after sample `first` up to sample `last`; windows move on. */
  lostBetween(first: number, last: number, values: Float64Array): number {
    const count = this.#count;
    while (this.#from < count && this.#at[this.#from]! <= first) this.#from++;
    while (this.#to < count && this.#at[this.#to]! <= last) this.#to++;
    if (this.#to <= this.#from) return 0;
    let lost = 0;
    for (let at = this.#from; at < this.#to; at++) lost += values[this.#at[at]! - 1]!;
    return lost;
  }
}

const resets = new Resets();

/** With start times, which tell of resets and of where a counter began. */
function extrapolateWithStarts(
  windows: SeriesWindows,
  starts: Float64Array,
  row: Row,
  isRate: boolean,
  call: RangeCall,
): void {
  const { low, high, timesMs, values } = windows;
  const { rangeMs } = windows.windows;
  let hasWarned = false;
  for (let step = 0; step < row.steps; step++) {
    const first = low[step]!;
    const last = high[step]! - 1;
    if (last < first) continue;
    let change = values[last]! - values[first]!;
    for (let at = first + 1; at <= last; at++) {
      const times = {
        previousStartMs: starts[at - 1]!,
        previousMs: timesMs[at - 1]!,
        startMs: starts[at]!,
        timeMs: timesMs[at]!,
      };
      if (!hasWarned && overlapsPrevious(times)) {
        call.annotations.startTimeOverlap(call.metric(), call.span);
        hasWarned = true;
      }
      if (values[at]! < values[at - 1]! || isResetByStart(times)) change += values[at - 1]!;
    }
    const factor = extrapolationFactor({
      windowStartMs: windows.startMs(step),
      windowEndMs: windows.endMs(step),
      firstMs: timesMs[first]!,
      lastMs: timesMs[last]!,
      gaps: last - first,
      startMs: starts[first]!,
      zeroShare: (added) => {
        const total = change + (added ? values[first]! : 0);
        return total > 0 && values[first]! >= 0 ? values[first]! / total : undefined;
      },
    });
    if (factor === undefined) continue;
    if (factor.startsInside) change += values[first]!;
    row.setFloat(step, (change * factor.factor) / (isRate ? rangeMs / 1000 : 1));
  }
}

export interface Extent {
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Samples in the window less one. */
  readonly gaps: number;
  /** When the first sample's count began; 0: unknown, or not looked at. */
  readonly startMs: number;
  /** Of a counter that grew: its first value as a share of the change; undefined: not known. */
  zeroShare(startsInside: boolean): number | undefined;
}

/**
 * By how much a change between the first and last sample is to be extended to the whole window;
 * `startsInside`: the counter began at zero within it, so its first value is part of the change.
 */
export function extrapolationFactor(
  extent: Extent,
): { readonly factor: number; readonly startsInside: boolean } | undefined {
  const { windowStartMs, windowEndMs, firstMs, lastMs, gaps, startMs } = extent;
  const average = gaps > 0 ? (lastMs - firstMs) / gaps : 0;
  const threshold = average * gapTolerance;
  let toEnd = windowEndMs - lastMs;
  if (toEnd >= threshold) toEnd = average / 2;
  if (startMs !== 0 && startMs > windowStartMs && startMs < firstMs) {
    const span = lastMs - startMs;
    return { factor: (span + toEnd) / span, startsInside: true };
  }
  if (gaps === 0) return undefined;
  const span = lastMs - firstMs;
  let toStart = firstMs - windowStartMs;
  if (toStart >= threshold) toStart = average / 2;
  const share = extent.zeroShare(false);
  if (share !== undefined && span * share < toStart) toStart = span * share;
  return { factor: (span + toStart + toEnd) / span, startsInside: false };
}

/** `irate` and `idelta`: the last two samples. */
export function instantChange(isRate: boolean): FloatKernel {
  return (windows, row) => {
    const starts = isRate ? windows.startTimesMs : undefined;
    if (windows.intervalMs > 0 && starts === undefined) {
      evenInstantChange(windows, row, isRate);
      return;
    }
    const { low, high, timesMs, values } = windows;
    for (let step = 0; step < row.steps; step++) {
      const last = high[step]! - 1;
      const previous = last - 1;
      if (previous < low[step]!) continue;
      const spanMs = timesMs[last]! - timesMs[previous]!;
      if (spanMs === 0) continue;
      const isReset =
        isRate &&
        (values[last]! < values[previous]! ||
          (starts !== undefined &&
            isResetByStart({
              previousStartMs: starts[previous]!,
              previousMs: timesMs[previous]!,
              startMs: starts[last]!,
              timeMs: timesMs[last]!,
            })));
      const change = isReset ? values[last]! : values[last]! - values[previous]!;
      row.setFloat(step, isRate ? change / (spanMs / 1000) : change);
    }
  };
}

/** The same of samples that are equally far apart. */
function evenInstantChange(windows: SeriesWindows, row: Row, isRate: boolean): void {
  const { low, high, values } = windows;
  const { values: out, kinds } = row;
  const steps = kinds.length;
  const seconds = isRate ? windows.intervalMs / 1000 : 1;
  for (let step = 0; step < steps; step++) {
    const last = high[step]! - 1;
    if (last <= low[step]!) continue;
    const value = values[last]!;
    const previous = values[last - 1]!;
    const change = isRate && value < previous ? value : value - previous;
    out[step] = change / seconds;
    kinds[step] = 1;
  }
}
