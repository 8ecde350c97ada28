import { SampleColumns } from '#metrics/model';
import { type AnnotationData, Annotations } from '../annotations.ts';
import type { FoldOperator } from '../engine/fold.ts';
import { type Columns, type FloatColumns, FloatGroup, foldFloats } from '../engine/fold-floats.ts';
import { readInstant } from '../engine/read-instant.ts';
import { Row } from '../engine/row.ts';
import { applyScalarStep } from '../engine/scalar-step.ts';
import { SeriesWindows } from '../engine/series-windows.ts';
import { type TopColumns, TopRows, type TopShape } from '../engine/top-rows.ts';
import { applyRange, type RangeCall, rangeFunction } from '../functions/range/index.ts';
import type { RowPlan } from './plan.ts';

/**
 * Whether a series was computed. `filtered`: it had samples, which an operator dropped; `left`: it needs
 * what only the main thread has.
 */
export type RowState = 'found' | 'filtered' | 'empty' | 'left';

/** How series of a chunk are marked: no samples, samples that were dropped, samples. */
export const wasEmpty = 0;
export const wasFiltered = 1;
export const wasFound = 2;

/** Computes rows of series of floats by a plan, on whichever thread. */
export class RowReader {
  readonly row: Row;
  samples = 0;
  readonly #annotations = new Annotations();
  readonly #plan: RowPlan;
  readonly #read: (index: number, into: SampleColumns) => void;
  readonly #columns = new SampleColumns();
  readonly #windows: SeriesWindows;
  readonly #call: RangeCall;

  constructor(plan: RowPlan, read: (index: number, into: SampleColumns) => void) {
    this.#plan = plan;
    this.#read = read;
    this.row = new Row(plan.grid.count);
    this.#windows = new SeriesWindows(plan.windows, plan.beforeMs, plan.afterMs);
    const { grid, params, span } = plan;
    const annotations = this.#annotations;
    // Names are asked for only by what is left to the main thread.
    this.#call = { grid, params, span, annotations, metric: () => '' };
  }

