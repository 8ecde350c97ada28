import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dropRule } from './drop-rule.ts';

describe('dropRule()', () => {
  const f = (name: string, what: Parameters<typeof dropRule>[0], want: readonly string[]) =>
    it(name, () => assert.deepEqual(dropRule(what).split('\n').slice(1), want));
  f('drops a metric', { metric: 'http_x' }, [
    '  - source_labels: [__name__]',
    "    regex: 'http_x'",
    '    action: drop',
  ]);
  f('drops the series of a value, whatever it holds', { label: 'path', value: "/a.b?it's" }, [
    '  - source_labels: [path]',
    "    regex: '/a\\.b\\?it''s'",
    '    action: drop',
  ]);
  f('drops a label', { label: 'uid' }, ["  - regex: 'uid'", '    action: labeldrop']);
});
