import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RuleDefinition, RuleQuery } from './contract.ts';
import { promqlOfRule } from './expression.ts';

const query = (refId: string, datasourceUid: string, model: RuleQuery['model']): RuleQuery => ({
  refId,
  queryType: '',
  relativeTimeRange: { from: 600, to: 0 },
  datasourceUid,
  model,
});
const ask = query('A', 'prometheus', { expr: 'sum(up)' });
const reduce = query('B', '__expr__', { type: 'reduce', expression: 'A', reducer: 'last' });
const threshold = (expression: string, type: string, params: readonly number[]): RuleQuery =>
  query('C', '__expr__', {
    type: 'threshold',
    expression,
    conditions: [{ evaluator: { type, params } }],
  });

describe('promqlOfRule()', () => {
  const f = (name: string, data: readonly RuleQuery[], want: string | undefined): void =>
    void it(name, () => {
      const rule = { condition: data.at(-1)?.refId ?? '', data } as RuleDefinition;
      assert.equal(promqlOfRule(rule, 'prometheus'), want);
    });
  f('query, reduction, threshold', [ask, reduce, threshold('B', 'gt', [3])], '(sum(up)) > 3');
  f('a threshold of the query', [ask, threshold('$A', 'lt', [1])], '(sum(up)) < 1');
  f('a range', [ask, reduce, threshold('B', 'within_range', [1, 2])], 'sum(up)');
  f(
    'math',
    [ask, reduce, query('C', '__expr__', { type: 'math', expression: '$B * 2' })],
    'sum(up)',
  );
  f('the query itself', [ask], 'sum(up)');
  f(
    'another data source',
    [query('A', 'other', { expr: 'up' }), threshold('A', 'gt', [1])],
    undefined,
  );
  f('a circle', [threshold('C', 'gt', [1])], undefined);
});
