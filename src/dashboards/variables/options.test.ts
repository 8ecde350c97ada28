import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adhocText, readAdhocText } from './adhoc.ts';
import { chooseCurrent } from './current.ts';
import { cyclesIn } from './dependencies.ts';
import { parseMetricFind, seriesText } from './metric-find.ts';
import { customOptions, matchOptions, optionOf, parsePattern, sortOptions } from './options.ts';

const pairs = (options: readonly { readonly text: string; readonly value: string }[]): string[] =>
  options.map(({ text, value }) => (text === value ? value : `${text}=${value}`));

describe('customOptions()', () => {
  const f = (query: string, want: readonly string[], format?: string) =>
    it(query, () => assert.deepEqual(pairs(customOptions(query, format)), want));
  f('a,b, c ', ['a', 'b', 'c']);
  f('one : 1,two : 2', ['one=1', 'two=2']);
  f('a\\,b,c', ['a,b', 'c']);
  f('http://x:80,b', ['http://x:80', 'b']);
  f('', []);
  f('[{"text":"A","value":"a","zone":"x"},{"value":"b"}]', ['A=a', 'b'], 'json');
  it('refuses what is no JSON', () => {
    assert.throws(() => customOptions('{', 'json'), SyntaxError);
    assert.throws(() => customOptions('{}', 'json'), /must be a JSON list/);
  });
});

describe('matchOptions()', () => {
  const f = (values: readonly string[], pattern: string, want: readonly string[]) =>
    it(pattern, () => assert.deepEqual(pairs(matchOptions(values.map(optionOf), pattern)), want));
  f(['a', 'b', 'a'], '', ['a', 'b']);
  f(['argocd-x', 'nginx'], '.*argocd.*', ['argocd-x']);
  f(['WEB-1', 'api-2'], '/web/i', ['WEB-1']);
  f(['web-1', 'api-2', 'web-2'], '/(\\w+)-/', ['web', 'api']);
  f(['up{pod="a",node="n"} 1', 'up{node="m"} 1'], '/pod="(?<text>[^"]+)",node="(?<value>[^"]+)"/', [
    'a=n',
  ]);
  f(['id="7" name="x"'], '/id="(?<value>\\d+)"/', ['7']);
  f(['a1b2', 'c3'], '/([a-z]\\d)/g', ['a1', 'b2', 'c3']);
  it('refuses patterns that are none, or too long', () => {
    assert.throws(() => parsePattern('('), SyntaxError);
    assert.throws(() => parsePattern('a'.repeat(3000)), /longer than/);
  });
});

describe('sortOptions()', () => {
  const values = ['b10', 'B2', 'a', 'b9'].map(optionOf);
  const f = (sort: number, want: string) =>
    it(`${sort}: ${want}`, () =>
      assert.equal(
        sortOptions(values, sort)
          .map(({ text }) => text)
          .join(' '),
        want,
      ));
  f(0, 'b10 B2 a b9');
  f(1, 'a b10 B2 b9');
  f(2, 'b9 B2 b10 a');
  f(3, 'a B2 b9 b10');
  f(4, 'b10 b9 B2 a');
  f(5, 'a b10 B2 b9');
  f(7, 'a B2 b9 b10');
  f(8, 'b10 b9 B2 a');
  f(99, 'b10 B2 a b9');
});

describe('parseMetricFind()', () => {
  const f = (text: string, want: unknown) =>
    it(text, () => assert.deepEqual(parseMetricFind(text), want));
  f('label_values(up, job)', { kind: 'labelValues', selector: 'up', label: 'job' });
  f('label_values(up{a="b", c=~"x,y"}, pod)', {
    kind: 'labelValues',
    selector: 'up{a="b", c=~"x,y"}',
    label: 'pod',
  });
  f('label_values(job)', { kind: 'labelValues', label: 'job' });
  f('label_values({}, job)', { kind: 'labelValues', label: 'job' });
  f(' label_values(, job ) ', { kind: 'labelValues', label: 'job' });
  f('metrics(node_.*)', { kind: 'metrics', regex: 'node_.*' });
  f('label_names()', { kind: 'labelNames' });
  f('label_names(k8s)', { kind: 'labelNames', regex: 'k8s' });
  f('query_result(sum by (a) (up))', { kind: 'queryResult', expr: 'sum by (a) (up)' });
  f('up{job="a"}', { kind: 'series', selector: 'up{job="a"}' });
  f('label_values(up{a="b"})', { kind: 'series', selector: 'label_values(up{a="b"})' });
  f('  ', undefined);
  it('writes series', () => {
    assert.equal(seriesText({ __name__: 'up', a: 'b', c: 'd' }), 'up{a="b",c="d"}');
    assert.equal(seriesText({ __name__: 'up' }), 'up');
  });
});

