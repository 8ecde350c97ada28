import {
  type FloatHistogram,
  isStaleAt,
  isStaleValue,
  type SampleColumns,
  wordsOf,
} from '#metrics/model';
import type { Windows } from './grid.ts';

/** Histograms of a series, with the windows of each step over them. */
export class HistogramWindows {
  readonly timesMs: number[] = [];
  readonly values: FloatHistogram[] = [];
  /** 0: unknown. Empty where no start times are known. */
  readonly startTimesMs: number[] = [];
  readonly low: Int32Array;
  readonly high: Int32Array;

  constructor(steps: number) {
    this.low = new Int32Array(steps);
    this.high = new Int32Array(steps);
  }
}

/**
 * The samples of one series and, for each step, which of them its window holds: those from `low` to
 * before `high`. Markers of staleness are gone. One object serves all series of a selection in turn.
 */
export class SeriesWindows {
  readonly windows: Windows;
  /** Floats; only the first `count` of each column count. */
  count = 0;
  values: Float64Array = new Float64Array(0);
  startTimesMs: Float64Array | undefined;
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** Undefined: the series has floats only. */
  histograms: HistogramWindows | undefined;
  /** The floats never go down, and all of them are numbers. */
  isMonotonic = false;
  /** It is known that there are floats only, none of them NaN or -0. */
  isPlain = false;
  /** Another number where the windows or the times in them are others than those of the series before. */
  generation = 0;
  /** Markers of staleness were taken out. */
  hadStale = false;
  /** Distance of the floats, where they are all equally far apart; else 0. */
  intervalMs = 0;
  /** Floats in the windows of all steps together. */
  windowSamples = 0;

  /** Whose times these are; undefined: own ones, without what was stale. */
  #columns: SampleColumns | undefined;
  /** Time and distance of the samples that the windows were found for, where they are regular. */
  #regularFrom = Number.NaN;
  #regularInterval = 0;
  #regularCount = 0;
  #ownTimes = new Float64Array(0);
  #ownValues = new Float64Array(0);
  #ownStarts = new Float64Array(0);
  readonly #beforeMs: number;
  readonly #afterMs: number;

  /** Windows may be widened to both sides, for what looks at samples around them. */
  constructor(windows: Windows, beforeMs = 0, afterMs = 0) {
    this.windows = windows;
    this.#beforeMs = beforeMs;
    this.#afterMs = afterMs;
    this.low = new Int32Array(windows.count);
    this.high = new Int32Array(windows.count);
  }

  /** End of a step's window, inclusive. */
  endMs(step: number): number {
    return this.windows.endMs + step * this.windows.stepMs;
  }

  /** Start of a step's window, exclusive. */
  startMs(step: number): number {
    return this.endMs(step) - this.windows.rangeMs;
  }

  load(columns: SampleColumns): void {
    if (columns.histograms !== undefined) this.#split(columns);
    else this.#takeFloats(columns);
    const known = this.#columns?.intervalMs ?? 0;
    if (known > 0 && this.count > 1) {
      this.#findRegularWindows(this.#columns!.firstMs, known);
      return;
    }
    const { timesMs } = this;
    const intervalMs = regularInterval(timesMs, this.count);
    if (intervalMs > 0) {
      this.#findRegularWindows(timesMs[0]!, intervalMs);
    } else {
      this.#regularFrom = Number.NaN;
      this.intervalMs = 0;
      this.generation++;
      this.windowSamples = this.#findWindows(timesMs, this.count, this.low, this.high);
    }
  }

  /** Times of the floats. Those that are even are written only when they are asked for. */
  get timesMs(): Float64Array {
    return this.#columns === undefined ? this.#ownTimes : this.#columns.timesMs;
  }

  /** Series of one target have the same times: their windows are the same, too. */
  #findRegularWindows(from: number, intervalMs: number): void {
    const { count, low, high } = this;
    this.intervalMs = intervalMs;
    const isKnown =
      from === this.#regularFrom &&
      intervalMs === this.#regularInterval &&
      count === this.#regularCount;
    if (isKnown) return;
    this.generation++;
    this.#regularFrom = from;
    this.#regularInterval = intervalMs;
    this.#regularCount = count;
    const { endMs, stepMs, rangeMs, count: steps } = this.windows;
    const end = endMs + this.#afterMs - from;
    const start = end - (rangeMs + this.#beforeMs + this.#afterMs);
    // Samples at or before a time, were there no first and last one.
    let to = Math.floor(end / intervalMs) + 1;
    let since = Math.floor(start / intervalMs) + 1;
    const perStep = stepMs / intervalMs;
    const isWhole = Number.isInteger(perStep);
    let samples = 0;
    for (let step = 0; step < steps; step++) {
      if (step > 0) {
        if (isWhole) {
          to += perStep;
          since += perStep;
        } else {
          to = Math.floor((end + step * stepMs) / intervalMs) + 1;
          since = Math.floor((start + step * stepMs) / intervalMs) + 1;
        }
      }
      const last = to < 0 ? 0 : to > count ? count : to;
      const first = since < 0 ? 0 : since > last ? last : since;
      low[step] = first;
      high[step] = last;
      samples += last - first;
    }
    this.windowSamples = samples;
  }

