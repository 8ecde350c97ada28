import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isAppError } from '#base';
import { functions } from './functions.ts';
import { parseQuery, parseSelector } from './parse.ts';
import { prettyQuery } from './pretty.ts';
import { printQuery } from './print.ts';
import { stableSyntax } from './reader.ts';
import { queryTree } from './tree-json.ts';

function failure(query: string, options?: Parameters<typeof parseQuery>[1]): string {
  try {
    parseQuery(query, options);
  } catch (error) {
    if (isAppError(error, 'PROMQL_PARSE')) return error.message;
    throw error;
  }
  return 'no error';
}

describe('parseQuery() refuses', () => {
  const f = (query: string, message: string): void =>
    void it(JSON.stringify(query), () => {
      const [place, reason] = /^(\d+:\d+) (.*)$/s.exec(message)?.slice(1) ?? ['', message];
      const where = place === '' ? 'unknown position' : place;
      assert.equal(failure(query), `${where}: parse error: ${reason}`);
    });
  f('', 'no expression found in input');
  f('# only words', '1:1 no expression found in input');
  f('1 +', '1:4 unexpected end of input');
  f('.', "1:1 unexpected character: '.'");
  f('1.5.', '1:1 bad number or duration syntax: "1.5."');
  f('0dead', '1:1 bad number or duration syntax: "0de"');
  f('* a', '1:1 unexpected <op:*>');
  f('(a))', "1:5 unexpected right parenthesis ')'");
  f('((a)', '1:5 unclosed left parenthesis');
  f('1 == 1', '1:3 comparisons between scalars must use BOOL modifier');
  f('1 or a', '1:1 set operator "or" not allowed in binary scalar expression');
  f('1 !~ 1', "1:3 unexpected character after '!': '~'");
  f('1 =~ 1', "1:3 unexpected character after '=': '~'");
  f(
    '-"a"',
    '1:1 unary expression only allowed on expressions of type scalar or instant vector, got "string"',
  );
  f(
    '1 offset 5m',
    '1:1 offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
  );
  f('a offset 1s offset 2s', '1:1 offset may not be set multiple times');
  f('a @ 1 @ 2', '1:1 @ <timestamp> may not be set multiple times');
  f('a @ NaN', '1:1 timestamp out of bounds for @ modifier: NaN');
  f('a @', '1:4 unexpected end of input in @, expected timestamp');
  f('a - on(b) ignoring(c) d', '1:11 unexpected <ignoring>');
  f('a + group_left(b) c', '1:5 unexpected <group_left>');
  f('a == on(b) 10', '1:1 vector matching only allowed between instant vectors');
  f('a and on(b) group_left(c) d', '1:1 no grouping allowed for "and" operation');
  f('a * on(b) group_left(b) c', '1:3 label "b" must not occur in ON and GROUP clause at once');
  f('a + bool b', '1:3 bool modifier can only be used on comparison operators');
  f('a{', '1:3 unexpected end of input inside braces');
  f('a}', "1:2 unexpected character: '}'");
  f('a{b=c}', '1:5 unexpected identifier "c" in label matching, expected string');
  f('a{b:c="d"}', "1:4 unexpected character inside braces: ':'");
  f('a{b}', '1:4 unexpected "}" in label matching, expected label matching operator');
  f('a{,}', '1:3 unexpected "," in label matching, expected identifier or "}"');
  f('a{b="c" d}', '1:9 unexpected identifier "d" in label matching, expected "," or "}"');
  f('{}', '1:1 vector selector must contain at least one non-empty matcher');
  f('{a=~".*"}', '1:1 vector selector must contain at least one non-empty matcher');
  f('a{__name__="b"}', '1:1 metric name must not be set twice: "a" or "b"');
  f('a[5mm]', '1:3 bad number or duration syntax: "5mm"');
  f('a[5m1h]', '1:3 not a valid duration string: "5m1h"');
  f('a[5y1hs]', '1:3 unknown unit "hs" in duration "5y1hs"');
  f('a[0m]', '1:3 duration must be greater than 0');
  f('a[', '1:3 unexpected end of input in duration expression');
  f(
    'a[]',
    '1:3 unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
  );
  f('a["5m"]', "1:3 unexpected character in duration expression: '\"'");
  f(
    'a offset',
    '1:9 unexpected end of input in offset, expected number, duration, step(), or range()',
  );
  f('a offset 1m[5m]', '1:12 no offset modifiers allowed before range');
  f('a @ 1 [5m]', '1:7 no @ modifiers allowed before range');
  f('(a + b)[5m]', '1:8 ranges only allowed for vector selectors');
  f('a[5m][5m:]', '1:1 subquery is only allowed on instant vector, got matrix instead');
  f('a[1h/0]', '1:5 division by zero');
  f('sum(a b)', '1:7 unexpected identifier "b" in aggregation');
  f('sum a by (b)', '1:5 unexpected identifier "a"');
  f('sum (a) by b', '1:12 unexpected identifier "b" in grouping opts, expected "("');
  f('sum without(==)(a)', '1:13 unexpected <op:==> in grouping opts, expected label');
  f('sum without(b,,)(a)', '1:15 unexpected "," in grouping opts, expected label');
  f('sum by (b) (a) by (c)', '1:16 unexpected <by>');
  f('sum()', '1:1 no arguments for aggregate expression provided');
  f(
    'topk(a)',
    '1:1 wrong number of arguments for aggregate expression provided, expected 2, got 1',
  );
  f('topk(a,)', '1:7 trailing commas not allowed in function call args');
  f('topk(a, b)', '1:6 expected type scalar in aggregation parameter, got instant vector');
  f('floor()', '1:1 expected 1 argument(s) in call to "floor", got 0');
  f('hour(a, a, a)', '1:1 expected at most 1 argument(s) in call to "hour", got 3');
  f('label_join(a)', '1:1 expected at least 3 argument(s) in call to "label_join", got 1');
  f('nothing()', '1:1 unknown function with name "nothing"');
  f('rate(a)', '1:6 expected type range vector in call to function "rate", got instant vector');
  f('"\\d"', "1:1 unknown escape sequence U+0064 'd'");
  f('"a', '1:1 unterminated quoted string');
  f('a{b=~"("}', '1:3 error parsing regexp: missing closing ): `(`');
  f('a\n  + "ü" + *', '2:12 unexpected <op:*>');
  f('info(a, b{c="d"})', '1:9 expected label selectors only, got vector selector instead');
});

