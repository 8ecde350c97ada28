import { floatSample, type Row } from '../../engine/row.ts';
import type { SeriesWindows } from '../../engine/series-windows.ts';
import type { FloatKernel } from './kernel.ts';
import { warnOfQuantile } from './notes.ts';
import { floatScratch, integerScratch } from './scratch.ts';

/** The index of the largest (smallest) value of each window that is not empty, the last of equal ones. */
function extremePlaces(windows: SeriesWindows, isLargest: boolean): Int32Array {
  const {
    low,
    high,
    values,
    count,
    windows: { count: steps },
  } = windows;
  // Candidates in order of time, each better than all that follow; behind them the places found.
  const scratch = integerScratch(count + steps);
  const queue = scratch.subarray(0, count);
  const places = scratch.subarray(count, count + steps);
  let head = 0;
  let tail = 0;
  let next = 0;
  for (let step = 0; step < steps; step++) {
    const from = low[step]!;
    const to = high[step]!;
    for (; next < to; next++) {
      const value = values[next]!;
      if (Number.isNaN(value)) continue;
      if (isLargest) while (tail > head && values[queue[tail - 1]!]! <= value) tail--;
      else while (tail > head && values[queue[tail - 1]!]! >= value) tail--;
      queue[tail++] = next;
    }
    while (head < tail && queue[head]! < from) head++;
    // NaN is an answer only where there is nothing else.
    places[step] = head < tail ? queue[head]! : to - 1;
  }
  return places;
}

function extremeValues(isLargest: boolean): FloatKernel {
  return (windows, row) => {
    if (windows.isPlain) {
      plainExtremes(windows, row, isLargest);
      return;
    }
    const { low, high, values } = windows;
    const places = extremePlaces(windows, isLargest);
    for (let step = 0; step < row.steps; step++) {
      if (high[step]! > low[step]!) row.setFloat(step, values[places[step]!]!);
    }
  };
}

/**
 * Without NaN and -0: values are cut into blocks as long as the longest window, so that a window is the
 * end of a block and the begin of the next, of which the extremes are known.
 */
function plainExtremes(windows: SeriesWindows, row: Row, isLargest: boolean): void {
  const { low, high, values, count } = windows;
  const { values: out, kinds } = row;
  const steps = kinds.length;
  let length = 1;
  for (let step = 0; step < steps; step++) length = Math.max(length, high[step]! - low[step]!);
  const scratch = floatScratch(2 * count);
  const untilEnd = scratch.subarray(0, count);
  const sinceBegin = scratch.subarray(count, 2 * count);
  for (let begin = 0; begin < count; begin += length) {
    const end = Math.min(count, begin + length);
    if (isLargest) largestOfBlock(values, begin, end, sinceBegin, untilEnd);
    else smallestOfBlock(values, begin, end, sinceBegin, untilEnd);
  }
  for (let step = 0; step < steps; step++) {
    const from = low[step]!;
    const last = high[step]! - 1;
    if (last < from) continue;
    kinds[step] = floatSample;
    const isShort = last - from + 1 < length;
    if (isShort && Math.floor(from / length) === Math.floor(last / length)) {
      let best = values[last]!;
      for (let at = from; at < last; at++) {
        best = isLargest ? Math.max(best, values[at]!) : Math.min(best, values[at]!);
      }
      out[step] = best;
    } else {
      const [left, right] = [untilEnd[from]!, sinceBegin[last]!];
      out[step] = isLargest ? Math.max(left, right) : Math.min(left, right);
    }
  }
}

function largestOfBlock(
  values: Float64Array,
  begin: number,
  end: number,
  sinceBegin: Float64Array,
  untilEnd: Float64Array,
): void {
  let best = values[begin]!;
  for (let at = begin; at < end; at++) {
    best = Math.max(best, values[at]!);
    sinceBegin[at] = best;
  }
  best = values[end - 1]!;
  for (let at = end - 1; at >= begin; at--) {
    best = Math.max(best, values[at]!);
    untilEnd[at] = best;
  }
}

function smallestOfBlock(
  values: Float64Array,
  begin: number,
  end: number,
  sinceBegin: Float64Array,
  untilEnd: Float64Array,
): void {
  let best = values[begin]!;
  for (let at = begin; at < end; at++) {
    best = Math.min(best, values[at]!);
    sinceBegin[at] = best;
  }
  best = values[end - 1]!;
  for (let at = end - 1; at >= begin; at--) {
    best = Math.min(best, values[at]!);
    untilEnd[at] = best;
  }
}

function extremeTimes(isLargest: boolean): FloatKernel {
  return (windows, row) => {
    const { low, high, timesMs } = windows;
    const places = extremePlaces(windows, isLargest);
    for (let step = 0; step < row.steps; step++) {
      if (high[step]! > low[step]!) row.setFloat(step, timesMs[places[step]!]! / 1000);
    }
  };
}

