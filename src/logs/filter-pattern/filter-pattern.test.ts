import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '#base';
import { parseFilterPattern } from './index.ts';

describe('parseFilterPattern() matches', () => {
  const f = (pattern: string, message: string, want: boolean): void =>
    void it(`${pattern} on ${message}`, () => {
      const parsed = parseFilterPattern(pattern);
      assert.equal(parsed.matches(message), want);
      // What the store may skip by must be in every message that matches.
      if (want)
        for (const part of parsed.requiredSubstrings) assert.ok(message.includes(part), part);
    });

  f('', 'anything', true);
  f('" "', 'anything', true);
  f('ERROR timeout', 'timeout while ERROR', true);
  f('ERROR timeout', 'ERROR only', false);
  f('ERROR', 'error', false);
  f('?E1 ?E2', 'x E2', true);
  f('?E1 ?E2', 'x', false);
  f('?E1', 'x E1', true);
  f('?ERROR ?WARN REQUEST', 'a REQUEST', true);
  f('?ERROR ?WARN -REQUEST', 'a', true);
  f('ERROR -debug', 'ERROR a', true);
  f('ERROR -debug', 'ERROR debug', false);
  f('-"a b"', 'a b', false);
  f('"a b"', 'xa b', true);
  f('"a b"', 'a  b', false);
  f('"say \\"hi\\""', 'say "hi"', true);
  f('- x', 'x - y', true);
  f('한글', '로그 한글 메시지', true);
  f('%code=5[0-9]{2}%', 'code=503', true);
  f('%code=5[0-9]{2}%', 'code=404', false);
  f('-%^a%', 'abc', false);
  f('100% sure', 'is 100% sure', true);

  f(
    '{ $.verb = "create" && $.responseStatus.code >= 400 }',
    '{"verb":"create","responseStatus":{"code":403}}',
    true,
  );
  f(
    '{ $.verb = "create" && $.responseStatus.code >= 400 }',
    '{"verb":"create","responseStatus":{"code":201}}',
    false,
  );
  f('{ ($.a = 1 || $.b = 2) && $.c IS NULL }', '{"b":2,"c":null}', true);
  f('{ ($.a = 1 || $.b = 2) && $.c IS NULL }', '{"b":2}', false);
  f('{ $.user.groups[*] = "system:masters" }', '{"user":{"groups":["a","system:masters"]}}', true);
  f('{ $.user.groups[*] = "system:masters" }', '{"user":{"groups":[]}}', false);
  f('{ $.a = 1 || $.b = 1 && $.c = 1 }', '{"a":1}', true);
  f('{ $.a = 1 }', 'not json', false);
  f('{ $.a = 1 }', '{"a":', false);
  f('{ $.a = 400 }', '{"a":"400"}', true);
  f('{ $.a = 4e2 }', '{"a":400}', true);
  f('{ $.a = "400" }', '{"a":400}', true);
  f('{ $.a = 4* }', '{"a":404}', true);
  f('{ $.a = "x*z" }', '{"a":"xyyz"}', true);
  f('{ $.a = "x*z" }', '{"a":"xyyz!"}', false);
  f('{ $.a = * }', '{"a":"anything"}', true);
  f('{ $.a = * }', '{"b":1}', false);
  f('{ $.a = * }', '{"a":{"b":1}}', false);
  f('{ $.a != "x" }', '{"a":"y"}', true);
  f('{ $.a != "x" }', '{"a":"x"}', false);
  f('{ $.a != "x" }', '{"b":1}', false);
  f('{ $.a != 1 }', '{"a":2}', true);
  f('{ $.a IS TRUE }', '{"a":true}', true);
  f('{ $.a IS FALSE }', '{"a":true}', false);
  f('{ $.a NOT EXISTS }', '{"b":1}', true);
  f('{ $.a NOT EXISTS }', '{"a":null}', false);
  f('{ $.a NOT EXISTS }', '{"a":1}', false);
  f("{ $.['a.b'] = 1 }", '{"a.b":1}', true);
  f('{ $.a[1].b = 1 }', '{"a":[{},{"b":1}]}', true);
  f('{ $.*.b = 1 }', '{"x":{"b":2},"y":{"b":1}}', true);
  f('{ $.a = %^ab+$% }', '{"a":"abbb"}', true);
  f('{ $.a > -1.5 }', '{"a":-1}', true);
  f('{ $.a < 2 }', '{"a":"text"}', false);

  f('[ip, ..., status=5*, bytes]', '1.2.3.4 a b 502 17', true);
  f('[ip, ..., status=5*, bytes]', '1.2.3.4 a b 200 17', false);
  f('[w1=ERROR, w2]', 'ERROR a b c', true);
  f('[w1=ERROR, w2]', 'ERROR', false);
  f('[w1=ERROR, w2]', 'INFO a', false);
  f('[a, b]', '[x y] "q r s"', true);
  f('[a, b=1]', '1 2 3', false);
  f('[s = 404 || s = 410, ...]', '410 gone', true);
  f('[s != 404 && s != 410, ...]', '410 gone', false);
  f('[s >= 400, ...]', '399 x', false);
  f('[..., b = %^[0-9]+$%]', 'x y 12', true);
});

