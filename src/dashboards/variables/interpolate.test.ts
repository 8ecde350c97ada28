import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Interpolated, Lookup } from './contract.ts';
import { formatNames, formatValue } from './format.ts';
import { interpolate, referencesIn } from './interpolate.ts';
import { promqlFormat } from './prometheus-format.ts';

const many = ['a', 'b.c'];

describe('formatValue()', () => {
  const f = (format: string, value: unknown, want: string) =>
    it(`${format} of ${JSON.stringify(value)} is ${want}`, () =>
      assert.equal(formatValue({ value }, format, 'name'), want));
  f('glob', many, '{a,b.c}');
  f('glob', ['a'], 'a');
  f('glob', 'b.c', 'b.c');
  f('raw', many, 'a,b.c');
  f('raw', 'b.c', 'b.c');
  f('regex', many, '(a|b\\.c)');
  f('regex', ['b.c'], 'b\\.c');
  f('regex', 'b.c', 'b\\.c');
  f('pipe', many, 'a|b.c');
  f('csv', many, 'a,b.c');
  f('join:;', many, 'a;b.c');
  f('join', many, 'a,b.c');
  f('distributed', many, 'a,name=b.c');
  f('distributed', 'b.c', 'b.c');
  f('json', many, '["a","b.c"]');
  f('json', 'b.c', 'b.c');
  f('singlequote', many, "'a','b.c'");
  f('singlequote', "it's", "'it\\'s'");
  f('doublequote', many, '"a","b.c"');
  f('doublequote', 'a"b', '"a\\"b"');
  f('sqlstring', many, "'a','b.c'");
  f('sqlstring', `it's "b"`, `'it''s \\"b\\"'`);
  f('lucene', many, '("a" OR "b.c")');
  f('lucene', [], '__empty__');
  f('lucene', 'a:b', 'a\\:b');
  f('html', ['<a>', '"b"'], '&lt;a&gt;, &quot;b&quot;');
  f('percentencode', many, '%7Ba%2Cb.c%7D');
  f('percentencode', "!'()*", '%21%27%28%29%2A');
  f('uriencode', many, '%7Ba,b.c%7D');
  f('queryparam', many, 'var-name=a&var-name=b.c');
  f('queryparam', 'b c', 'var-name=b%20c');
  f('customqueryparam:p:x-', many, 'p=x-a&p=x-b.c');
  f('customqueryparam', many, 'name=a&name=b.c');
  f('text', many, 'a + b.c');
  f('date', '1764000000000', '2025-11-24T16:00:00.000Z');
  f('date:iso', '1764000000000', '2025-11-24T16:00:00.000Z');
  f('date:seconds', '1764000000000', '1764000000');
  f('date:ms', '1764000000000', '1764000000000');
  f('date:YYYY-MM HH:mm', '1764000000000', '2025-11 16:00');
  f('date', 'soon', 'NaN');
  f('no such format', many, '{a,b.c}');
  f('constructor', many, '{a,b.c}');

  it('puts a custom value of "All" in as it is', () => {
    const all: Interpolated = { value: 'a.*|b', text: 'All', isVerbatim: true, link: ['All'] };
    for (const format of formatNames) {
      const want = { text: 'All', percentencode: 'a.%2A%7Cb', queryparam: 'var-name=All' }[format];
      assert.equal(formatValue(all, format, 'name'), want ?? 'a.*|b');
    }
  });
  it('writes dates in the zone of the value', () => {
    const value: Interpolated = { value: '1764000000000', zone: 'Asia/Seoul' };
    assert.equal(formatValue(value, 'date:YYYY-MM-DD', 'name'), '2025-11-25');
  });
});

const values: Readonly<Record<string, Interpolated>> = {
  pod: { value: ['web-1', 'api.x'], text: ['web-1', 'api.x'], isMany: true },
  one: { value: ['web-1'], isMany: true },
  none: { value: [], isMany: true },
  ns: { value: "kube'sys\\tem" },
  single: { value: 'api.x', isMany: true },
  all: { value: '.+|$ns', text: 'All', isVerbatim: true, isMany: true },
  loop: { value: '$loop', isVerbatim: true },
  __data: { value: { fields: { Namespace: 'prod', 'Value #A': 3, 'a.b': 'dots' } } },
};
const lookup: Lookup = ({ name }) => (Object.hasOwn(values, name) ? values[name] : undefined);

describe('interpolate()', () => {
  const f = (text: string, want: string, format?: string | typeof promqlFormat) =>
    it(`${text} is ${want}`, () => assert.equal(interpolate(text, lookup, format), want));
  f('$pod', '{web-1,api.x}');
  f('[[pod]] [[pod:csv]]', '{web-1,api.x} web-1,api.x');
  // The name takes every letter that it can.
  f('$podx ${pod}x', '$podx {web-1,api.x}x');
  f('${pod:pipe}', 'web-1|api.x');
  f(
    '${unknown} $unknown [[unknown:csv]] ${unknown.path:text}',
    '${unknown} $unknown [[unknown:csv]] ${unknown.path:text}',
  );
  f('${__data.fields.Namespace}', 'prod');
  f('${__data.fields["Value #A"]} ${__data.fields[\'a.b\']} ${__data.fields.a.b}', '3 dots dots');
  f('${__data.fields.missing}', '${__data.fields.missing}');
  f('$1 $ $$ ${} [[]]', '$1 $ $$ ${} [[]]');
  f('$all', ".+|kube'sys\\tem");
  f('$loop', '$loop');
  f('x=~"$pod"', 'x=~"(web-1|api\\\\.x)"', promqlFormat);
  f('x=~"$one"', 'x=~"web-1"', promqlFormat);
  f('x=~"$none"', 'x=~"()"', promqlFormat);
  f('x=~"$single"', 'x=~"api\\\\.x"', promqlFormat);
  f("x='$ns'", "x='kube\\'sys\\\\tem'", promqlFormat);
  f('x=~"$all"', 'x=~".+|kube\\\'sys\\\\tem"', promqlFormat);
  f('x=~"${pod:regex}"', 'x=~"(web-1|api\\.x)"', promqlFormat);
  f('$pod', 'web-1|api.x', 'pipe');

  it('never throws, and leaves a text without known names as it is', () => {
    const none: Lookup = () => undefined;
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('$', '{', '}', '[', ']', ':', '.', '"', 'a', '_', ' ') }),
        (text) => {
          assert.equal(interpolate(text, none), text);
          interpolate(text, () => ({ value: ['x', 'y'] }));
        },
      ),
    );
  });
  it('escapes any value so that PromQL reads it back', () => {
    // The rules of a double-quoted PromQL string for what the formatter writes.
    const unescapeString = (text: string): string => text.replace(/\\([\s\S])/g, '$1');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab\\.^$*+?()|[]{}-/') }), (value) => {
        assert.equal(unescapeString(promqlFormat({ value })), value);
        const regex = new RegExp(`^(?:${unescapeString(promqlFormat({ value, isMany: true }))})$`);
        assert.match(value, regex);
      }),
    );
  });
  it('finds the names of a text', () => {
    assert.deepEqual(
      [...referencesIn('rate(x{a="$a", b=~"${b:regex}"}[[[c]]]) [[d:csv]] ${e.f:text} $a')],
      ['a', 'b', 'c', 'd', 'e'],
    );
  });
});
