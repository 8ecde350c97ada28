import { type Labels, labelsKey, labelsOf, mapPoints, type Point, type Values } from './values.ts';

/** Kinds of comparisons, and how many numbers each takes. */
export const evaluators = {
  gt: 1,
  lt: 1,
  eq: 1,
  ne: 1,
  gte: 1,
  lte: 1,
  within_range: 2,
  outside_range: 2,
  within_range_included: 2,
  outside_range_included: 2,
} as const;
export type EvaluatorType = keyof typeof evaluators;

export interface Evaluator {
  readonly type: EvaluatorType;
  /** As many as {@link evaluators} says. */
  readonly params: readonly number[];
}

export interface Threshold {
  readonly evaluator: Evaluator;
  /** What ends it for those that are over the threshold; undefined: the evaluator alone counts. */
  readonly recovery: Evaluator | undefined;
}

/** NaN is above and below nothing. */
export function isMet({ type, params }: Evaluator, value: number): boolean {
  const [first = Number.NaN, second = Number.NaN] = params;
  const low = Math.min(first, second);
  const high = Math.max(first, second);
  switch (type) {
    case 'gt':
      return value > first;
    case 'lt':
      return value < first;
    case 'eq':
      return value === first;
    case 'ne':
      return value !== first;
    case 'gte':
      return value >= first;
    case 'lte':
      return value <= first;
    case 'within_range':
      return value > low && value < high;
    case 'outside_range':
      return value < low || value > high;
    case 'within_range_included':
      return value >= low && value <= high;
    case 'outside_range_included':
      return value <= low || value >= high;
  }
}

/**
 * 1 where the threshold is met, else 0; null stays null.
 * @param loaded label sets that are over the threshold since an earlier evaluation
 */
export function threshold(
  values: Values,
  { evaluator, recovery }: Threshold,
  loaded: readonly Labels[] = [],
): Values {
  const loadedKeys = new Set(recovery === undefined ? [] : loaded.map(labelsKey));
  return values.map((value) => {
    const isLoaded = loadedKeys.size > 0 && loadedKeys.has(labelsKey(labelsOf(value)));
    const meets = (number: number): boolean =>
      isLoaded && recovery !== undefined ? !isMet(recovery, number) : isMet(evaluator, number);
    return mapPoints(value, (point: Point) => (point === null ? null : meets(point) ? 1 : 0));
  });
}
