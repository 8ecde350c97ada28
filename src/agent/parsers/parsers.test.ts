import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RawNumber, type RecordValue } from '../contract.ts';
import { parseJsonRecord, parseJsonStream, parseJsonValue } from '../records/json-parse.ts';
import { printJsonRecord, printJsonValue } from '../records/json-print.ts';
import { parseLogfmt, parseLtsv } from './pairs.ts';
import { createParser } from './parser.ts';
import { compileTimeFormat, type TimeFormatOptions } from './time-format.ts';
import { castValue, parseTypes, type ValueType } from './types.ts';

const nowMs = Date.UTC(2024, 0, 2, 3, 4, 5);

describe('compileTimeFormat()', () => {
  const f = (
    format: string,
    text: string,
    want: string | undefined,
    options: TimeFormatOptions = {},
  ): void =>
    void it(`reads ${text} by ${format}`, () => {
      const time = compileTimeFormat(format, options).parse(text, nowMs);
      const got =
        time &&
        `${new Date(time.seconds * 1000).toISOString().slice(0, 19)}.${String(time.nanoseconds).padStart(9, '0')}`;
      assert.equal(got, want);
    });
  f(
    '%Y-%m-%dT%H:%M:%S.%L%z',
    '2024-03-25T11:41:59.633035943+09:00',
    '2024-03-25T02:41:59.633035943',
  );
  f('%Y-%m-%dT%H:%M:%S.%L%z', '2024-03-25T11:41:59Z', '2024-03-25T11:41:59.000000000');
  f('%Y-%m-%dT%H:%M:%S.%LZ', '2024-03-25T11:41:59.5Z', '2024-03-25T11:41:59.500000000');
  f('%d/%b/%Y:%H:%M:%S %z', '10/Oct/2000:13:55:36 -0700', '2000-10-10T20:55:36.000000000');
  f('%b %d %H:%M:%S', 'Jan  1 10:00:00', '2024-01-01T10:00:00.000000000');
  f('%b %d %H:%M:%S', 'Dec 31 23:59:59', '2023-12-31T23:59:59.000000000'); // not a year ahead
  f('%b %d %H:%M:%S', 'Jan  3 02:00:00', '2024-01-03T02:00:00.000000000'); // clocks differ by hours
  f('%s.%L', '1711334519.25', '2024-03-25T02:41:59.250000000');
  f('%s', '1711334519250', undefined); // milliseconds
  f('%s', '-5', undefined);
  f('%Y-%m-%d %H:%M:%S', '2024-07-01 00:00:00', '2024-06-30T15:00:00.000000000', {
    zone: 'Asia/Seoul',
  });
  f('%Y-%m-%d %H:%M:%S', '2024-07-01 00:00:00', '2024-07-01T04:00:00.000000000', {
    zone: 'America/New_York',
  });
  f('%Y-%m-%d %H:%M:%S', '2024-07-01 00:00:00', '2024-06-30T22:00:00.000000000', {
    offset: '+0200',
  });
  f('%I:%M %p %d %B %y', '12:30 AM 05 March 24', '2024-03-05T00:30:00.000000000');
  f('%H:%M:%S', '03:10:00', '2024-01-02T03:10:00.000000000');
  f('%H:%M:%S', '23:59:59', '2024-01-01T23:59:59.000000000'); // read after midnight
  f('%H:%M:%S.%L', '13:00:00.5', '2024-01-02T04:00:00.500000000', { offset: '+0900' });
  f('%H:%M:%S', '03:10:00', '2024-01-01T18:10:00.000000000', { zone: 'Asia/Seoul' });
  f('%d %H:%M', '09 10:00', '2023-01-09T10:00:00.000000000');
  f('%Y-%m-%d %H:%M:%S %Z', '2024-03-25 00:00:00 CST', '2024-03-25T06:00:00.000000000');
  f('%Y-%m-%d %H:%M:%S %Z', '2024-03-25 12:00:00 IST', '2024-03-25T06:30:00.000000000');
  f('%Y-%m-%d %H:%M:%S %z', '2024-03-25 12:00:00 PDT', '2024-03-25T19:00:00.000000000');
  f('%Y %j', '2024 366', '2024-12-31T00:00:00.000000000');
  f('%Y-%m-%d', '2024-13-01', undefined);
  f('%H:%M', 'noon', undefined);
  it('names a conversion it has not', () =>
    assert.throws(() => compileTimeFormat('%Y %Q'), {
      code: 'TIME_FORMAT_INVALID',
      message: /"%Q"/,
    }));
  it('names a zone it has not', () =>
    assert.throws(() => compileTimeFormat('%Y', { zone: 'Mars/Base' }), {
      code: 'TIME_ZONE_INVALID',
    }));
});

