import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labelCounts, selectorFor, suggestedQuery } from './metric-choice.ts';

describe('suggestedQuery()', () => {
  const f = (metric: string, type: string | undefined, want: string) =>
    it(`${metric} ${type}`, () => assert.equal(suggestedQuery(metric, metric, type), want));
  f('up', 'gauge', 'up');
  f('x_total', 'counter', 'rate(x_total[5m])');
  f('x_total', undefined, 'rate(x_total[5m])');
  f('x_bucket', 'histogram', 'histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))');
  f('x_sum', 'histogram', 'rate(x_sum[5m])');
  f('x', 'summary', 'x');
});

describe('labelCounts()', () => {
  it('counts series by value, the most telling label first', () => {
    const series = [
      { __name__: 'up', job: 'a', instance: '1' },
      { __name__: 'up', job: 'a', instance: '2' },
    ];
    assert.deepEqual(labelCounts(series), [
      {
        name: 'instance',
        values: [
          { value: '1', count: 1 },
          { value: '2', count: 1 },
        ],
      },
      { name: 'job', values: [{ value: 'a', count: 2 }] },
    ]);
  });
  it('writes selectors', () => {
    assert.equal(selectorFor('up', { job: 'a' }), 'up{job="a"}');
  });
});