  #takeFloats(columns: SampleColumns): void {
    this.histograms = undefined;
    this.hadStale = false;
    const { count, values } = columns;
    this.isMonotonic = columns.isRising;
    this.isPlain = columns.isPlain;
    if (!columns.isRising) {
      // Most series are counters: one look tells that they have no resets and no NaN, and so nothing stale.
      let plain = 0;
      let previous = Number.NEGATIVE_INFINITY;
      while (plain < count && values[plain]! >= previous) previous = values[plain++]!;
      this.isMonotonic = plain === count;
      if (!columns.isPlain) {
        const words = wordsOf(values);
        for (let at = plain; at < count; at++) {
          const value = values[at]!;
          // biome-ignore lint/suspicious/noSelfCompare: the fastest test for NaN, once for each sample
          if (value !== value && isStaleAt(words, at)) {
            this.#copyWithoutStale(columns, words, at);
            return;
          }
        }
      }
    }
    this.count = count;
    this.#columns = columns;
    this.values = values;
    this.startTimesMs = columns.startTimesMs;
  }

  #reserve(samples: number): void {
    if (this.#ownTimes.length >= samples) return;
    this.#ownTimes = new Float64Array(samples);
    this.#ownValues = new Float64Array(samples);
    this.#ownStarts = new Float64Array(samples);
  }

  #copyWithoutStale(columns: SampleColumns, words: Uint32Array, firstStale: number): void {
    this.hadStale = true;
    const { count, timesMs, values, startTimesMs } = columns;
    this.#reserve(count);
    const times = this.#ownTimes;
    const kept = this.#ownValues;
    times.set(timesMs.subarray(0, firstStale));
    kept.set(values.subarray(0, firstStale));
    if (startTimesMs !== undefined) this.#ownStarts.set(startTimesMs.subarray(0, firstStale));
    let to = firstStale;
    for (let at = firstStale; at < count; at++) {
      if (isStaleAt(words, at)) continue;
      times[to] = timesMs[at]!;
      kept[to] = values[at]!;
      if (startTimesMs !== undefined) this.#ownStarts[to] = startTimesMs[at]!;
      to++;
    }
    this.#keepOwn(to, startTimesMs !== undefined);
  }

  #keepOwn(count: number, hasStarts: boolean): void {
    this.count = count;
    this.#columns = undefined;
    this.values = this.#ownValues;
    this.startTimesMs = hasStarts ? this.#ownStarts : undefined;
  }

  #split(columns: SampleColumns): void {
    this.isMonotonic = false;
    this.isPlain = false;
    const { count, timesMs, values, histograms, startTimesMs } = columns;
    const words = wordsOf(values);
    const found = new HistogramWindows(this.windows.count);
    this.#reserve(count);
    let to = 0;
    for (let at = 0; at < count; at++) {
      const histogram = histograms![at];
      if (histogram !== undefined) {
        if (isStaleValue(histogram.sum)) continue;
        found.timesMs.push(timesMs[at]!);
        found.values.push(histogram);
        if (startTimesMs !== undefined) found.startTimesMs.push(startTimesMs[at]!);
        continue;
      }
      if (isStaleAt(words, at)) continue;
      this.#ownTimes[to] = timesMs[at]!;
      this.#ownValues[to] = values[at]!;
      if (startTimesMs !== undefined) this.#ownStarts[to] = startTimesMs[at]!;
      to++;
    }
    this.#keepOwn(to, startTimesMs !== undefined);
    this.#findWindows(found.timesMs, found.timesMs.length, found.low, found.high);
    this.histograms = found.values.length > 0 ? found : undefined;
  }

  #findWindows(
    timesMs: ArrayLike<number>,
    count: number,
    low: Int32Array,
    high: Int32Array,
  ): number {
    const { endMs, stepMs, rangeMs, count: steps } = this.windows;
    const width = rangeMs + this.#beforeMs + this.#afterMs;
    let end = endMs + this.#afterMs;
    let from = 0;
    let to = 0;
    let samples = 0;
    for (let step = 0; step < steps; step++) {
      const start = end - width;
      while (to < count && timesMs[to]! <= end) to++;
      while (from < to && timesMs[from]! <= start) from++;
      low[step] = from;
      high[step] = to;
      samples += to - from;
      end += stepMs;
    }
    return samples;
  }
}

/** The distance of samples that are all equally far apart; 0: they are not. */
function regularInterval(timesMs: Float64Array, count: number): number {
  if (count < 2) return 0;
  const intervalMs = timesMs[1]! - timesMs[0]!;
  if (timesMs[count - 1]! - timesMs[0]! !== intervalMs * (count - 1)) return 0;
  let expected = timesMs[1]!;
  for (let at = 2; at < count; at++) {
    expected += intervalMs;
    if (timesMs[at]! !== expected) return 0;
  }
  return intervalMs;
}
