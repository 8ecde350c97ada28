import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { thresholdOf } from './threshold.ts';

describe('the threshold of an expression', () => {
  const f = (expr: string, want: readonly [string, string, number] | undefined): void =>
    void it(`of ${expr}`, () => {
      const found = thresholdOf(expr);
      assert.deepEqual(found && [found.expr, found.operator, found.value], want);
    });
  f('up == 0', ['up', '==', 0]);
  f('rate(x[5m]) > 1.5e3', ['rate(x[5m])', '>', 1500]);
  f('(sum by (a) (b) >= bool 3)', ['sum by (a) (b)', '>=', 3]);
  f('10 < x', ['x', '>', 10]);
  f('a + b != -1', ['a + b', '!=', -1]);
  f('a > b', undefined);
  f('a > 1 and b > 2', undefined);
  f('sum(a)', undefined);
  f('a >', undefined);
  f('', undefined);
});
