import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAppError } from '#base';
import { type ExpositionEntry, parseExposition } from './entries.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

function parse(text: string, isOpenMetrics: boolean): ExpositionEntry[] {
  return [...parseExposition(bytes(text), isOpenMetrics ? 'openmetrics' : 'text')];
}

/** `name{labels} value @time`, one string a sample; metadata as `type name text`. */
function shown(entries: readonly ExpositionEntry[]): string[] {
  return entries.map((entry) => {
    if (entry.kind !== 'sample') return `${entry.kind} ${entry.family} ${entry.text}`;
    const labels: string[] = [];
    for (let at = 2; at < entry.pairs.length; at += 2) {
      labels.push(`${entry.pairs[at]}=${entry.pairs[at + 1]}`);
    }
    const time = entry.timeMs === undefined ? '' : ` @${entry.timeMs}`;
    const exemplar = entry.exemplars?.[0];
    const more =
      exemplar === undefined
        ? ''
        : ` # ${exemplar.pairs.join(',')} ${exemplar.value} ${exemplar.timeMs}`;
    return `${entry.pairs[1]}{${labels.join(',')}} ${entry.value}${time}${more}`;
  });
}

function messageOf(work: () => unknown): { message: string; line: unknown } {
  try {
    work();
  } catch (error) {
    if (isAppError(error)) return { message: error.message, line: error.details['line'] };
    throw error;
  }
  return { message: 'nothing thrown', line: 0 };
}