export const maxOverTime: FloatKernel = extremeValues(true);
export const minOverTime: FloatKernel = extremeValues(false);
export const timeOfMax: FloatKernel = extremeTimes(true);
export const timeOfMin: FloatKernel = extremeTimes(false);

/**
 * A quantile of sorted numbers before which `nans` NaN are thought.
 * Source: the reference's rule, linear between neighbours.
 */
export function quantileOfSorted(q: number, sorted: Float64Array, count: number, nans = 0): number {
  const total = count + nans;
  if (total === 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  const rank = q * (total - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(total - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  const at = (index: number): number => (index < nans ? Number.NaN : sorted[index - nans]!);
  return at(lower) * (1 - weight) + at(upper) * weight;
}

/**
 * The same of numbers in any order, which are put into another: only the two that count are looked for.
 */
export function quantileOfUnsorted(
  q: number,
  numbers: Float64Array,
  count: number,
  nans: number,
): number {
  const total = count + nans;
  if (total === 0 || !(q >= 0 && q <= 1)) return quantileOfSorted(q, numbers, count, nans);
  const rank = q * (total - 1);
  const lower = Math.max(0, Math.floor(rank)) - nans;
  const upper = Math.min(total - 1, lower + nans + 1) - nans;
  if (lower >= 0) partition(numbers, count, lower);
  if (upper >= 0 && upper !== lower) {
    // What is behind the lower one is not smaller: the next is the least of it.
    let least = upper;
    for (let at = upper + 1; at < count; at++) if (numbers[at]! < numbers[least]!) least = at;
    const kept = numbers[upper]!;
    numbers[upper] = numbers[least]!;
    numbers[least] = kept;
  }
  return quantileOfSorted(q, numbers, count, nans);
}

/** Puts the number of a rank in its place, smaller ones before it and larger ones behind. */
function partition(numbers: Float64Array, count: number, rank: number): void {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = numbers[(low + high) >>> 1]!;
    let left = low;
    let right = high;
    while (left <= right) {
      while (numbers[left]! < pivot) left++;
      while (numbers[right]! > pivot) right--;
      if (left > right) break;
      const kept = numbers[left]!;
      numbers[left++] = numbers[right]!;
      numbers[right--] = kept;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else return;
  }
}

/** The numbers of a window in order, kept in order while the window moves on. */
class SortedWindow {
  readonly sorted: Float64Array;
  count = 0;
  nans = 0;

  constructor(capacity: number) {
    this.sorted = new Float64Array(capacity);
  }

  add(value: number): void {
    if (Number.isNaN(value)) {
      this.nans++;
      return;
    }
    const at = this.#find(value);
    this.sorted.copyWithin(at + 1, at, this.count);
    this.sorted[at] = value;
    this.count++;
  }

  remove(value: number): void {
    if (Number.isNaN(value)) {
      this.nans--;
      return;
    }
    const at = this.#find(value);
    this.sorted.copyWithin(at, at + 1, this.count);
    this.count--;
  }

  /** The first index whose value is not smaller. */
  #find(value: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export const quantileOverTime: FloatKernel = (windows, row, { params, annotations, span }) => {
  const { low, high, values, count } = windows;
  const quantiles = params[0]!;
  const window = new SortedWindow(count + 1);
  let from = 0;
  let to = 0;
  for (let step = 0; step < row.steps; step++) {
    const q = quantiles[step]!;
    for (; to < high[step]!; to++) window.add(values[to]!);
    for (; from < low[step]!; from++) window.remove(values[from]!);
    if (to <= from) continue;
    if (!(q >= 0 && q <= 1)) warnOfQuantile(q, annotations, span);
    row.setFloat(step, quantileOfSorted(q, window.sorted, window.count, window.nans));
  }
};

export const madOverTime: FloatKernel = (windows: SeriesWindows, row: Row) => {
  const { low, high, values } = windows;
  let scratch = new Float64Array(64);
  for (let step = 0; step < row.steps; step++) {
    const from = low[step]!;
    const count = high[step]! - from;
    if (count <= 0) continue;
    if (scratch.length < count) scratch = new Float64Array(count * 2);
    row.setFloat(step, medianDeviation(values.subarray(from, from + count), scratch));
  }
};

function medianDeviation(values: Float64Array, scratch: Float64Array): number {
  if (values.some(Number.isNaN)) return Number.NaN;
  const sorted = scratch.subarray(0, values.length);
  sorted.set(values);
  sorted.sort();
  const median = quantileOfSorted(0.5, sorted, sorted.length);
  for (let at = 0; at < sorted.length; at++) sorted[at] = Math.abs(sorted[at]! - median);
  sorted.sort();
  return quantileOfSorted(0.5, sorted, sorted.length);
}
