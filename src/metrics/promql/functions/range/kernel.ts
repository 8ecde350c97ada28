import type { Annotations } from '../../annotations.ts';
import type { Grid } from '../../engine/grid.ts';
import type { Row } from '../../engine/row.ts';
import type { SeriesWindows } from '../../engine/series-windows.ts';
import type { Span } from '../../parser/position.ts';

/** What a function over ranges knows beside the samples. */
export interface RangeCall {
  /** Times of the steps. */
  readonly grid: Grid;
  /** Scalar arguments, a value for each step, in order. */
  readonly params: readonly Float64Array[];
  /** Of the argument that is a range, for annotations. */
  readonly span: Span;
  readonly annotations: Annotations;
  /** Name of the series that is at hand, for annotations. */
  metric(): string;
}

/** Computes all steps of a series of floats. Steps it does not set have no sample. */
export type FloatKernel = (windows: SeriesWindows, row: Row, call: RangeCall) => void;

/**
 * Computes a step whose window has histograms. What the float kernel made of the floats in it stands
 * in the row.
 */
export type HistogramStep = (
  windows: SeriesWindows,
  step: number,
  row: Row,
  call: RangeCall,
) => void;

export interface RangeFunction {
  readonly floats: FloatKernel;
  readonly histograms: HistogramStep;
  /** `last_over_time` and `first_over_time` are like an offset: the name stays. */
  readonly keepsName?: boolean;
  /** Looks at when the counting of a sample began. */
  readonly usesStartTimes?: boolean;
}

/** Applies a function to the series that was loaded into the windows. */
export function applyRange(
  { floats, histograms }: RangeFunction,
  windows: SeriesWindows,
  row: Row,
  call: RangeCall,
): void {
  row.clear();
  floats(windows, row, call);
  const found = windows.histograms;
  if (found === undefined) return;
  for (let step = 0; step < row.steps; step++) {
    if (found.high[step]! > found.low[step]!) histograms(windows, step, row, call);
  }
}