  read(index: number): RowState {
    const columns = this.#columns;
    const { func, extension, usesStartTimestamps, scalarSteps, windows } = this.#plan;
    this.#read(index, columns);
    if (columns.count === 0) return 'empty';
    if (columns.histograms !== undefined) return 'left';
    const { row } = this;
    row.clear();
    if (func === undefined) {
      const found = this.#readInstant(windows);
      this.samples += found;
      if (found === 0) return 'empty';
    } else {
      if (!usesStartTimestamps) columns.startTimesMs = undefined;
      if (columns.startTimesMs !== undefined) return 'left';
      this.#windows.load(columns);
      try {
        applyRange(rangeFunction(func, extension)!, this.#windows, row, this.#call);
      } catch {
        // It fails there as well, with an error that says why.
        return 'left';
      }
      this.samples += this.#windows.windowSamples;
      if (row.isEmpty()) return 'empty';
    }
    return scalarSteps.every((step) => applyScalarStep(row, step)) ? 'found' : 'filtered';
  }

  /** The newest sample is the last of a window, where nothing in it says that the series ended. */
  #readInstant(windows: RowPlan['windows']): number {
    const { row } = this;
    this.#windows.load(this.#columns);
    if (this.#windows.hadStale) {
      return readInstant(this.#columns, windows, row, undefined, undefined);
    }
    const { low, high, values } = this.#windows;
    const { values: out, kinds } = row;
    let found = 0;
    for (let step = 0; step < kinds.length; step++) {
      const end = high[step]!;
      if (end <= low[step]!) continue;
      out[step] = values[end - 1]!;
      kinds[step] = 1;
      found++;
    }
    return found;
  }

  annotations(): AnnotationData {
    return this.#annotations.export();
  }
}

/** Series from `from` to before `to`, folded. */
export interface FoldedChunk {
  readonly chunk: number;
  readonly groups: readonly { readonly group: number; readonly floats: FloatColumns }[];
  readonly left: readonly number[];
  /** `wasEmpty`, `wasFiltered` or `wasFound` for each series from the chunk's first on. */
  readonly found: Uint8Array;
}

export interface ChunkRange {
  readonly chunk: number;
  readonly from: number;
  readonly to: number;
}

/** Columns that are made in one go. */
const columnsPerSlab = 48;

/**
 * Columns in shared memory, which another thread reads without a copy. (Memory that is handed over
 * instead leaves its thread with slower arrays for good: the engine then checks at each access whether
 * theirs is still there.)
 */
function sharedColumns(steps: number): Columns {
  let slab: Float64Array = new Float64Array(0);
  let used = 0;
  return () => {
    if (used + steps > slab.length) {
      slab = new Float64Array(new SharedArrayBuffer(columnsPerSlab * steps * 8));
      used = 0;
    }
    used += steps;
    return slab.subarray(used - steps, used);
  };
}

export function foldChunk(
  reader: RowReader,
  op: FoldOperator,
  groupOf: Int32Array,
  { chunk, from, to }: ChunkRange,
  mustStop: () => boolean,
): FoldedChunk {
  const groups = new Map<number, FloatGroup>();
  const left: number[] = [];
  const found = new Uint8Array(to - from);
  const columns = sharedColumns(reader.row.steps);
  for (let index = from; index < to; index++) {
    if (mustStop()) break;
    const state = reader.read(index);
    if (state === 'left') left.push(index);
    if (state === 'filtered') found[index - from] = wasFiltered;
    if (state !== 'found') continue;
    found[index - from] = wasFound;
    const group = groupOf[index]!;
    let floats = groups.get(group);
    if (floats === undefined) {
      floats = new FloatGroup(op, reader.row.steps, columns);
      groups.set(group, floats);
    }
    foldFloats(op, floats, reader.row);
  }
  return {
    chunk,
    groups: [...groups].map(([group, { count, whole, value, aux, isMean }]) => ({
      group,
      floats: { count, whole, value, aux, isMean },
    })),
    left,
    found,
  };
}

/** Rows of series from `from` to before `to`, one behind the other, in shared memory. */
export interface RowsChunk {
  readonly chunk: number;
  readonly values: Float64Array;
  readonly kinds: Uint8Array;
  readonly left: readonly number[];
  readonly found: Uint8Array;
}

export function rowsChunk(
  reader: RowReader,
  { chunk, from, to }: ChunkRange,
  mustStop: () => boolean,
): RowsChunk {
  const { steps } = reader.row;
  const cells = (to - from) * steps;
  const values = new Float64Array(new SharedArrayBuffer(cells * 8));
  const kinds = new Uint8Array(new SharedArrayBuffer(cells));
  const left: number[] = [];
  const found = new Uint8Array(to - from);
  for (let index = from; index < to; index++) {
    if (mustStop()) break;
    const state = reader.read(index);
    if (state === 'left') left.push(index);
    const at = index - from;
    if (state === 'filtered') found[at] = wasFiltered;
    if (state !== 'found') continue;
    found[at] = wasFound;
    values.set(reader.row.values, at * steps);
    kinds.set(reader.row.kinds, at * steps);
  }
  return { chunk, values, kinds, left, found };
}

/** The best of the series from `from` to before `to`. */
export interface TopChunk {
  readonly chunk: number;
  readonly best: TopColumns;
  readonly left: readonly number[];
  readonly found: Uint8Array;
}

export function topChunk(
  reader: RowReader,
  shape: TopShape,
  groupOf: Int32Array,
  { chunk, from, to }: ChunkRange,
  mustStop: () => boolean,
): TopChunk {
  const top = new TopRows(shape);
  const left: number[] = [];
  const found = new Uint8Array(to - from);
  for (let index = from; index < to; index++) {
    if (mustStop()) break;
    const state = reader.read(index);
    if (state === 'left') left.push(index);
    if (state === 'filtered') found[index - from] = wasFiltered;
    if (state !== 'found') continue;
    found[index - from] = wasFound;
    top.add(groupOf[index]!, index, reader.row);
  }
  const { sizes, values, series } = top;
  return { chunk, best: { sizes, values, series }, left, found };
}
