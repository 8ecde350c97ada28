import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fingerprintOf } from './labels.ts';
import { formatMatchers, parseMatchers } from './matchers.ts';

describe('parseMatchers()', () => {
  const f = (text: string, want: string): void =>
    void it(text, () => assert.equal(formatMatchers(parseMatchers(text)), want));
  f('a=b', '{a="b"}');
  f(' { a = "b" , c!~"d|e" } ', '{a="b",c!~"d|e"}');
  f('b=1,a=2,', '{a="2",b="1"}');
  f('"dotted.name"="x y"', '{dotted.name="x y"}');
  f('이름="값"', '{이름="값"}');
  f('"a b"=~".*"', '{"a b"=~".*"}');
  f('a="x\\"y\\n"', '{a="x\\"y\\n"}');
  f('a=b c', '{a="b c"}');
  f('a=', '{a=""}');
  f('{}', '{}');
  f('a="b\\d+"', '{a="b\\\\d+"}');

  const refused = (text: string, want: RegExp): void =>
    void it(`refuses ${text}`, () => assert.throws(() => parseMatchers(text), want));
  refused('a', /expected one of =/);
  refused('{a="b"', /closing brace/);
  refused('a=~"("', /a=~"\("/);
  refused('="b"', /expected a label name/);
  refused('a="b" c="d"', /bad matcher format/);
});

describe('fingerprintOf()', () => {
  // Values of Alertmanager 0.25 for the same labels.
  const f = (labels: Record<string, string>, want: string): void =>
    void it(JSON.stringify(labels), () => assert.equal(fingerprintOf(labels), want));
  f({}, 'cbf29ce484222325');
});
