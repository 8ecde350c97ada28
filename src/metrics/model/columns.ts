import type { FloatHistogram } from './histogram.ts';

/**
 * Samples of one series as columns, in buffers that are used again for the next series: copy what you
 * keep. Times ascend strictly.
 */
export class SampleColumns {
  /** Samples held; the arrays may be longer. */
  count = 0;
  /** Staleness markers as bits (`stale.ts`); undefined content where a histogram stands. */
  values: Float64Array = new Float64Array(0);
  /** Undefined: all samples are floats. Else the histogram of each sample that is one. */
  histograms: (FloatHistogram | undefined)[] | undefined;
  /** Undefined: none known. Else when each sample's count began, Unix ms; 0: unknown. */
  startTimesMs: Float64Array | undefined;
  /** It is known that no value is NaN (and so none is stale), infinite or -0. */
  isPlain = false;
  /** It is known that no value is NaN or below the one before. */
  isRising = false;
  #timesMs: Float64Array = new Float64Array(0);
  #firstMs = 0;
  #intervalMs = 0;
  #areTimesWritten = true;

  /** Unix milliseconds. Even times (`setEven`) are written when they are first asked for. */
  get timesMs(): Float64Array {
    if (!this.#areTimesWritten) this.#writeTimes();
    return this.#timesMs;
  }

  /** > 0: it is known that times are so far apart, from `firstMs` on. 0: they are as they stand. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  get firstMs(): number {
    return this.#firstMs;
  }

  /** Times are `firstMs + i * intervalMs`, with `intervalMs` > 0. */
  setEven(firstMs: number, intervalMs: number): void {
    this.#firstMs = firstMs;
    this.#intervalMs = intervalMs;
    this.#areTimesWritten = false;
  }

  /** Nothing is known any more but what stands in the columns. */
  forgetShape(): void {
    if (!this.#areTimesWritten) this.#writeTimes();
    this.#intervalMs = 0;
    this.isPlain = false;
    this.isRising = false;
  }

  /** Changes times and values for those of other columns. What was known of either is forgotten. */
  exchange(other: SampleColumns): void {
    this.forgetShape();
    other.forgetShape();
    const { values } = this;
    const timesMs = this.#timesMs;
    this.values = other.values;
    this.#timesMs = other.#timesMs;
    other.values = values;
    other.#timesMs = timesMs;
  }

  /** Room for at least so many samples; what is held is kept. */
  reserve(samples: number): void {
    if (this.#timesMs.length >= samples) return;
    const capacity = Math.max(samples, this.#timesMs.length * 2, 256);
    this.#timesMs = grown(this.#timesMs, capacity);
    this.values = grown(this.values, capacity);
    if (this.startTimesMs !== undefined) this.startTimesMs = grown(this.startTimesMs, capacity);
  }

  clear(): void {
    this.count = 0;
    this.histograms = undefined;
    this.startTimesMs = undefined;
    this.isPlain = false;
    this.isRising = false;
    this.#intervalMs = 0;
    this.#areTimesWritten = true;
  }

  #writeTimes(): void {
    this.#areTimesWritten = true;
    const times = this.#timesMs;
    let time = this.#firstMs;
    for (let at = 0; at < this.count; at++) {
      times[at] = time;
      time += this.#intervalMs;
    }
  }
}

function grown(column: Float64Array, capacity: number): Float64Array {
  const larger = new Float64Array(capacity);
  larger.set(column);
  return larger;
}
