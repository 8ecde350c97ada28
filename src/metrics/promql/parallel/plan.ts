import type { SampleColumns, SharedSelection } from '#metrics/model';
import type { Grid, Windows } from '../engine/grid.ts';
import type { ScalarStep } from '../engine/scalar-step.ts';
import type { Extension } from '../functions/range/index.ts';
import type { Span } from '../parser/position.ts';

/** How the rows of a vector are computed from the samples of a selection. Structured-cloneable. */
export interface RowPlan {
  readonly windows: Windows;
  /** What is looked at beside the windows, ms. */
  readonly beforeMs: number;
  readonly afterMs: number;
  /** A function over ranges; undefined: the newest sample of each window. */
  readonly func: string | undefined;
  readonly extension: Extension | undefined;
  readonly params: readonly Float64Array[];
  readonly grid: Grid;
  /** Of the range, for annotations. */
  readonly span: Span;
  readonly usesStartTimestamps: boolean;
  /** What is done with each row afterwards, in order. */
  readonly scalarSteps: readonly ScalarStep[];
}

/** A vector whose rows can be computed apart from each other, on any thread. */
export interface ParallelSource {
  readonly plan: RowPlan;
  readonly maxSamples: number;
  read(index: number, into: SampleColumns): void;
  share(): SharedSelection | undefined;
  /** A series turned out to have samples. */
  found(index: number): void;
}
