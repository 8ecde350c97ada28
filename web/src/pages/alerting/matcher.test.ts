import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  fromWire,
  type Matcher,
  matcherTest,
  matcherText,
  parseMatcher,
  parseSearch,
  toWire,
} from './matcher.ts';

describe('search text of alerts', () => {
  const f = (text: string, matchers: readonly string[], words: readonly string[]): void =>
    void it(`reads ${text}`, () => {
      const found = parseSearch(text);
      assert.deepEqual(found.matchers.map(matcherText), matchers);
      assert.deepEqual(found.words, words);
    });
  f('', [], []);
  f('disk Full', [], ['disk', 'full']);
  f('severity=critical', ['severity="critical"'], []);
  f('{severity="critical", pod=~"web-.*"}', ['severity="critical"', 'pod=~"web-.*"'], []);
  f('a != "b c" down', ['a!="b c"'], ['down']);
  f('a="say \\"hi\\""', ['a="say \\"hi\\""'], []);
  f('"dotted.name"!~x', ['dotted.name!~"x"'], []);
  f('이름=값 경보', ['이름="값"'], ['경보']);
  f('a=', ['a=""'], []);
});

describe('a matcher', () => {
  const labels = { a: 'x', multi: 'one\ntwo' };
  const f = (matcher: Matcher, want: boolean): void =>
    void it(`${matcherText(matcher)} is ${want}`, () => {
      assert.equal(matcherTest(matcher)(labels), want);
      assert.deepEqual(fromWire(toWire(matcher)), matcher);
    });
  f({ name: 'a', operator: '=', value: 'x' }, true);
  f({ name: 'a', operator: '!=', value: 'x' }, false);
  f({ name: 'a', operator: '=~', value: 'x|y' }, true);
  f({ name: 'a', operator: '=~', value: '' }, false);
  f({ name: 'b', operator: '=', value: '' }, true);
  f({ name: 'toString', operator: '=', value: '' }, true);
  f({ name: 'b', operator: '!~', value: '.+' }, true);
  f({ name: 'multi', operator: '=~', value: 'one.two' }, true);
});

describe('a matcher of a link', () => {
  const f = (text: string, want: string | undefined): void =>
    void it(`reads ${text}`, () => {
      const found = parseMatcher(text);
      assert.equal(found && matcherText(found), want);
    });
  f('alertname=Disk is full', 'alertname="Disk is full"');
  f('a=b=c', 'a="b=c"');
  f('pod=~web-.*', 'pod=~"web-.*"');
  f('a!="x"', 'a!="x"');
  f('empty=', 'empty=""');
  f('nothing', undefined);
});
