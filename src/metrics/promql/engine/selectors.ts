import {
  type LabelMatcher,
  type Labels,
  SampleColumns,
  type SeriesSelection,
  type SharedSelection,
} from '#metrics/model';
import type { ParallelSource } from '../parallel/plan.ts';
import type { VectorSelector } from '../parser/ast.ts';
import type { Evaluation } from './evaluation.ts';
import type { Grid, Windows } from './grid.ts';
import { readInstant } from './read-instant.ts';
import type { Row } from './row.ts';
import { keepStatistics } from './statistics-only.ts';
import type { VectorSource } from './vector.ts';

/** What a range of a selector or subquery gives, series by series. */
export interface RangeSource {
  readonly count: number;
  readonly windows: Windows;
  labels(index: number): Labels;
  dropsName(index: number): boolean;
  /** Samples that any of the windows may hold; in order of index. */
  read(index: number, into: SampleColumns): void;
  /** Upper bound of the samples of all series. */
  readonly maxSamples: number;
  /** For worker threads, where that is possible. */
  share?(): SharedSelection | undefined;
  dispose(): void;
}

/** The windows that a selector has on a grid; `rangeMs` is the lookback for instant ones. */
export function windowsOf(
  shift: { readonly atMs: number | undefined; readonly offsetMs: number },
  rangeMs: number,
  grid: Grid,
): Windows {
  const { atMs, offsetMs } = shift;
  return {
    endMs: (atMs ?? grid.startMs) - offsetMs,
    stepMs: atMs === undefined ? grid.stepMs : 0,
    rangeMs,
    count: grid.count,
  };
}

export const lastWindowEnd = (windows: Windows): number =>
  windows.endMs + (windows.count - 1) * windows.stepMs;

export interface Extent {
  readonly beforeMs: number;
  readonly afterMs: number;
}

export const noExtent: Extent = { beforeMs: 0, afterMs: 0 };

/** Asks the store for the series of windows. */
export async function selectSeries(
  evaluation: Evaluation,
  matchers: readonly LabelMatcher[],
  windows: Windows,
  extent: Extent,
  hint: { readonly function: string; readonly rangeMs: number; readonly stepMs: number },
): Promise<SeriesSelection> {
  evaluation.check();
  const began = performance.now();
  try {
    const selection = await evaluation.options.queryable.select(
      {
        matchers,
        // Windows are open to the left.
        fromMs: windows.endMs - windows.rangeMs - extent.beforeMs + 1,
        toMs: lastWindowEnd(windows) + extent.afterMs,
        hints: hint,
        onWarning: (text) => evaluation.annotations.warnOfStore(text),
      },
      evaluation.signal,
    );
    evaluation.seriesSelected += selection.count;
    return selection;
  } catch (error) {
    throw evaluation.stopped(error);
  } finally {
    evaluation.selectMs += performance.now() - began;
  }
}

export async function selectInstant(
  evaluation: Evaluation,
  selector: VectorSelector,
  grid: Grid,
  func = '',
  needsOnlyStatistics = false,
): Promise<InstantSource> {
  const windows = windowsOf(selector, evaluation.options.lookbackMs, grid);
  const hint = { function: func, rangeMs: 0, stepMs: grid.stepMs };
  const selection = await selectSeries(evaluation, selector.matchers, windows, noExtent, hint);
  return new InstantSource(selection, windows, evaluation, needsOnlyStatistics);
}

/** The newest sample of each step's window, unless it says that the series ended. */
export class InstantSource implements VectorSource {
  readonly selection: SeriesSelection;
  readonly windows: Windows;
  /** When the samples of the row that was read last were taken, and their counts began; Unix ms. */
  readonly timesMs: Float64Array;
  readonly startTimesMs: Float64Array;
  readonly #columns = new SampleColumns();
  readonly #evaluation: Evaluation;
  readonly #needsOnlyStatistics: boolean;

  constructor(
    selection: SeriesSelection,
    windows: Windows,
    evaluation: Evaluation,
    needsOnlyStatistics = false,
  ) {
    this.#needsOnlyStatistics = needsOnlyStatistics;
    this.selection = selection;
    this.windows = windows;
    this.#evaluation = evaluation;
    this.timesMs = new Float64Array(windows.count);
    this.startTimesMs = new Float64Array(windows.count);
  }

  get count(): number {
    return this.selection.count;
  }

  labels(index: number): Labels {
    return this.selection.labels(index);
  }

  dropsName(): boolean {
    return false;
  }

  read(index: number, row: Row): boolean {
    row.clear();
    this.selection.read(index, this.#columns);
    if (this.#needsOnlyStatistics) keepStatistics(this.#columns);
    const found = readInstant(this.#columns, this.windows, row, this.timesMs, this.startTimesMs);
    this.#evaluation.samples += found;
    const perStep = this.#evaluation.samplesPerStep;
    if (perStep !== undefined && perStep.length === row.steps) {
      for (let step = 0; step < row.steps; step++) if (row.kinds[step] !== 0) perStep[step]!++;
    }
    return found > 0;
  }

  parallel(grid: Grid): ParallelSource | undefined {
    if (this.#needsOnlyStatistics) return undefined;
    const { selection, windows } = this;
    return {
      plan: {
        windows,
        beforeMs: 0,
        afterMs: 0,
        func: undefined,
        extension: undefined,
        params: [],
        grid,
        span: { start: 0, end: 0 },
        usesStartTimestamps: false,
        scalarSteps: [],
      },
      maxSamples: selection.maxSamples,
      read: (index, into) => selection.read(index, into),
      share: () => selection.share?.(),
      found: () => {},
    };
  }

  dispose(): void {
    this.selection[Symbol.dispose]();
  }
}

/** The range of a selector. */
export class SelectedRange implements RangeSource {
  readonly windows: Windows;
  readonly #selection: SeriesSelection;
  readonly #needsOnlyStatistics: boolean;

  constructor(selection: SeriesSelection, windows: Windows, needsOnlyStatistics: boolean) {
    this.#needsOnlyStatistics = needsOnlyStatistics;
    this.#selection = selection;
    this.windows = windows;
  }

  get count(): number {
    return this.#selection.count;
  }

  get maxSamples(): number {
    return this.#selection.maxSamples;
  }

  labels(index: number): Labels {
    return this.#selection.labels(index);
  }

  dropsName(): boolean {
    return false;
  }

  read(index: number, into: SampleColumns): void {
    this.#selection.read(index, into);
    if (this.#needsOnlyStatistics) keepStatistics(into);
  }

  share(): SharedSelection | undefined {
    // What is left out of histograms is left out here.
    return this.#needsOnlyStatistics ? undefined : this.#selection.share?.();
  }

  dispose(): void {
    this.#selection[Symbol.dispose]();
  }
}