describe('chooseCurrent()', () => {
  const options = ['a', 'b', 'c'].map(optionOf);
  const f = (
    name: string,
    flags: Readonly<Record<string, unknown>>,
    wanted: readonly string[] | undefined,
    want: unknown,
    { isKept = false, none = false } = {},
  ) =>
    it(name, () => {
      const variable = { name: 'x', type: 'query', ...flags };
      const request = { variable, options: none ? [] : options, wanted, isKept };
      assert.deepEqual(chooseCurrent(request).value, want);
    });
  f('no options: the empty text, so that labels that are not there match', {}, ['gone'], '', {
    none: true,
  });
  f('no options of several: none', { multi: true }, ['gone'], [], { none: true });
  f('no options with All: All', { includeAll: true }, ['gone'], '$__all', { none: true });
  f('All stays', { includeAll: true, multi: true }, ['$__all'], ['$__all']);
  f('All by its text', { includeAll: true }, ['All'], '$__all');
  f('All by its custom value', { includeAll: true, allValue: '.*' }, ['.*'], '$__all');
  f('All where there is none: the first', {}, ['$__all'], 'a');
  f('those of several that are still there', { multi: true }, ['b', 'gone'], ['b']);
  f('none of several is there: the first', { multi: true }, ['gone'], ['a']);
  f('one that is gone: the first', {}, ['gone'], 'a');
  f('one that was just chosen stays', {}, ['gone'], 'gone', { isKept: true });
  f('of a link without values: none', { multi: true }, [], [], { isKept: true });
  f('nothing wanted: the first', {}, undefined, 'a');
  it('matches by text, as old files have names', () => {
    const named = [{ text: 'Prometheus', value: 'prom-uid' }];
    const variable = { name: 'ds', type: 'datasource' };
    const request = { variable, options: named, wanted: ['Prometheus'], isKept: false };
    assert.equal(chooseCurrent(request).value, 'prom-uid');
  });
});

describe('cyclesIn()', () => {
  const f = (edges: Readonly<Record<string, string>>, want: string) =>
    it(`${JSON.stringify(edges)}: ${want}`, () => {
      const graph = new Map(
        Object.entries(edges).map(([name, to]) => [name, new Set([...to])] as const),
      );
      assert.equal([...cyclesIn(graph)].sort().join(''), want);
    });
  f({ a: '', b: 'a', c: 'ab' }, '');
  f({ a: 'b', b: 'a', c: 'a' }, 'ab');
  f({ a: 'a' }, 'a');
  f({ a: 'b', b: 'c', c: 'a', d: '' }, 'abc');
  f({ a: 'z' }, '');
});

describe('ad hoc filters in links', () => {
  const f = (text: string, want: unknown) =>
    it(text, () => assert.deepEqual(readAdhocText(text), want));
  f('pod|=|a', { key: 'pod', operator: '=', value: 'a' });
  f('pod|=~|a__gfp__b', { key: 'pod', operator: '=~', value: 'a|b' });
  f('pod|=__gfp__|a|b', { key: 'pod', operator: '=|', value: 'a', values: ['a', 'b'] });
  f('pod|!=__gfp__|a|b', { key: 'pod', operator: '!=|', value: 'a', values: ['a', 'b'] });
  f('pod|is|a', undefined);
  f('pod', undefined);
  it('are written as they are read', () => {
    const filter = { key: 'a|b', operator: '=|', value: 'x,#', values: ['x,#', 'y'] };
    assert.deepEqual(readAdhocText(adhocText(filter)), filter);
  });
});
