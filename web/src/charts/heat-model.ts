/** Observations by bucket at one moment. */
export interface HeatCell {
  /** Exclusive; -Infinity where it has no end. */
  readonly lower: number;
  /** Inclusive; Infinity where it has no end. */
  readonly upper: number;
  readonly count: number;
}

/** Cells in columns: those of moment `i` are at `offsets[i]` up to `offsets[i + 1]`, from below. */
export interface HeatModel {
  readonly timesMs: readonly number[];
  readonly stepMs: number;
  readonly offsets: Uint32Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly counts: Float64Array;
  readonly maxCount: number;
  /** Ends of buckets, finite, ascending, each once. */
  readonly bounds: readonly number[];
}

/** @param columns cells of each moment; empty buckets are left out here */
export function heatModel(
  timesMs: readonly number[],
  stepMs: number,
  columns: readonly (readonly HeatCell[])[],
): HeatModel {
  const size = columns.reduce((sum, cells) => sum + cells.length, 0);
  const offsets = new Uint32Array(columns.length + 1);
  const lower = new Float64Array(size);
  const upper = new Float64Array(size);
  const counts = new Float64Array(size);
  const bounds = new Set<number>();
  let length = 0;
  let maxCount = 0;
  for (const [index, cells] of columns.entries()) {
    for (const cell of cells) {
      if (!(cell.count > 0)) continue;
      lower[length] = cell.lower;
      upper[length] = cell.upper;
      counts[length] = cell.count;
      maxCount = Math.max(maxCount, cell.count);
      for (const bound of [cell.lower, cell.upper]) if (Number.isFinite(bound)) bounds.add(bound);
      length++;
    }
    offsets[index + 1] = length;
  }
  return {
    timesMs,
    stepMs,
    offsets,
    lower: lower.subarray(0, length),
    upper: upper.subarray(0, length),
    counts: counts.subarray(0, length),
    maxCount,
    bounds: [...bounds].sort((a, b) => a - b),
  };
}

/** Where values stand on the value axis. */
export interface HeatScale {
  readonly kind: 'log' | 'linear';
  readonly min: number;
  readonly max: number;
  /** Place of a bound; those without end get a band of their own beyond the others. */
  readonly placeOf: (value: number) => number;
  /** The value at a place. */
  readonly valueAt: (place: number) => number;
}

/**
 * Logarithmic where the buckets grow with their values, which is how most people choose them; else
 * linear. Only what holds observations takes room.
 */
export function heatScale(model: HeatModel): HeatScale {
  const { bounds } = model;
  const positive = bounds.filter((bound) => bound > 0);
  const isLog = bounds.every((bound) => bound >= 0 || bound === bounds[0]) && grows(positive);
  const finite = isLog ? positive : bounds;
  const to = isLog ? Math.log10 : (value: number): number => value;
  const first = finite[0];
  const last = finite.at(-1);
  if (first === undefined || last === undefined) {
    const flat = { min: 0, max: 1, placeOf: () => 0.5, valueAt: () => 0 };
    return { kind: 'linear', ...flat };
  }
  const band = first === last ? 1 : (to(last) - to(first)) / Math.max(1, finite.length - 1);
  const under = to(first) - band;
  const over = to(last) + band;
  const hasUnder = model.lower.some((value) => !(value >= first));
  const hasOver = model.upper.some((value) => !(value <= last));
  return {
    kind: isLog ? 'log' : 'linear',
    min: hasUnder ? under : to(first),
    max: hasOver ? over : to(last),
    placeOf: (value) => (value < first ? under : value > last ? over : to(value)),
    valueAt: (place) => (isLog ? 10 ** place : place),
  };
}

/** Whether the bounds stand closer together as ratios than as differences. */
function grows(bounds: readonly number[]): boolean {
  const first = bounds[0];
  const last = bounds.at(-1);
  if (first === undefined || last === undefined || bounds.length < 3) return false;
  let leastStep = Number.POSITIVE_INFINITY;
  let mostStep = 0;
  for (let at = 1; at < bounds.length; at++) {
    const step = (bounds[at] as number) - (bounds[at - 1] as number);
    leastStep = Math.min(leastStep, step);
    mostStep = Math.max(mostStep, step);
  }
  return last / first >= 4 && mostStep / leastStep >= 2;
}

/** The cell of a moment that holds a place on the axis; -1: none has observations there. */
export function cellAt(model: HeatModel, scale: HeatScale, index: number, place: number): number {
  const end = model.offsets[index + 1] ?? 0;
  for (let cell = model.offsets[index] ?? 0; cell < end; cell++) {
    const from = scale.placeOf(model.lower[cell] as number);
    const to = scale.placeOf(model.upper[cell] as number);
    if (place > from && place <= to) return cell;
  }
  return -1;
}

/** Sum of a moment. */
export function columnCount(model: HeatModel, index: number): number {
  let sum = 0;
  const end = model.offsets[index + 1] ?? 0;
  for (let cell = model.offsets[index] ?? 0; cell < end; cell++)
    sum += model.counts[cell] as number;
  return sum;
}

/** How many colours there are. */
export const heatLevels = 32;

/** By the square root: most buckets hold little, and would all look empty beside the largest. */
export const heatLevel = (count: number, maxCount: number): number =>
  Math.min(heatLevels - 1, Math.floor(Math.sqrt(count / maxCount) * heatLevels));
