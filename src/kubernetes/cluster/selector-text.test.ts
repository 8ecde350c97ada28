import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labelRequirements, parseLabelSelector, SelectorError } from './selector-text.ts';

describe('labelRequirements()', () => {
  const cases: readonly (readonly [text: string, wanted: readonly string[]])[] = [
    ['', []],
    ['app=web', ['app in web']],
    ['app == web', ['app in web']],
    ['app!=web', ['app notin web']],
    ['app=', ['app in ']],
    ['tier in (a, b),!canary', ['tier in a,b', 'canary absent ']],
    ['tier notin (a)', ['tier notin a']],
    ['example.com/role', ['example.com/role exists ']],
    ['a=b,c', ['a in b', 'c exists ']],
  ];
  for (const [text, wanted] of cases) {
    it(`reads "${text}"`, () => {
      const found = labelRequirements(text);
      assert.deepEqual(
        found.map(({ name, operator, values }) => `${name} ${operator} ${values.join(',')}`),
        wanted,
      );
    });
  }

  for (const text of [
    'a b',
    'a=b c',
    '=b',
    'a in (b',
    'a in ("b")',
    'a in (b c)',
    'a notin (b"] or 1=1)',
    '-a=b',
    'a=b-',
    `a=${'b'.repeat(64)}`,
    ',a',
    'a,,b',
    'x'.repeat(20_000),
  ]) {
    it(`refuses ${text.slice(0, 30)}`, () => {
      assert.throws(() => labelRequirements(text), SelectorError);
    });
  }
});

describe('parseLabelSelector()', () => {
  it('demands all of it', () => {
    const fits = parseLabelSelector('app in (web, api),!canary,zone!=a');
    assert.equal(fits({ app: 'web' }), true);
    assert.equal(fits({ app: 'web', zone: 'b' }), true);
    assert.equal(fits({ app: 'web', canary: '' }), false);
    assert.equal(fits({ app: 'db' }), false);
    assert.equal(fits({ app: 'api', zone: 'a' }), false);
  });
});