describe('JSON records', () => {
  const same = (text: string): void =>
    void it(`keeps ${text}`, () => assert.equal(printJsonRecord(parseJsonRecord(text)!), text));
  same('{"b":1,"a":2,"1":3}');
  same('{"n":18446744073709551615,"f":1.0,"e":1e3,"z":-0,"s":0.10}');
  same('{"a":{"b":[{},[],null,true,"x\\ny\\u0001\\u007f"]}}');
  same('{"__proto__":1,"constructor":{"x":1}}');
  const bad = (text: string): void =>
    void it(`refuses ${text.slice(0, 40)}`, () => assert.equal(parseJsonRecord(text), undefined));
  for (const text of [
    '',
    '{',
    '{}x',
    '[]',
    '{"a":01}',
    '{"a":1.}',
    '{"a"}',
    '{"a":tru}',
    '{"a":"\\x"}',
    '{"a":"\\u12"}',
    "{'a':1}",
    '{"a":1,}',
    `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`,
  ])
    bad(text);
  it('keeps the last of a repeated key in its first place', () =>
    assert.equal(printJsonRecord(parseJsonRecord('{"a":1,"b":2,"a":3}')!), '{"a":3,"b":2}'));
  it('writes ASCII where asked', () =>
    assert.equal(
      printJsonRecord(new Map([['k', '한😀é']]), { escapeUnicode: true }),
      '{"k":"\\ud55c\\ud83d\\ude00\\u00e9"}',
    ));
  it('writes U+FFFD for what is no UTF-8', () =>
    assert.equal(printJsonValue(Uint8Array.of(97, 255)), '"a\ufffd"'));
  it('reads streams', () => assert.equal(parseJsonStream('{"a":1}{"a":2}\n[3]').values.length, 3));
  it('agrees with JSON.parse on any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        assert.deepEqual(
          JSON.parse(printJsonValue(parseJsonValue(text) as RecordValue)),
          JSON.parse(text),
        );
      }),
    );
  });
  it('agrees with JSON.parse on what is JSON', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '1',
      '-',
      '.',
      'e',
      'null',
      'true',
      ' ',
      '\\',
      'u0041',
      'a',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
        (text) => {
          let valid = true;
          try {
            JSON.parse(text);
          } catch {
            valid = false;
          }
          assert.equal(parseJsonValue(text) !== undefined, valid, text);
        },
      ),
      { numRuns: 2000 },
    );
  });
  it('keeps numbers as they were written', () =>
    assert.deepEqual(parseJsonValue('1.50'), new RawNumber('1.50')));
});

describe('types', () => {
  const f = (type: ValueType, text: string, want: unknown): void =>
    void it(`makes ${String(want)} of "${text}" as ${type}`, () =>
      assert.deepEqual(castValue(text, type), want));
  f('integer', '42abc', 42);
  f('integer', 'abc', 0);
  f('integer', '9223372036854775807', new RawNumber('9223372036854775807'));
  f('hex', '0xFf', 255);
  f('float', '1.5s', new RawNumber('1.5'));
  f('bool', 'TRUE', true);
  f('bool', 'falsehood', false);
  f('bool', 'yes', 'yes');
  f('string', '1', '1');

  it('a type that is not known leaves a string, and is told', () => {
    const unknown: string[] = [];
    const types = parseTypes('code:number size:integer', (item) => unknown.push(item));
    assert.deepEqual(
      [...types],
      [
        ['code', 'string'],
        ['size', 'integer'],
      ],
    );
    assert.deepEqual(unknown, ['code:number']);
  });

  it('are for text: what JSON says of a value stays', () => {
    const parser = createParser(
      {
        name: 'p',
        format: 'json',
        timeKey: 'time',
        timeKeep: false,
        types: parseTypes('n:integer'),
        skipEmptyValues: true,
        noBareKeys: false,
        decoders: [],
      },
      { nowMs: () => nowMs },
    );
    assert.equal(printJsonRecord(parser.parse('{"n":"1"}')!.record), '{"n":"1"}');
  });
});

describe('pairs', () => {
  it('reads ltsv', () =>
    assert.deepEqual(
      [...parseLtsv('a:1\tb:x:y\n')!],
      [
        ['a', '1'],
        ['b', 'x:y'],
      ],
    ));
  it('reads logfmt', () =>
    assert.deepEqual(
      [...parseLogfmt('a=1 b="x \\"y\\"" c= d', false)!],
      [
        ['a', '1'],
        ['b', 'x "y"'],
        ['c', true],
        ['d', true],
      ],
    ));
  const logfmt = (text: string, want: readonly [string, unknown][]): void =>
    void it(`reads ${text} as logfmt`, () =>
      assert.deepEqual([...(parseLogfmt(text, false) ?? [])], want));
  logfmt('a="" b="x=y z" ', [
    ['a', ''],
    ['b', 'x=y z'],
  ]);
  logfmt('a="does not end', [['a', 'does not end']]);
  logfmt('a="ends in \\', [['a', 'ends in ']]);
  logfmt('="x" a=1"b', [
    ['x', true],
    ['a', '1'],
    ['b', true],
  ]);
  logfmt('a=한국\tb=\u00a0', [
    ['a', '한국'],
    ['b', '\u00a0'],
  ]);
  logfmt(' = " ', []);
  it('refuses bare keys where told', () => assert.equal(parseLogfmt('a=1 d', true), undefined));
});
