import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { windowsOf, withGrouping, withMatcher } from './selectors.ts';

describe('withMatcher()', () => {
  const f = (expr: string, want: string, operator: '=' | '!=' = '='): void =>
    void it(`${operator} ${expr}`, () =>
      assert.equal(withMatcher(expr, 'pod', operator, 'a"b'), want));
  f('up', 'up{pod="a\\"b"}');
  f('up{}', 'up{pod="a\\"b"}');
  f('rate(x{job="j",}[5m])', 'rate(x{job="j", pod="a\\"b"}[5m])');
  f('a / b{c!="d"}', 'a{pod="a\\"b"} / b{c!="d", pod="a\\"b"}');
  f('x{pod="other", y="z"}', 'x{y="z", pod="a\\"b"}');
  f('x{pod="other"}', 'x{pod="other", pod!="a\\"b"}', '!=');
  f('x{pod=~"o.*"}', 'x{pod=~"o.*", pod="a\\"b"}');
  f('{"a.b", c="d"}', '{"a.b", c="d", pod="a\\"b"}');
  f('sum by (pod) (x)', 'sum by (pod) (x{pod="a\\"b"})');
  it('quotes a name that is no plain one', () =>
    assert.equal(withMatcher('up', 'a.b', '=', 'c'), 'up{"a.b"="c"}'));
});

describe('withGrouping()', () => {
  const f = (expr: string, want: string): void =>
    void it(expr, () => assert.equal(withGrouping(expr, ['pod', 'a.b']), want));
  f('up', 'up');
  f('sum(up)', 'sum by (pod, "a.b")(up)');
  f('sum by (job) (up)', 'sum by (job, pod, "a.b") (up)');
  f('sum by (pod, "a.b",) (up)', 'sum by (pod, "a.b",) (up)');
  f('sum by (job,) (up)', 'sum by (job,pod, "a.b") (up)');
  f('sum(up) by ()', 'sum(up) by (pod, "a.b")');
  f('sum without (job) (up)', 'sum without (job) (up)');
  f('topk(3, sum by (pod) (up))', 'topk by (pod, "a.b")(3, sum by (pod, "a.b") (up))');
});

describe('windowsOf()', () => {
  const f = (expr: string, ranges: readonly string[], instants: number): void =>
    void it(expr, () => assert.deepEqual(windowsOf(expr), { ranges, instants }));
  f('up', [], 1);
  f('rate(x[5m]) / y', ['5m'], 1);
  f('max_over_time(rate(x[1m])[10m:30s])', ['10m', '1m'], 0);
  f('1 + 2', [], 0);
});
