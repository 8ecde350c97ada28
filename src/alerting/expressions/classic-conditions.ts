import { median } from './reduce.ts';
import { type EvaluatorType, evaluators, isMet } from './threshold.ts';
import type { Labels, NumberValue, Point, Value, Values } from './values.ts';
import { labelsOf } from './values.ts';

export const classicReducers = [
  'avg',
  'min',
  'max',
  'sum',
  'count',
  'last',
  'median',
  'diff',
  'diff_abs',
  'percent_diff',
  'percent_diff_abs',
  'count_non_null',
] as const;
export type ClassicReducer = (typeof classicReducers)[number];

export interface ClassicCondition {
  readonly refId: string;
  readonly reducer: ClassicReducer;
  readonly evaluator:
    | { readonly type: EvaluatorType; readonly params: readonly number[] }
    | { readonly type: 'no_value'; readonly params: readonly number[] };
  /** How it joins what stands before it. */
  readonly operator: 'and' | 'or';
}

export const classicEvaluators: readonly string[] = [...Object.keys(evaluators), 'no_value'];

/** A series that met a condition. */
export interface ClassicMatch {
  readonly condition: number;
  readonly labels: Labels;
  readonly value: Point;
}

/**
 * One number without labels for all conditions, from the first to the last: 1 when they are met, 0 when
 * not, null when nothing is known.
 */
export function classicConditions(
  conditions: readonly ClassicCondition[],
  valuesOf: (refId: string) => Values,
): { readonly result: NumberValue; readonly matches: readonly ClassicMatch[] } {
  let isFiring = true;
  let isEmpty = true;
  const matches: ClassicMatch[] = [];
  for (const [at, condition] of conditions.entries()) {
    const one = evaluateCondition(condition, valuesOf(condition.refId));
    matches.push(...one.matches.map((match) => ({ ...match, condition: at })));
    const joins = (a: boolean, b: boolean): boolean =>
      at === 0 ? b : condition.operator === 'or' ? a || b : a && b;
    isFiring = joins(isFiring, one.isFiring);
    isEmpty = joins(isEmpty, one.isEmpty);
  }
  const value = isFiring ? 1 : isEmpty ? null : 0;
  return { result: { kind: 'number', labels: {}, value }, matches };
}

function evaluateCondition(
  { reducer, evaluator }: ClassicCondition,
  values: Values,
): {
  readonly isFiring: boolean;
  readonly isEmpty: boolean;
  readonly matches: readonly Omit<ClassicMatch, 'condition'>[];
} {
  const reduced = values.map((value) => ({
    labels: labelsOf(value),
    value: reduceClassic(value, reducer),
  }));
  const isEmpty = reduced.every(({ value }) => value === null);
  const met = reduced.filter(({ value }) =>
    evaluator.type === 'no_value'
      ? value === null
      : value !== null && isMet({ type: evaluator.type, params: evaluator.params }, value),
  );
  const isFiring = met.length > 0 || (reduced.length === 0 && evaluator.type === 'no_value');
  return { isFiring, isEmpty, matches: met };
}

/** Points that are no numbers do not count. Null: there is none that does. */
function reduceClassic(value: Value, reducer: ClassicReducer): Point {
  if (value.kind === 'noData') return null;
  const points = value.kind === 'series' ? value.values : [value.value];
  const numbers = points.filter((point) => point !== null && !Number.isNaN(point)) as number[];
  if (reducer === 'count') return points.length;
  const [first] = numbers;
  const last = numbers.at(-1);
  if (first === undefined || last === undefined) return null;
  const sum = numbers.reduce((total, one) => total + one, 0);
  switch (reducer) {
    case 'avg':
      return sum / numbers.length;
    case 'sum':
      return sum;
    case 'min':
      return numbers.reduce((least, one) => Math.min(least, one));
    case 'max':
      return numbers.reduce((most, one) => Math.max(most, one));
    case 'last':
      return last;
    case 'median':
      return median(numbers);
    case 'count_non_null':
      return numbers.length;
    case 'diff':
      return last - first;
    case 'diff_abs':
      return Math.abs(last - first);
    case 'percent_diff':
      return ((last - first) / Math.abs(first)) * 100;
    case 'percent_diff_abs':
      return Math.abs(((last - first) / Math.abs(first)) * 100);
  }
}
