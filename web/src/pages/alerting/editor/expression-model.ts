import type { WireRuleQuery } from '../../../api/grafana-alerting.ts';
import { isExpression } from '../rules/rule-model.ts';

export type Model = Readonly<Record<string, unknown>>;

export const evaluatorTypes = [
  'gt',
  'lt',
  'within_range',
  'outside_range',
  'gte',
  'lte',
  'eq',
  'ne',
] as const;
export type EvaluatorType = (typeof evaluatorTypes)[number];

export interface Evaluator {
  readonly type: EvaluatorType;
  readonly params: readonly number[];
}

/** A comparison of a threshold, or one of a classic condition. */
export interface Condition {
  readonly evaluator: Evaluator;
  /** When what fired ceases to. */
  readonly unloadEvaluator?: Evaluator;
  readonly operator?: { readonly type: string };
  readonly query?: { readonly params: readonly string[] };
  readonly reducer?: { readonly type: string; readonly params: readonly unknown[] };
}

export const isRange = (type: EvaluatorType): boolean => type.endsWith('range');

export const textIn = (model: Model, key: string): string => String(model[key] ?? '');

/** At least one: a model that has none is taken to be above zero. */
export function conditionsOf(model: Model): readonly [Condition, ...Condition[]] {
  const written = Array.isArray(model['conditions']) ? (model['conditions'] as Condition[]) : [];
  const [first, ...others] = written;
  return [first ?? { evaluator: { type: 'gt', params: [0] } }, ...others];
}

/** Results that an expression may be made of: no cycle comes of them. */
export function inputsOf(data: readonly WireRuleQuery[], refId: string): readonly string[] {
  const dependents = new Set([refId]);
  for (let size = 0; size !== dependents.size; ) {
    size = dependents.size;
    for (const query of data) {
      if (usedBy(query).some((one) => dependents.has(one))) dependents.add(query.refId);
    }
  }
  return data.map((one) => one.refId).filter((one) => !dependents.has(one));
}

/** Results that an expression is made of. */
export function usedBy({ datasourceUid, model }: WireRuleQuery): readonly string[] {
  if (!isExpression(datasourceUid)) return [];
  const expression = textIn(model, 'expression');
  switch (model['type']) {
    case 'math':
      return [...expression.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name ?? '');
    case 'classic_conditions':
      return conditionsOf(model).flatMap(({ query }) => query?.params ?? []);
    case 'sql':
      return [...expression.matchAll(/\b(?:from|join|,)\s+["`]?(\w+)/gi)].map(
        ([, name]) => name ?? '',
      );
    default:
      return [expression];
  }
}

/** Numbers that a condition compares with: lines of a chart. */
export function thresholdsOf(data: readonly WireRuleQuery[], condition: string): readonly number[] {
  const model = data.find(({ refId }) => refId === condition)?.model;
  if (model === undefined) return [];
  if (model['type'] === 'math') {
    const [, value] = /[<>]=?\s*(-?\d+(?:\.\d+)?)\s*$/.exec(textIn(model, 'expression')) ?? [];
    return value === undefined ? [] : [Number(value)];
  }
  if (model['type'] !== 'threshold' && model['type'] !== 'classic_conditions') return [];
  return conditionsOf(model).flatMap(({ evaluator }) =>
    evaluator.params.slice(0, isRange(evaluator.type) ? 2 : 1),
  );
}
