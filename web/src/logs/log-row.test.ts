import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { highlightParts, termsOfFilter } from './highlight.ts';
import { flattenJson, levelOf } from './log-row.ts';

describe('levelOf()', () => {
  const f = (message: string, want: string) =>
    it(`${message.slice(0, 60)} is ${want}`, () =>
      assert.equal(levelOf(message, flattenJson(message)), want));
  f('E1124 09:12:33.120000       1 reflector.go:147] failed to list', 'error');
  f('I1124 09:12:33.120000       1 server.go:1] started', 'info');
  f('{"level":"warn","msg":"slow"}', 'warn');
  f('{"level":50,"msg":"bad"}', 'error');
  f('{"severity":"NOTICE"}', 'info');
  f('{"msg":"no level, though error is said"}', 'other');
  f('time=2026 level=debug msg="x"', 'debug');
  f('2026-11-24 09:12:33 [ERROR] boom', 'error');
  f('2026-11-24 09:12:33 WARN  c.e.App - slow', 'warn');
  f('the user made an error in the form', 'error');
  f('errors: 0', 'other');
  f('10.0.0.1 - - "GET / HTTP/1.1" 200 12', 'other');
});

describe('flattenJson()', () => {
  it('gives paths and texts', () => {
    assert.deepEqual(flattenJson('{"a":{"b":[1,"x"]},"c":null,"d":{}}'), [
      ['a.b.0', '1'],
      ['a.b.1', 'x'],
      ['c', 'null'],
      ['d', '{}'],
    ]);
  });
  it('keeps the digits of numbers', () => {
    assert.deepEqual(flattenJson('{"id":12345678901234567890,"n":1.50}'), [
      ['id', '12345678901234567890'],
      ['n', '1.50'],
    ]);
  });
  it('leaves other text alone', () => {
    assert.equal(flattenJson('[1,2]'), undefined);
    assert.equal(flattenJson('{not json'), undefined);
  });
});

describe('highlights', () => {
  it('mark every place, overlaps once, without regard to the pattern characters in terms', () => {
    assert.deepEqual(highlightParts('a.b aXb a.b', ['a.b', '.b a']), [
      { text: 'a.b a', marked: 0 },
      { text: 'Xb ', marked: -1 },
      { text: 'a.b', marked: 0 },
    ]);
    assert.deepEqual(highlightParts('plain', []), [{ text: 'plain', marked: -1 }]);
  });
  it('come from the words of a filter pattern', () => {
    assert.deepEqual(termsOfFilter('ERROR -debug ?"two words"'), ['ERROR', 'two words']);
    assert.deepEqual(termsOfFilter('{ $.level = "warn" && $.code = 500 }'), ['warn', '500']);
  });
});