describe('parseFilterPattern() extracts', () => {
  const f = (pattern: string, message: string, want: Record<string, string> | undefined): void =>
    void it(`${pattern} from ${message}`, () =>
      assert.deepEqual(parseFilterPattern(pattern).extract(message), want));

  f('{ $.a.b > 1 && $.c = * }', '{"a":{"b":2},"c":true}', { '$.a.b': '2', '$.c': 'true' });
  f('{ $.a.b > 1 }', '{"a":{"b":1}}', undefined);
  f('[ip, user, ..., "x"]'.replace(', "x"', ''), '1.1.1.1 bob a b', {
    $ip: '1.1.1.1',
    $user: 'bob',
  });
  f('[ts, msg]', '[10 Oct] a b', { $ts: '10 Oct', $msg: 'a b' });
  f('ERROR', 'ERROR', {});

  it('finds a value that the pattern does not name', () => {
    const pattern = parseFilterPattern('{ $.a = 1 }');
    assert.equal(pattern.valueOf('{"a":1,"ms":[3.5]}', '$.ms[0]'), '3.5');
    assert.equal(pattern.valueOf('{"a":1}', '$.ms'), undefined);
    assert.equal(parseFilterPattern('[a, b]').valueOf('1 2', '$b'), '2');
  });
});

describe('parseFilterPattern() refuses', () => {
  const f = (pattern: string, offset: number, words: RegExp): void =>
    void it(pattern, () =>
      assert.throws(
        () => parseFilterPattern(pattern),
        (error) =>
          error instanceof AppError &&
          error.code === 'FILTER_PATTERN_INVALID' &&
          error.details['offset'] === offset &&
          words.test(error.message),
      ),
    );

  f('{ $.a = }', 8, /value is expected/);
  f('{ $.a }', 6, /=, !=/);
  f('{ a = 1 }', 2, /selector/);
  f('{ $.a = 1', 9, /closing }/);
  f('{ $.a = 1 } x', 12, /Nothing may follow/);
  f('{ $.a IS NOT NULL }', 9, /NULL, TRUE or FALSE/);
  f('{ $.a EXISTS }', 12, /EXISTS is not supported/);
  f('{ $.a > "x" }', 8, /numbers only/);
  f('{ $.a[*].b[*] = 1 }', 2, /wildcard/);
  f('{ $.a = %x% && $.b = %x% && $.c = %x% }', 34, /2 regular/);
  f('%a(b)%', 2, /not allowed/);
  f('%한%', 1, /not allowed/);
  f('%[a%', 1, /regular expression/);
  f('"open', 0, /closing "/);
  f('[a, b', 5, /closing ]/);
  f('[a, ..., b, ...]', 15, /once/);
  f('[a = 1 || b = 2]', 10, /repeat its name/);
});

describe('parseFilterPattern()', () => {
  it('warns of optional terms that have no effect', () => {
    const pattern = parseFilterPattern('?ERROR ?WARN REQUEST');
    assert.equal(pattern.warnings.length, 2);
    assert.equal(pattern.explain(), 'The message contains REQUEST');
  });

  it('ends on any text, with a pattern or with an AppError', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '$.a',
      '=',
      '!=',
      '"',
      '%',
      '&&',
      '||',
      '(',
      ')',
      '...',
      ',',
      ' ',
      '-',
      '?',
      'x',
      '1',
      '*',
      'IS',
      'NULL',
      '\\',
      '한',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.string(), (pieces, message) => {
        try {
          const pattern = parseFilterPattern(pieces.join(''));
          const matched = pattern.matches(message);
          assert.equal(pattern.extract(message) !== undefined, matched);
          pattern.explain();
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});
