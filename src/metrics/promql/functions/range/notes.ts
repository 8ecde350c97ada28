import type { Annotations } from '../../annotations.ts';
import { formatGeneral, quoteText } from '../../parser/go-text.ts';
import type { Span } from '../../parser/position.ts';
import type { RangeCall } from './kernel.ts';

/** Floats and histograms in one window, for functions that cannot take both. */
export function warnOfMix(call: RangeCall): void {
  call.annotations.warn(
    `encountered a mix of histograms and floats for metric name ${quoteText(call.metric())}`,
    call.span,
  );
}

/** Histograms beside floats, for functions that leave histograms out. */
export function informOfIgnored(call: RangeCall): void {
  call.annotations.inform(
    `ignored histograms in a range containing both floats and histograms for metric name ${quoteText(call.metric())}`,
    call.span,
  );
}

export function warnOfSchemas(call: RangeCall): void {
  call.annotations.warn(
    `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${quoteText(call.metric())}`,
    call.span,
  );
}

export function warnNotCounter(call: RangeCall): void {
  call.annotations.warn(
    `this native histogram metric is not a counter: ${quoteText(call.metric())}`,
    call.span,
  );
}

export function warnNotGauge(call: RangeCall): void {
  call.annotations.warn(
    `this native histogram metric is not a gauge: ${quoteText(call.metric())}`,
    call.span,
  );
}

export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation';

export function informOfReconciledBounds(call: RangeCall, operation: HistogramOperation): void {
  call.annotations.inform(
    `mismatched custom buckets were reconciled during ${operation}`,
    call.span,
  );
}

export function warnOfResetCollision(call: RangeCall, operation: HistogramOperation): void {
  call.annotations.warn(`conflicting counter resets during histogram ${operation}`, call.span);
}

export function warnOfQuantile(q: number, annotations: Annotations, span: Span): void {
  annotations.warn(`quantile value should be between 0 and 1, got ${formatGeneral(q)}`, span);
}
