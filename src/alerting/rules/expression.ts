import type { RuleDefinition, RuleQuery } from './contract.ts';

const operators: Readonly<Record<string, string>> = { gt: '>', lt: '<', gte: '>=', lte: '<=' };
/** A condition reads others through no more expressions than these. */
const maxSteps = 10;

/**
 * What a rule asks and compares, as one PromQL expression: `(sum(rate(x[5m]))) > 3` of a query, its reduction and
 * a threshold. Without a comparison where the condition is another one; undefined: nothing of it is PromQL of
 * the given data source.
 */
export function promqlOfRule(
  { condition, data }: RuleDefinition,
  dataSourceUid: string,
): string | undefined {
  const byRef = new Map(data.map((query) => [query.refId, query]));
  let comparison = '';
  let current = byRef.get(condition);
  for (let step = 0; current !== undefined && step < maxSteps; step++) {
    const { model } = current;
    if (current.datasourceUid === dataSourceUid) {
      const { expr } = model;
      if (typeof expr !== 'string' || expr.trim() === '') return undefined;
      return comparison === '' ? expr : `(${expr}) ${comparison}`;
    }
    if (model['type'] === 'threshold') comparison = comparisonOf(current);
    const input = model['expression'];
    // Math and classic conditions name several: the first query is what they are about.
    current =
      typeof input === 'string' && byRef.has(input.replace(/^\$\{?(\w+)\}?$/, '$1'))
        ? byRef.get(input.replace(/^\$\{?(\w+)\}?$/, '$1'))
        : data.find((query) => query.datasourceUid === dataSourceUid);
  }
  return undefined;
}

function comparisonOf({ model }: RuleQuery): string {
  const [first] = (model['conditions'] ?? []) as readonly {
    readonly evaluator?: { readonly type?: unknown; readonly params?: readonly unknown[] };
  }[];
  const operator = operators[String(first?.evaluator?.type)];
  const value = first?.evaluator?.params?.[0];
  return operator === undefined || typeof value !== 'number' ? '' : `${operator} ${value}`;
}