describe('TextParser, text 0.0.4', () => {
  const f = (text: string, ...want: string[]): void =>
    void it(JSON.stringify(text), () => assert.deepEqual(shown(parse(text, false)), want));
  f('');
  f('\n\n  \n');
  f('a 1\n', 'a{} 1');
  f('a 1', 'a{} 1');
  f('  a\t 1 \n', 'a{} 1');
  f('a{} 1\n', 'a{} 1');
  f('a{b="c"}1\n', 'a{b=c} 1');
  f('a {b="c"} 1\n', 'a{b=c} 1');
  f('a{ b = "c" , d="e", } 1 1500\n', 'a{b=c,d=e} 1 @1500');
  f('a:b_c{d="e\\\\f\\"g\\nh\\i"} 1\n', 'a:b_c{d=e\\f"g\nh\\i} 1');
  f('a{b="raw\nnewline"} 1\n', 'a{b=raw\nnewline} 1');
  f('{"utf8.name","label.one"="v"} 1\n', 'utf8.name{label.one=v} 1');
  f('{b="c","a"} 1\n', 'a{b=c} 1');
  f('{"a",b="c",} 1\n', 'a{b=c} 1');
  f(
    'a +Inf\nb -Inf\nc inf\nd 1e3\ne .5\nf 5.\ng -0x\n'.replace('g -0x\n', ''),
    'a{} Infinity',
    'b{} -Infinity',
    'c{} Infinity',
    'd{} 1000',
    'e{} 0.5',
    'f{} 5',
  );
  f('a NaN\nb nan\n', 'a{} NaN', 'b{} NaN');
  f(
    '# HELP a Some \\\\ text\\n here\n# TYPE a counter\na 1\n',
    'help a Some \\ text\n here',
    'type a counter',
    'a{} 1',
  );
  f('# HELP\n#\n# anything\n#x\n#\tTYPE\ta untyped\na 1\n', 'type a unknown', 'a{} 1');
  f('# TYP\x00E a histogram\na 1\n', 'a{} 1');
  f('# HELP a\n', 'help a ');
  f('# HELP a   two blanks\n', 'help a   two blanks');
  f('# TYPE "utf8.name" gauge\n', 'type utf8.name gauge');
  f('a{b="\x00"} 1\n\x00 whatever {', 'a{b=\x00} 1');
  f(
    '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_bucket{le="1e6"} 2\nx{quantile="1"} 3\n',
    'type h histogram',
    'h_bucket{le=1.0} 1',
    'h_bucket{le=+Inf} 2',
    'h_bucket{le=1e+06} 2',
    'x{quantile=1} 3',
  );
  f(
    '# TYPE s summary\ns{quantile="0.50"} 1\ns{quantile="x"} 1\n# TYPE g gauge\ng{quantile="1"} 1\n',
    'type s summary',
    's{quantile=0.5} 1',
    's{quantile=x} 1',
    'type g gauge',
    'g{quantile=1} 1',
  );
  f('a{b="\xea\xb0\x80"} 1\n', 'a{b=가} 1');
  f('a{b="c",b="d"} 1\n', 'a{b=c,b=d} 1');
  f('a{b=""} 1\n', 'a{b=} 1');
  // Numbers that are easily got wrong.
  f(
    'a 0.1\nb 123456789012345678\nc 9007199254740993\nd 1.7976931348623157e308\ne 5e-324\nf 0.30000000000000004\n',
    'a{} 0.1',
    'b{} 123456789012345680',
    'c{} 9007199254740992',
    'd{} 1.7976931348623157e+308',
    'e{} 5e-324',
    'f{} 0.30000000000000004',
  );

  const bad = (text: string, message: string, line = 1): void =>
    void it(`refuses ${JSON.stringify(text)}`, () =>
      assert.deepEqual(
        messageOf(() => parse(text, false)),
        { message, line },
      ));
  bad('a\n', 'expected value after metric, got "\\n" ("INVALID") while parsing: "a\\n"');
  bad("a{b='c'} 1\n", `expected label value, got "'" ("INVALID") while parsing: "a{b='"`);
  bad('a{b=\n', 'expected label value, got "\\n" ("INVALID") while parsing: "a{b=\\n"');
  bad('a{\xff="foo"} 1\n', 'expected label name, got "\\xff" ("INVALID") while parsing: "a{\\xff"');
  bad('a{b="\xff"} 1\n', 'invalid UTF-8 label value: "\\"\\xff\\""');
  bad('a true\n', 'strconv.ParseFloat: parsing "true": invalid syntax while parsing: "a true"');
  bad(
    'something_weird{problem="',
    'expected label value, got "\\"\\n" ("INVALID") while parsing: "something_weird{problem=\\"\\n"',
  );
  bad(
    'empty_label_name{=""} 0',
    'expected label name, got "=\\"" ("EQUAL") while parsing: "empty_label_name{=\\""',
  );
  bad('foo 1_2\n', 'unsupported character in float while parsing: "foo 1_2"');
  bad('foo 0x1p-3\n', 'unsupported character in float while parsing: "foo 0x1p-3"');
  bad(
    'foo 1e999\n',
    'strconv.ParseFloat: parsing "1e999": value out of range while parsing: "foo 1e999"',
  );
  bad(
    'foo 0 1_2\n',
    'expected next entry after timestamp, got "_" ("INVALID") while parsing: "foo 0 1_"',
  );
  bad('{a="ok"} 1', 'metric name not set while parsing: "{a=\\"ok\\"} 1"'.replace(' 1"', '"'));
  bad('a{"b"} 1\n', 'metric name already set while parsing: "a{\\"b\\"}"');
  bad(
    '# TYPE #\n',
    'expected metric name after TYPE, got "#" ("INVALID") while parsing: "# TYPE #"',
  );
  bad('# TYPE a what\n', 'invalid metric type "what"');
  bad('# TYPE a counter\r\n', 'invalid metric type "counter\\r"');
  bad('# HELP a \xff\n', 'help text "\\xff" is not a valid utf8 string');
  bad('a 1\nb 2\n9 3\n', 'expected a valid start token, got "9" ("INVALID") while parsing: "9"', 3);
  bad('a 1 -5\n', 'expected timestamp or new record, got "-" ("INVALID") while parsing: "a 1 -"');
  bad(
    'a 1 1.5\n',
    'expected next entry after timestamp, got "." ("INVALID") while parsing: "a 1 1."',
  );
  bad(
    'a{b="c" d="e"} 1\n'.replace(' d', ' ;'),
    'expected label name, got ";" ("INVALID") while parsing: "a{b=\\"c\\" ;"',
  );
  bad(
    'a\x00{b="ddd"} 1',
    'expected value after metric, got "\\x00" ("INVALID") while parsing: "a\\x00"',
  );
  bad(
    'a 1 99999999999999999999\n',
    'strconv.ParseInt: parsing "99999999999999999999": value out of range while parsing: "a 1 99999999999999999999"',
  );
});

