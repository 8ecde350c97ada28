import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backtrackingDegree } from './ambiguity.ts';
import { compileRegex } from './compile.ts';
import { parseOnigmo } from './parse.ts';

const named = (pattern: string, text: string): Record<string, string | undefined> | undefined => {
  const regex = compileRegex(pattern);
  const match = regex.exec(text);
  if (match === undefined) return undefined;
  const out: Record<string, string | undefined> = {};
  for (const [name, indexes] of regex.names) out[name] = match[indexes.at(-1)!];
  return out;
};

const syslog = String.raw`^(?<time>[^ ]* {1,2}[^ ]* [^ ]*) (?<host>[^ ]*) (?<ident>[a-zA-Z0-9_\/\.\-]*)(?:\[(?<pid>[0-9]+)\])?(?:[^\:]*\:)? *(?<message>.*)$`;
const firstLine = String.raw`(?<log>(?<="log":")\S(?!\.).*?)(?<!\\)".*(?<stream>(?<="stream":").*?)".*(?<time>\d{4}-\d{1,2}-\d{1,2}T\d{2}:\d{2}:\d{2}\.\w*).*(?=})`;

describe('compileRegex()', () => {
  const f = (pattern: string, text: string, want: boolean): void =>
    void it(`${pattern} ${want ? 'finds' : 'does not find'} ${JSON.stringify(text)}`, () =>
      assert.equal(compileRegex(pattern).test(text), want));
  f('^b$', 'a\nb\nc', true); // lines, always
  f('^b$', 'a\rb\rc', false); // only \n ends a line
  f('a.b', 'a\rb', true);
  f('a.b', 'a\nb', false);
  f('/a.b/m', 'a\nb', true);
  f('/ABC/i', 'xabcx', true);
  f('/a b # note\n c/x', 'abc', true);
  f('\\Aab', 'ab', true);
  f('\\Ab', 'a\nb', false);
  f('b\\z', 'b\n', false);
  f('b\\Z', 'b\n', true);
  f('\\h+x', 'deadbeefx', true);
  f('\\_\\:\\-', '_:-', true);
  f('(?=})', '}', true);
  f('a{', 'a{', true);
  f('^(?i:AB)c$', 'abc', true);
  f('^(?i:AB)c$', 'abC', false);
  f('^a(?i)b|c$', 'aC', true);
  f('^(?>a*)ab', 'aaab', false);
  f('^a*+ab', 'aaab', false);
  f('^a*+b', 'aaab', true);
  f('(?<x>a)\\k<x>', 'aa', true);
  f('(a)\\1', 'aa', true);
  f('(a)\\1', 'ab', false);
  f('[[:alpha:]]+$', '한글', true);
  f('^[[:^alpha:]]+$', '12-', true);
  f('\\w', '한', false); // ASCII unless in brackets
  f('\\berror\\b', '오류error', false); // but a word boundary knows all letters
  f('\\berror\\b', 'an error.', true);
  f('^\\p{Hangul}+$', '한글', true);
  f('[a-z&&[^aeiou]]', 'e', false);
  f('[a-z&&[^aeiou]]', 'f', true);
  f('[]a]', ']', true);
  f('[\\w-]+', '-', true);
  f('^.$', '😀', true);
  f('[A-Z]', 'lower', false);
  f('^((?!hostname|systemd_unit|message).)*$', 'PRIORITY', true);
  f('^((?!hostname|systemd_unit|message).)*$', '_hostname', false);
  f('^(2|9|10)$', '10', true);
  f('^(2|9|10)$', '100', false);
  f('\\x41\\x{1F600}\\u00e9', 'A😀é', true);
  f('^\\s$', '\u00a0', false);

  const bad = (pattern: string, message: RegExp): void =>
    void it(`refuses ${pattern}`, () =>
      assert.throws(() => compileRegex(pattern), { code: 'REGEX_INVALID', message }));
  bad('(a', /a "\(" without a "\)"/);
  bad('a)', /a "\)" without a "\("/);
  bad('[a', /a "\[" without a "\]"/);
  bad('*a', /nothing to repeat/);
  bad('(?<a>x)\\k<b>', /the group "b"/);
  bad('[z-a]', /runs backwards/);
  bad('a\\', /ends with a backslash/);
  bad('[[:nope:]]', /unknown class/);

  it('reads the stock syslog parser', () => {
    assert.deepEqual(named(syslog, 'Mar 25 02:41:59 ip-10-0-1-5 systemd[1]: Started x.'), {
      time: 'Mar 25 02:41:59',
      host: 'ip-10-0-1-5',
      ident: 'systemd',
      pid: '1',
      message: 'Started x.',
    });
  });
  it('reads the stock first-line parser', () => {
    assert.deepEqual(
      named(
        firstLine,
        '{"log":"hello \\"you\\"\\n","stream":"stdout","time":"2024-03-25T02:41:59.633Z"}',
      ),
      { log: 'hello \\"you\\"\\n', stream: 'stdout', time: '2024-03-25T02:41:59.633Z' },
    );
  });
  it('does not capture plain groups beside named ones', () => {
    assert.deepEqual(compileRegex('(a)(?<n>b)').exec('ab')?.slice(), ['ab', 'b']);
  });
  it('keeps capture numbers when atomic groups need captures of their own', () => {
    assert.deepEqual(compileRegex('(?>x+)(a)(b++)(c)').exec('xxabbc')?.slice(), [
      'xxabbc',
      'a',
      'bb',
      'c',
    ]);
  });
  it('answers on a text made to explode, by the linear engine', () => {
    assert.equal(compileRegex('^(a+)+$').test(`${'a'.repeat(60)}b`), false);
    assert.equal(compileRegex('^(a+)+$').test('a'.repeat(60)), true);
  });
  it('gives up in bounded time where look-around forbids the linear engine', () => {
    assert.equal(compileRegex('^(?=a)(a+)+$').test(`${'a'.repeat(60)}b`), false);
  });
});

describe('backtrackingDegree()', () => {
  const f = (pattern: string, want: number): void =>
    void it(`${pattern} is ${want}`, () =>
      assert.equal(backtrackingDegree(parseOnigmo(pattern)), want));
  const forever = Number.POSITIVE_INFINITY;
  f('error', 0);
  f('^[^ ]* [^ ]* (.*)$', 0);
  f('[^ ]* x', 1);
  f('^.*x', 1);
  f('.*x.*y', 3);
  f('^(a+)+$', forever);
  f('^(a|a)*$', forever);
  f('^(?:[a-z]+,)*$', 0);
  f('^((?!hostname|systemd_unit|message).)*$', 0);
  f(syslog, 2);
});
