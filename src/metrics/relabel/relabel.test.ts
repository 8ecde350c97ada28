// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax under test
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { labelsOfRecord, labelsToRecord } from '#metrics/model';
import { expandTemplate } from './expand.ts';
import { relabel, relabelSteps } from './relabel.ts';
import { compileRelabelRule, type RelabelRuleConfig } from './rule.ts';

type Record_ = Readonly<Record<string, string>>;

describe('relabel()', () => {
  const f = (
    title: string,
    input: Record_,
    rules: readonly RelabelRuleConfig[],
    want: Record_ | undefined,
  ): void =>
    void it(title, () => {
      const found = relabel(
        rules.map((rule) => compileRelabelRule(rule)),
        labelsOfRecord(input),
      );
      assert.deepEqual(found && { ...labelsToRecord(found) }, want);
    });

  const abc = { a: 'foo', b: 'bar', c: 'baz' };
  f(
    'replaces by a group',
    abc,
    [{ sourceLabels: ['a'], targetLabel: 'd', regex: 'f(.*)', replacement: 'ch${1}-ch${1}' }],
    { ...abc, d: 'choo-choo' },
  );
  f(
    'does nothing where the pattern does not match',
    abc,
    [{ sourceLabels: ['a'], targetLabel: 'd', regex: 'o', replacement: 'x' }],
    abc,
  );
  f(
    'joins sources with the separator',
    abc,
    [
      {
        sourceLabels: ['a', 'b', 'none'],
        targetLabel: 'a',
        separator: '-',
        regex: '(.*)',
        replacement: '$1',
      },
    ],
    { ...abc, a: 'foo-bar-' },
  );
  f(
    'anchors at both ends, and the dot takes line ends',
    { a: 'x\ny' },
    [{ sourceLabels: ['a'], regex: 'x.y', targetLabel: 'b', replacement: 'hit' }],
    { a: 'x\ny', b: 'hit' },
  );
  f('sets a fixed value without sources', abc, [{ targetLabel: 'd', replacement: 'v' }], {
    ...abc,
    d: 'v',
  });
  f('an empty replacement removes the label', abc, [{ targetLabel: 'a', replacement: '' }], {
    b: 'bar',
    c: 'baz',
  });
  f(
    'a pattern that takes nothing matches an absent label',
    abc,
    [{ sourceLabels: ['none'], regex: '', targetLabel: 'd', replacement: 'v' }],
    { ...abc, d: 'v' },
  );
  f(
    'the target may have references',
    { a: 'some-name-value' },
    [
      {
        sourceLabels: ['a'],
        regex: 'some-([^-]+)-([^,]+)',
        targetLabel: '${1}',
        replacement: '${2}',
      },
    ],
    { a: 'some-name-value', name: 'value' },
  );
  f(
    'a target that comes out empty does nothing',
    { a: 'x' },
    [{ sourceLabels: ['a'], regex: '(y)?x', targetLabel: '${1}', replacement: 'v' }],
    { a: 'x' },
  );
  f(
    '$1 followed by letters is another name',
    { a: 'x' },
    [{ sourceLabels: ['a'], targetLabel: 'b', replacement: '$1abc-${1}abc' }],
    { a: 'x', b: '-xabc' },
  );
  f(
    'named groups',
    { a: 'x:80' },
    [
      {
        sourceLabels: ['a'],
        regex: '(?P<host>.*):(?P<port>\\d+)',
        targetLabel: 'b',
        replacement: '$port/$host',
      },
    ],
    { a: 'x:80', b: '80/x' },
  );
  f('drop', abc, [{ sourceLabels: ['a'], regex: '.*o.*', action: 'drop' }], undefined);
  f(
    'drop passes what does not match',
    abc,
    [{ sourceLabels: ['a'], regex: 'f', action: 'drop' }],
    abc,
  );
  f('keep', abc, [{ sourceLabels: ['a'], regex: 'no-match', action: 'KEEP' }], undefined);
  f(
    'a dropped one stays dropped',
    abc,
    [
      { sourceLabels: ['a'], regex: 'foo', action: 'drop' },
      { targetLabel: 'd', replacement: 'v' },
    ],
    undefined,
  );
  f(
    'keepequal',
    { a: 'x', b: 'x' },
    [{ sourceLabels: ['a'], targetLabel: 'b', action: 'keepequal' }],
    { a: 'x', b: 'x' },
  );
  f(
    'keepequal drops others',
    { a: 'x', b: 'y' },
    [{ sourceLabels: ['a'], targetLabel: 'b', action: 'keepequal' }],
    undefined,
  );
  f(
    'dropequal',
    { a: 'x', b: 'x' },
    [{ sourceLabels: ['a'], targetLabel: 'b', action: 'dropequal' }],
    undefined,
  );
  f(
    'hashmod',
    { c: 'baz' },
    [{ sourceLabels: ['c'], targetLabel: 'd', action: 'hashmod', modulus: 1000 }],
    { c: 'baz', d: '976' },
  );
  f(
    'hashmod of text with a line end',
    { a: 'foo\nbar' },
    [{ sourceLabels: ['a'], targetLabel: 'b', action: 'hashmod', modulus: 1000 }],
    { a: 'foo\nbar', b: '734' },
  );
  f(
    'labelmap keeps the original',
    { a: 'foo', b1: 'bar', b2: 'baz' },
    [{ regex: 'b(.*)', replacement: 'bar_${1}', action: 'labelmap' }],
    { a: 'foo', b1: 'bar', b2: 'baz', bar_1: 'bar', bar_2: 'baz' },
  );
  f(
    'labelmap of meta labels',
    { __meta_my_bar: 'aaa' },
    [{ regex: '__meta_(my.*)', action: 'labelmap' }],
    { __meta_my_bar: 'aaa', my_bar: 'aaa' },
  );
  f('labeldrop', { a: '1', b1: '2', b2: '3' }, [{ regex: 'b.*', action: 'labeldrop' }], { a: '1' });
  f(
    'labelkeep takes __ labels too',
    { a: '1', __address__: 'x' },
    [{ regex: 'a', action: 'labelkeep' }],
    { a: '1' },
  );
  f(
    'lowercase and uppercase',
    { a: 'FoO' },
    [
      { sourceLabels: ['a'], targetLabel: 'low', action: 'lowercase' },
      { sourceLabels: ['a'], targetLabel: 'up', action: 'uppercase' },
    ],
    { a: 'FoO', low: 'foo', up: 'FOO' },
  );
});

