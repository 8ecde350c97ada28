import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dropRule, ruleText, ruleYaml } from './drop-rule.ts';

describe('dropRule()', () => {
  const f = (
    name: string,
    what: Parameters<typeof dropRule>[0],
    text: string,
    want: readonly string[],
  ) =>
    it(name, () => {
      const rule = dropRule(what);
      assert.deepEqual(ruleYaml(rule).split('\n').slice(1), want);
      assert.equal(ruleText(rule), text);
    });
  f('drops a metric', { metric: 'http_x' }, 'http_x', [
    '  - source_labels: [__name__]',
    "    regex: 'http_x'",
    '    action: drop',
  ]);
  f(
    'drops the series of a value, whatever it holds',
    { label: 'path', value: "/a.b?it's" },
    '{path="/a.b?it\'s"}',
    ['  - source_labels: [path]', "    regex: '/a\\.b\\?it''s'", '    action: drop'],
  );
  f('drops a label', { label: 'uid' }, 'uid', ["  - regex: 'uid'", '    action: labeldrop']);
});

it('ruleText() shows a pattern as one', () => {
  const rule = { action: 'drop', sourceLabels: ['job', 'a'], regex: 'x;.*' } as const;
  assert.equal(ruleText(rule), '{job;a=~"x;.*"}');
});
