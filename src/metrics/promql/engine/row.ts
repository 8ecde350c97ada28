import type { FloatHistogram } from '#metrics/model';

/** What stands at a step of a row. */
export const noSample = 0;
export const floatSample = 1;
export const histogramSample = 2;

/** The samples of one series over all steps, in memory that is used again for the next series. */
export class Row {
  readonly values: Float64Array;
  /** `noSample`, `floatSample` or `histogramSample` for each step. */
  readonly kinds: Uint8Array;
  /** Of the steps with a histogram; undefined: there is none. */
  histograms: (FloatHistogram | undefined)[] | undefined;

  constructor(steps: number) {
    this.values = new Float64Array(steps);
    this.kinds = new Uint8Array(steps);
  }

  get steps(): number {
    return this.kinds.length;
  }

  clear(): void {
    this.kinds.fill(noSample);
    this.histograms = undefined;
  }

  setFloat(step: number, value: number): void {
    this.values[step] = value;
    this.kinds[step] = floatSample;
  }

  setHistogram(step: number, histogram: FloatHistogram): void {
    this.histograms ??= new Array(this.steps);
    this.histograms[step] = histogram;
    this.kinds[step] = histogramSample;
  }

  remove(step: number): void {
    this.kinds[step] = noSample;
    if (this.histograms !== undefined) this.histograms[step] = undefined;
  }

  copyFrom(other: Row): void {
    this.values.set(other.values);
    this.kinds.set(other.kinds);
    this.histograms = other.histograms === undefined ? undefined : [...other.histograms];
  }

  /** Sample `from` of another row at step `to` of this one. */
  copySample(to: number, other: Row, from: number): void {
    if (other.kinds[from] === histogramSample) this.setHistogram(to, other.histograms![from]!);
    else this.setFloat(to, other.values[from]!);
  }

  /** All steps have a float. */
  isWhole(): boolean {
    return this.histograms === undefined && !this.kinds.includes(noSample);
  }

  isEmpty(): boolean {
    const { kinds } = this;
    for (let step = 0; step < kinds.length; step++) if (kinds[step] !== noSample) return false;
    return true;
  }
}
