import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inputsOf, thresholdsOf, usedBy } from './expression-model.ts';
import { newDraft, newExpression } from './rule-draft.ts';

const { data } = newDraft('p');
const math = { ...newExpression('D', 'math', 'B'), model: { type: 'math', expression: '$B >= 1' } };

describe('expressions of a rule', () => {
  it('know what they are made of', () => {
    assert.deepEqual(data.map(usedBy), [[], ['A'], ['B']]);
    assert.deepEqual(usedBy(math), ['B']);
    assert.deepEqual(usedBy(newExpression('D', 'classic_conditions', 'A')), ['A']);
    assert.deepEqual(usedBy(newExpression('D', 'sql', 'A')), ['A']);
  });

  it('offer no input that would be made of itself', () => {
    assert.deepEqual(inputsOf(data, 'C'), ['A', 'B']);
    assert.deepEqual(inputsOf(data, 'B'), ['A']);
    assert.deepEqual(inputsOf([...data, math], 'C'), ['A', 'B', 'D']);
  });

  it('give the lines of a chart', () => {
    assert.deepEqual(thresholdsOf(data, 'C'), [0]);
    assert.deepEqual(thresholdsOf([...data, math], 'D'), [1]);
    assert.deepEqual(thresholdsOf(data, 'B'), []);
    assert.deepEqual(thresholdsOf(data, 'Z'), []);
    const range = newExpression('D', 'threshold', 'B');
    const conditions = [{ evaluator: { type: 'within_range', params: [3, 5] } }];
    assert.deepEqual(
      thresholdsOf([...data, { ...range, model: { ...range.model, conditions } }], 'D'),
      [3, 5],
    );
  });
});
