import { mapPoints, type Point, type Value, type Values } from './values.ts';

export const reducers = ['last', 'mean', 'min', 'max', 'sum', 'count', 'median'] as const;
export type Reducer = (typeof reducers)[number];

/** `strict`: a series with a point that is no number gives NaN; the others leave it out or put a number in. */
export type ReduceMode =
  | { readonly kind: 'strict' }
  | { readonly kind: 'dropNonNumbers' }
  | { readonly kind: 'replaceNonNumbers'; readonly replacement: number };

const isNumber = (point: Point): point is number => point !== null && Number.isFinite(point);

/** Series to numbers; numbers stay, but for what the mode does to points that are none. */
export function reduce(values: Values, reducer: Reducer, mode: ReduceMode): Values {
  return values.map((value): Value => {
    if (value.kind !== 'series') {
      return mode.kind === 'replaceNonNumbers'
        ? mapPoints(value, (point) => (isNumber(point) ? point : mode.replacement))
        : mode.kind === 'dropNonNumbers'
          ? mapPoints(value, (point) => (isNumber(point) ? point : null))
          : value;
    }
    const reduced = reducePoints(pointsFor(mode, value.values), reducer);
    return { kind: 'number', labels: value.labels, value: afterReducing(reduced, mode) };
  });
}

function pointsFor(mode: ReduceMode, points: readonly Point[]): readonly Point[] {
  switch (mode.kind) {
    case 'strict':
      return points;
    case 'dropNonNumbers':
      return points.filter(isNumber);
    case 'replaceNonNumbers':
      return points.map((point) => (isNumber(point) ? point : mode.replacement));
  }
}

/** An empty series has no least point: nothing known where such points are dropped, else as replaced. */
function afterReducing(reduced: Point, mode: ReduceMode): Point {
  if (mode.kind === 'strict' || (reduced !== null && !Number.isNaN(reduced))) return reduced;
  return mode.kind === 'dropNonNumbers' ? null : mode.replacement;
}

/** One number for the points of a series; NaN where a point is none, or where there is no point. */
export function reducePoints(points: readonly Point[], reducer: Reducer): Point {
  if (reducer === 'count') return points.length;
  if (reducer === 'last') return points.length === 0 ? Number.NaN : (points.at(-1) ?? null);
  const numbers = points.filter((point) => point !== null);
  if (numbers.length < points.length || numbers.some(Number.isNaN)) return Number.NaN;
  const sum = numbers.reduce((total, one) => total + one, 0);
  if (reducer === 'sum') return sum;
  if (numbers.length === 0) return Number.NaN;
  switch (reducer) {
    case 'mean':
      return sum / numbers.length;
    case 'min':
      return numbers.reduce((least, one) => Math.min(least, one));
    case 'max':
      return numbers.reduce((most, one) => Math.max(most, one));
    case 'median':
      return median(numbers);
  }
}

/** Of at least one number. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle]!;
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}