describe('compileRelabelRule() refuses', () => {
  const bad = (rule: RelabelRuleConfig, message: string, hasUtf8Names = true): void =>
    void it(message, () =>
      assert.throws(() => compileRelabelRule(rule, hasUtf8Names), { message }),
    );
  bad({ action: 'what' }, 'unknown relabel action "what"');
  bad(
    { action: 'hashmod', targetLabel: 'a' },
    'relabel configuration for hashmod requires non-zero modulus',
  );
  bad(
    { action: 'lowercase' },
    "relabel configuration for lowercase action requires 'target_label' value",
  );
  bad({}, "relabel configuration for replace action requires 'target_label' value");
  bad({ targetLabel: 'a-b' }, `"a-b" is invalid 'target_label' for replace action`, false);
  bad({ targetLabel: '${1}-x' }, `"\${1}-x" is invalid 'target_label' for replace action`, false);
  bad(
    { action: 'uppercase', targetLabel: 'a', replacement: 'x' },
    "'replacement' can not be set for uppercase action",
  );
  bad(
    { action: 'labelmap', replacement: '-' },
    `"-" is invalid 'replacement' for labelmap action`,
    false,
  );
  bad(
    { action: 'keepequal', targetLabel: 'a', regex: 'x' },
    "keepequal action requires only 'source_labels' and `target_label`, and no other fields",
  );
  bad(
    { action: 'labeldrop', sourceLabels: ['a'] },
    "labeldrop action requires only 'regex', and no other fields",
  );
  bad(
    { action: 'labelkeep', targetLabel: 'a' },
    "labelkeep action requires only 'regex', and no other fields",
  );
  it('patterns that RE2 has not', () => {
    assert.throws(
      () => compileRelabelRule({ regex: '(?=a)', targetLabel: 'b' }),
      /invalid or unsupported Perl syntax|error parsing regexp/,
    );
  });
});

describe('expandTemplate()', () => {
  const f = (template: string, want: string): void =>
    void it(JSON.stringify(template), () =>
      assert.equal(expandTemplate(template, ['whole', 'one'], [undefined, 'name']), want),
    );
  f('plain', 'plain');
  f('$0 $1 ${1} $2', 'whole one one ');
  f('$name ${name} $names', 'one one ');
  f('$$1 $$', '$1 $');
  f('$ ${ ${} ${-} $-', '$ ${ ${} ${-} $-');
  f('${1}x$1x', 'onex');
  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => typeof expandTemplate(text, ['a'], []) === 'string'),
    );
  });
});

it('relabelSteps() shows each rule, up to the one that drops', () => {
  const rules = [
    { targetLabel: 'b', replacement: 'x' },
    { sourceLabels: ['b'], regex: 'x', action: 'drop' },
    { targetLabel: 'c', replacement: 'y' },
  ].map((rule) => compileRelabelRule(rule));
  assert.deepEqual(
    relabelSteps(rules, labelsOfRecord({ a: '1' })).map(({ output, keep }) => [
      output.join(),
      keep,
    ]),
    [
      ['a,1,b,x', true],
      ['a,1,b,x', false],
    ],
  );
});
