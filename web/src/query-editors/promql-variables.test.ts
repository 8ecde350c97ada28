import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseQuery } from '../../../src/metrics/promql/parser/parse.ts';
import { hasVariables, withoutVariables } from './promql-variables.ts';

describe('withoutVariables()', () => {
  const f = (expr: string, want: string, bare: 'name' | 'number' = 'name'): void =>
    void it(expr, () => {
      const found = withoutVariables(expr, bare);
      assert.equal(found, want);
      assert.equal(found.length, expr.length);
      parseQuery(found);
    });
  f('rate(x[$__rate_interval])', 'rate(x[5m              ])');
  f('rate(x[${__rate_interval}])', 'rate(x[5m                ])');
  f('rate(x[1h:$__interval])', 'rate(x[1h:5m         ])');
  f('x offset $shift', 'x offset 5m    ');
  f('x @ $at', 'x @ 1  ');
  f('up{job="$job", ns=~"${ns:regex}"}', 'up{job="$job", ns=~"${ns:regex}"}');
  f('sum by ($label) (x)', 'sum by (vlabel) (x)');
  f('$metric{a="b"}', 'vmetric{a="b"}');
  f('[[metric]] > 0', 'v_metric__ > 0');
  f('topk($top, x)', 'topk(1   , x)', 'number');
  f("x{a='$b\\'$c'} # $d\n+ $e", "x{a='$b\\'$c'} # $d\n+ ve");
  it('knows whether there are any', () => {
    assert.equal(hasVariables('up{a="$b"}'), true);
    assert.equal(hasVariables('up'), false);
  });
});