describe('TextParser, OpenMetrics 1.0', () => {
  const f = (text: string, ...want: string[]): void =>
    void it(JSON.stringify(text), () => assert.deepEqual(shown(parse(text, true)), want));
  f('# EOF');
  f('# EOF\n');
  f('a 1\n# EOF\n', 'a{} 1');
  f('a_total{b="c"} 1 1.5\n# EOF\n', 'a_total{b=c} 1 @1500');
  f(
    '# TYPE a counter\n# UNIT a \n# HELP a x\\"y\n# EOF\n',
    'type a counter',
    'unit a ',
    'help a x"y',
  );
  f(
    '# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n# EOF\n',
    'type a_seconds gauge',
    'unit a_seconds seconds',
  );
  f(
    '# TYPE i info\n# TYPE s stateset\n# TYPE g gaugehistogram\n# TYPE u unknown\n# EOF\n',
    'type i info',
    'type s stateset',
    'type g gaugehistogram',
    'type u unknown',
  );
  f(
    'a_bucket{le="1"} 17 # {trace_id="abc"} 0.67 1520879607.789\n# EOF\n',
    'a_bucket{le=1} 17 # trace_id,abc 0.67 1520879607789',
  );
  f(
    'a_total 17 1520879607.789 # {} 0.67\n# EOF\n',
    'a_total{} 17 @1520879607789 #  0.67 undefined',
  );
  f('{"a.b",c="d"} 1\n# EOF\n', 'a.b{c=d} 1');
  f('# TYPE h histogram\nh_bucket{le="1"} 1\n# EOF\n', 'type h histogram', 'h_bucket{le=1.0} 1');

  const bad = (text: string, message: string, line = 1): void =>
    void it(`refuses ${JSON.stringify(text)}`, () =>
      assert.deepEqual(
        messageOf(() => parse(text, true)),
        { message, line },
      ));
  bad('', 'data does not end with # EOF');
  bad('\n', 'expected a valid start token, got "\\n" ("INVALID") while parsing: "\\n"');
  bad('metric', 'expected value after metric, got "metric" ("EOF") while parsing: "metric"');
  bad('metric 1', 'data does not end with # EOF');
  bad('metric 1\n', 'data does not end with # EOF', 2);
  bad('metric_total 1 # {aa="bb"} 4', 'data does not end with # EOF');
  bad('a\n# EOF\n', 'expected value after metric, got "\\n" ("INVALID") while parsing: "a\\n"');
  bad(' a 1\n# EOF\n', 'expected a valid start token, got " " ("INVALID") while parsing: " "');
  bad('# TYPE u untyped\n# EOF\n', 'invalid metric type "untyped"');
  bad('# TYPE c counter \n# EOF\n', 'invalid metric type "counter "');
  bad(
    '#  TYPE c counter\n# EOF\n',
    'expected a valid start token, got "#  " ("INVALID") while parsing: "#  "',
  );
  bad(
    '# TYPE c\n# EOF\n',
    'expected text in TYPE, got "\\n" ("INVALID") while parsing: "# TYPE c\\n"',
  );
  bad('a 1\n#EOF', 'expected a valid start token, got "#E" ("INVALID") while parsing: "#E"', 2);
  bad('a 1\n# EOF\n1', 'unexpected data after # EOF', 2);
  bad('a{,b="c"} 1\n# EOF\n', 'expected label name, got ",b" ("COMMA") while parsing: "a{,b"');
  bad(
    'a{b="c"d="e"} 1\n# EOF\n',
    'expected comma or brace close, got "d=" ("LNAME") while parsing: "a{b=\\"c\\"d="',
  );
  bad(
    'a{b="c",,d="e"} 1\n# EOF\n',
    'expected label name, got ",d" ("COMMA") while parsing: "a{b=\\"c\\",,d"',
  );
  bad(
    'a{b="\xff"} 1\n# EOF\n',
    'invalid UTF-8 label value, got "\\"\\xff\\"}" ("LVALUE") while parsing: "a{b=\\"\\xff\\"}"',
  );
  bad(
    'something_weird{problem="\n# EOF\n',
    'expected label value, got "\\"\\n" ("INVALID") while parsing: "something_weird{problem=\\"\\n"',
  );
  bad(
    'custom_metric_total 1 # {aa=bb}\n# EOF\n',
    'expected label value, got "b" ("INVALID") while parsing: "custom_metric_total 1 # {aa=b"',
  );
  bad(
    'a 1  2\n# EOF\n',
    'expected next entry after timestamp, got " " ("INVALID") while parsing: "a 1 "',
  );
  bad('a 1 NaN\n# EOF\n', 'invalid timestamp NaN');
  bad('a_total 1 # {a="b"} 1 +Inf\n# EOF\n', 'invalid exemplar timestamp +Inf');
  bad('# UNIT a_seconds ms\n# EOF\n', 'unit "ms" not a suffix of metric "a_seconds"');
});
