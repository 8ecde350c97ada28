import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labelMatcher } from '#metrics/model';
import { parseQuery } from './parse.ts';
import { printQuery } from './print.ts';
import { rewritten } from './rewrite.ts';

describe('rewritten()', () => {
  const matchers = [labelMatcher('pod', '=~', 'web-.*'), labelMatcher('a.b', '!=', 'x"y')];
  const f = (text: string, want: string): void =>
    void it(text, () => {
      const rewrite = { matchers, grouping: ['pod'] };
      const printed = printQuery(rewritten(parseQuery(text), rewrite));
      assert.equal(printed, want);
      assert.equal(printQuery(rewritten(parseQuery(printed), rewrite)), want);
    });
  const all = '"a.b"!="x\\"y"';
  f('up', `up{${all},pod=~"web-.*"}`);
  f('up{pod="a"}', `up{${all},pod="a",pod=~"web-.*"}`);
  f('sum(rate(x[5m]))', `sum by (pod) (rate(x{${all},pod=~"web-.*"}[5m]))`);
  f('max by (pod, ns) (x)', `max by (pod, ns) (x{${all},pod=~"web-.*"})`);
  f('sum without (ns) (x)', `sum without (ns) (x{${all},pod=~"web-.*"})`);
  f('topk(3, -x)', `topk by (pod) (3, -x{${all},pod=~"web-.*"})`);
  f('max_over_time((x / 2)[1h:1m]) > 1', `max_over_time((x{${all},pod=~"web-.*"} / 2)[1h:1m]) > 1`);
  f('1 + time()', '1 + time()');
});
