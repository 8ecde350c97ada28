import type { Annotations } from '../annotations.ts';
import { HistogramMean } from '../functions/range/histogram-steps.ts';
import { HistogramAccumulator } from '../histogram/accumulator.ts';
import { quoteText } from '../parser/go-text.ts';
import type { Span } from '../parser/position.ts';
import type { FloatGroup } from './fold-floats.ts';
import { histogramSample, type Row } from './row.ts';

interface Notes {
  readonly annotations: Annotations;
  readonly span: Span;
}

interface StepState {
  readonly total: HistogramAccumulator | HistogramMean;
  /** Exponential and custom buckets met: there is no result. */
  isIncompatible: boolean;
  hasReset: boolean;
  hasNoReset: boolean;
}

/** Sums or means of the histograms of a group at each step. */
export class HistogramGroup {
  readonly #op: 'sum' | 'avg';
  readonly #steps: (StepState | undefined)[];

  constructor(op: 'sum' | 'avg', steps: number) {
    this.#op = op;
    this.#steps = new Array<StepState | undefined>(steps).fill(undefined);
  }

  add(row: Row, notes: Notes & { metric(): string }): void {
    for (let step = 0; step < row.steps; step++) {
      if (row.kinds[step] !== histogramSample) continue;
      const histogram = row.histograms![step]!;
      let state = this.#steps[step];
      if (state === undefined) {
        const total =
          this.#op === 'sum' ? new HistogramAccumulator(histogram) : new HistogramMean(histogram);
        state = { total, isIncompatible: false, hasReset: false, hasNoReset: false };
        this.#steps[step] = state;
      } else {
        if (state.isIncompatible) continue;
        const added = state.total.add(histogram);
        if (added === undefined) {
          state.isIncompatible = true;
          notes.annotations.warn(
            `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${quoteText(notes.metric())}`,
            notes.span,
          );
        } else if (added.isReconciled) {
          notes.annotations.inform(
            'mismatched custom buckets were reconciled during aggregation',
            notes.span,
          );
        }
      }
      state.hasReset ||= histogram.counterResetHint === 'reset';
      state.hasNoReset ||= histogram.counterResetHint === 'notReset';
    }
  }

  /** Writes the results over those of the floats; a step with both has none. */
  finish(row: Row, floats: FloatGroup | undefined, { annotations, span }: Notes): void {
    for (const [step, state] of this.#steps.entries()) {
      if (state === undefined) continue;
      if (floats !== undefined && floats.samplesAt(step) > 0) {
        annotations.warn('encountered a mix of histograms and floats for aggregation', span);
        row.remove(step);
        continue;
      }
      if (state.isIncompatible) continue;
      if (state.hasReset && state.hasNoReset) {
        annotations.warn('conflicting counter resets during histogram aggregation', span);
      }
      row.setHistogram(step, state.total.toHistogram());
    }
  }
}
