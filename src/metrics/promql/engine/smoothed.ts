import {
  type FloatHistogram,
  type Labels,
  labelValue,
  metricNameLabel,
  SampleColumns,
  type SeriesSelection,
} from '#metrics/model';
import { interpolated } from '../functions/range/extended-bounds.ts';
import { interpolatedHistogram } from '../functions/range/extended-histograms.ts';
import type { VectorSelector } from '../parser/ast.ts';
import { quoteText } from '../parser/go-text.ts';
import type { Evaluation } from './evaluation.ts';
import type { Windows } from './grid.ts';
import type { Row } from './row.ts';
import type { Scope } from './scope.ts';
import { selectSeries, windowsOf } from './selectors.ts';
import { type HistogramWindows, SeriesWindows } from './series-windows.ts';
import type { VectorSource } from './vector.ts';

/** A `smoothed` instant selector: values between samples are interpolated. */
export class SmoothedSource implements VectorSource {
  readonly #selection: SeriesSelection;
  readonly #windows: SeriesWindows;
  readonly #selector: VectorSelector;
  readonly #evaluation: Evaluation;
  readonly #columns = new SampleColumns();

  static async select(
    selector: VectorSelector,
    { evaluation, grid }: Scope,
  ): Promise<SmoothedSource> {
    const { lookbackMs } = evaluation.options;
    const windows = windowsOf(selector, lookbackMs, grid);
    const extent = { beforeMs: 0, afterMs: lookbackMs };
    const hint = { function: '', rangeMs: 0, stepMs: grid.stepMs };
    const selection = await selectSeries(evaluation, selector.matchers, windows, extent, hint);
    return new SmoothedSource(selection, windows, selector, evaluation);
  }

  private constructor(
    selection: SeriesSelection,
    windows: Windows,
    selector: VectorSelector,
    evaluation: Evaluation,
  ) {
    this.#selection = selection;
    this.#windows = new SeriesWindows(windows, 0, evaluation.options.lookbackMs);
    this.#selector = selector;
    this.#evaluation = evaluation;
  }

  get count(): number {
    return this.#selection.count;
  }

  labels(index: number): Labels {
    return this.#selection.labels(index);
  }

  dropsName(): boolean {
    return false;
  }

  read(index: number, row: Row): boolean {
    row.clear();
    this.#selection.read(index, this.#columns);
    const windows = this.#windows;
    windows.load(this.#columns);
    let found = 0;
    for (let step = 0; step < row.steps; step++) {
      if (this.#readStep(windows, step, row, index)) found++;
    }
    this.#evaluation.samples += found;
    return found > 0;
  }

  #readStep(windows: SeriesWindows, step: number, row: Row, index: number): boolean {
    const from = windows.low[step]!;
    const to = windows.high[step]!;
    const histograms = windows.histograms;
    const hasHistograms =
      histograms !== undefined && histograms.high[step]! > histograms.low[step]!;
    const atMs = windows.endMs(step);
    if (hasHistograms) {
      if (to > from) {
        this.#warn(
          index,
          (metric) => `encountered a mix of histograms and floats for metric name ${metric}`,
        );
        return false;
      }
      const histogram = this.#histogramAt(histograms, step, atMs, index);
      if (histogram === undefined) return false;
      row.setHistogram(step, histogram);
      return true;
    }
    if (to <= from) return false;
    const { timesMs, values } = windows;
    let at = from;
    while (at < to && timesMs[at]! < atMs) at++;
    if (at < to && timesMs[at]! === atMs) row.setFloat(step, values[at]!);
    else if (at > from && at < to) {
      const before = { timeMs: timesMs[at - 1]!, value: values[at - 1]! };
      const after = { timeMs: timesMs[at]!, value: values[at]! };
      row.setFloat(step, interpolated(before, after, atMs, false));
    } else if (at > from) row.setFloat(step, values[at - 1]!);
    else return false;
    return true;
  }

  #histogramAt(
    { timesMs, values, low, high }: HistogramWindows,
    step: number,
    atMs: number,
    index: number,
  ): FloatHistogram | undefined {
    const from = low[step]!;
    const to = high[step]!;
    let at = from;
    while (at < to && timesMs[at]! < atMs) at++;
    if (at < to && timesMs[at]! === atMs) return values[at]!;
    if (at === from) return undefined;
    const before = { timeMs: timesMs[at - 1]!, histogram: values[at - 1]! };
    // The hint is about what comes after what, not about a value that is carried on.
    if (at === to) return { ...before.histogram, counterResetHint: 'unknown' };
    const after = { timeMs: timesMs[at]!, histogram: values[at]! };
    const isGauge = [before, after].every((each) => each.histogram.counterResetHint === 'gauge');
    const { span } = this.#selector;
    const { annotations } = this.#evaluation;
    return interpolatedHistogram(before, after, atMs, !isGauge, {
      schemas: () =>
        this.#warn(
          index,
          (metric) =>
            `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${metric}`,
        ),
      reconciled: (operation) =>
        annotations.inform(`mismatched custom buckets were reconciled during ${operation}`, span),
    });
  }

  #warn(index: number, text: (metric: string) => string): void {
    const metric = quoteText(labelValue(this.labels(index), metricNameLabel));
    this.#evaluation.annotations.warn(text(metric), this.#selector.span);
  }

  dispose(): void {
    this.#selection[Symbol.dispose]();
  }
}