describe('parseQuery() without experimental syntax', () => {
  const f = (query: string, reason: string): void =>
    void it(query, () =>
      assert.match(failure(query, stableSyntax), new RegExp(RegExp.escape(reason))),
    );
  f('limitk(1, a)', 'limitk() is experimental and must be enabled');
  f('info(a)', 'function "info" is not enabled');
  f('a + fill(0) b', 'binop fill modifiers are experimental and not enabled');
  f('a[1m*2]', 'experimental duration expression is not enabled');
  f('rate(a[1m] anchored)', 'anchored modifier is experimental and not enabled');
});

describe('printQuery()', () => {
  const f = (query: string, printed: string): void =>
    void it(query, () => {
      assert.equal(printQuery(parseQuery(query)), printed);
      assert.equal(printQuery(parseQuery(printed)), printed);
    });
  f('SUM BY (a, "b.c")(x)', 'sum by (a, "b.c") (x)');
  f('sum(x) without (a)', 'sum without (a) (x)');
  f('sum by () (x)', 'sum(x)');
  f('topk(3,x{b="c",a=~"d"})', 'topk(3, x{a=~"d",b="c"})');
  f('a*on(b)group_left c', 'a * on (b) group_left () c');
  f('a == bool ignoring () b', 'a == bool b');
  f('a + fill_left(1) fill_right(-2) b', 'a + fill_left (1) fill_right (-2) b');
  f('a offset 90d @ 1', 'a @ 1.000 offset 90d');
  f('rate(a[1h30m:]offset -5m)', 'rate(a[1h30m:] offset -5m)');
  f('-1 ^ 2', '-1 ^ 2');
  f('-a * b', '-a * b');
  f('{"a.b", c!="d"}', '{__name__="a.b",c!="d"}');
  f('5m + 0x10 + 010 + 1e3 + 1_000', '5m + 16 + 8 + 1000 + 1000');
  f('a[5m*2] smoothed @ end()', 'a[5m * 2] smoothed @ end()');
  f('a offset (2)', 'a offset (2)');
  f("'it\\'s'", '"it\'s"');
  f('`a\\b`', '"a\\\\b"');
  f('offset + by + sum', 'offset + by + sum');
});

