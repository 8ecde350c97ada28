import type { FloatHistogram } from './histogram.ts';

/**
 * Samples of one series as columns, in buffers that are used again for the next series: copy what you
 * keep. Times ascend strictly.
 */
export class SampleColumns {
  /** Samples held; the arrays may be longer. */
  count = 0;
  /** Unix milliseconds. */
  timesMs: Float64Array = new Float64Array(0);
  /** Staleness markers as bits (`stale.ts`); undefined content where a histogram stands. */
  values: Float64Array = new Float64Array(0);
  /** Undefined: all samples are floats. Else the histogram of each sample that is one. */
  histograms: (FloatHistogram | undefined)[] | undefined;
  /** Undefined: none known. Else when each sample's count began, Unix ms; 0: unknown. */
  startTimesMs: Float64Array | undefined;

  /** Room for at least so many samples; what is held is kept. */
  reserve(samples: number): void {
    if (this.timesMs.length >= samples) return;
    const capacity = Math.max(samples, this.timesMs.length * 2, 256);
    this.timesMs = grown(this.timesMs, capacity);
    this.values = grown(this.values, capacity);
    if (this.startTimesMs !== undefined) this.startTimesMs = grown(this.startTimesMs, capacity);
  }

  clear(): void {
    this.count = 0;
    this.histograms = undefined;
    this.startTimesMs = undefined;
  }
}

function grown(column: Float64Array, capacity: number): Float64Array {
  const larger = new Float64Array(capacity);
  larger.set(column);
  return larger;
}