describe('precedence', () => {
  const f = (query: string, same: string): void =>
    void it(`${query} is ${same}`, () => {
      const bare = (text: string): string =>
        JSON.stringify(
          queryTree(parseQuery(text)),
          (_, value: { type?: string; expr?: unknown }) =>
            value?.type === 'parenExpr' ? value.expr : value,
        );
      assert.equal(bare(query), bare(same));
    });
  f('a + b * c ^ d ^ e', 'a + (b * (c ^ (d ^ e)))');
  f('a or b and c unless d', 'a or ((b and c) unless d)');
  f('a == b == c', '(a == b) == c');
  f('-a ^ b', '-(a ^ b)');
  f('a ^ -b * c', '(a ^ (-b)) * c');
  f('a offset 5m + b', '(a offset 5m) + b');
  f('a offset -2 ^ 2', '(a offset -2) ^ 2');
  f('a % b atan2 c', '(a % b) atan2 c');
});

describe('prettyQuery()', () => {
  it('splits what is longer than a line', () => {
    const query =
      'sum by (job) (rate(http_requests_total{job="api",code=~"5.."}[5m])) / sum by (job) (rate(http_requests_total[5m]))';
    assert.equal(
      prettyQuery(parseQuery(query)),
      [
        '  sum by (job) (rate(http_requests_total{code=~"5..",job="api"}[5m]))',
        '/',
        '  sum by (job) (rate(http_requests_total[5m]))',
      ].join('\n'),
    );
  });
});

describe('parseSelector()', () => {
  it('takes a selector alone', () => {
    assert.equal(parseSelector('up{job="a"}').length, 2);
    assert.throws(() => parseSelector('up[5m]'), { code: 'PROMQL_PARSE' });
  });
});

/** Queries of any shape, as text. */
function queryText(): fc.Arbitrary<string> {
  const name = fc.constantFrom('a', 'b_total', 'sum', 'offset', '{x="y"}', 'c{d!~"e.*"}');
  const { query } = fc.letrec<{ query: string }>((tie) => ({
    query: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      name,
      fc.constantFrom('1', '-0.5', '5m', '1e30', 'Inf'),
      fc
        .tuple(name, fc.constantFrom('5m', '1h30m', '3*2m', 'step()'))
        .map(([metric, range]) => `rate(${metric}[${range}])`),
      fc
        .tuple(tie('query'), fc.constantFrom('+', '*', '^', '> bool', '%', 'atan2'), tie('query'))
        .map((parts) => parts.join(' ')),
      fc
        .tuple(fc.constantFrom('sum', 'topk by (a) (2,', 'quantile without (b) (0.5,'), name)
        .map(([op, inner]) => `${op}${op === 'sum' ? '(' : ''}${inner})`),
      tie('query').map((inner) => `(${inner})`),
      tie('query').map((inner) => `-${inner}`),
      fc
        .tuple(
          name,
          fc.constantFrom('offset 5m', '@ 10', '@ start() offset -1s', 'offset (-step())'),
        )
        .map((parts) => parts.join(' ')),
      fc
        .tuple(name, fc.constantFrom('[5m:]', '[1h:3m] @ end()'))
        .map((parts) => `max_over_time(${parts.join('')})`),
    ),
  }));
  return query;
}

describe('properties', () => {
  it('print(parse(q)) parses to the same tree', () => {
    fc.assert(
      fc.property(queryText(), (text) => {
        const tree = parseQuery(text);
        const again = parseQuery(printQuery(tree));
        assert.deepEqual(queryTree(again), queryTree(tree));
        assert.deepEqual(queryTree(parseQuery(prettyQuery(tree))), queryTree(tree));
      }),
    );
  });

  it('any text is a query or an error of syntax', () => {
    const words = fc.constantFrom(
      ...[...functions.keys()].slice(0, 12),
      ...'sum by on ( ) { } [ ] 5m : @ offset " \' ` = =~ != , 1 1e9 + - ^ < </ # a bool fill'.split(
        ' ',
      ),
      '\n',
      '\\',
      'ü',
      '\ud800',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words, { maxLength: 24 }).map((parts) => parts.join(' ')),
      fc.array(words, { maxLength: 24 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (query) => {
        failure(query);
      }),
      { numRuns: 2_000 },
    );
  });

  it('deep and long queries are refused, not crashed on', () => {
    for (const query of [
      '('.repeat(10_000),
      '-'.repeat(10_000),
      `a${' + a'.repeat(10_000)}`,
      `a${'[1m:]'.repeat(5_000)}`,
    ]) {
      assert.match(failure(query), /parse error/);
    }
    assert.equal(failure(`a${' or a'.repeat(1_500)}`), 'no error');
  });
});
