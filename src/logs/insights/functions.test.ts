import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { checkQuery, compileQuery, formatCell, functions, printRows } from './index.ts';

const message = JSON.stringify({
  s: 'Hello World',
  pad: '  xx  ',
  n: 42.5,
  neg: -7,
  zero: 0,
  text: '12',
  empty: '',
  blank: '  ',
  nul: null,
  t: true,
  f: false,
  list: ['a', 'b', 3],
  map: { k: 'v', deep: { x: 1 } },
  inner: '{"a":{"b":[10,20]},"c":"d"}',
  ip4: '10.1.2.3',
  pub: '8.8.8.8',
  ip6: '2001:db8::1',
  ko: '한글 로그',
  '@level': 'warn',
  'a.b': 'dotted',
  'k-v': 'dash',
  logfmt: 'level=info msg="a \\"b\\" c" n=3 n=4',
  csv: 'x,"y, ""z""",,w',
  nan: 'nan',
  big: '12345678901234567890',
});
const ms = Date.parse('2024-03-26T03:41:53.397Z');
const context = { fromMs: ms - 1000, toMs: ms + 1000, nowMs: ms + 2500 };

describe('Functions and operators in the engine', () => {
  let instance: DuckDBInstance;
  let connection: DuckDBConnection;

  before(async () => {
    instance = await DuckDBInstance.create(':memory:');
    connection = await instance.connect();
    await connection.run('CREATE TABLE one (message VARCHAR)');
    await connection.run('INSERT INTO one VALUES ($1)', [message]);
  });
  after(() => {
    connection.closeSync();
    instance.closeSync();
  });

  const relation = `(SELECT '/g' AS log_group, 'stream-1' AS log_stream, ${ms}::BIGINT AS ts_ms, ${ms + 5}::BIGINT AS ingest_ms, 7::BIGINT AS seq, message FROM one)`;

  async function ask(text: string): Promise<(string | undefined)[][]> {
    const { plan, diagnostics } = compileQuery(text, context);
    assert.ok(plan !== undefined, JSON.stringify(diagnostics));
    const sql = printRows(plan, { relation, accountId: '123456789012', context, maxRows: 100 });
    const result = await connection.runAndReadAll(sql).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${sql}`);
    });
    return result.getRowsJS().map((row) =>
      plan.output.map(({ expression }, index) => {
        const value = row[index] as string | number | bigint | boolean | null;
        return formatCell(expression.type, value);
      }),
    );
  }

  const f = (expression: string, want: string | undefined): void =>
    void it(`${expression} is ${want}`, async () =>
      assert.deepEqual(await ask(`fields ${expression} as r | display r`), [[want]]));

  // Arithmetic
  f('1 + 2 * 3', '7');
  f('2 ^ 3 ^ 2', '512');
  f('7 / 2', '3.5');
  f('7 % 4', '3');
  f('n / zero', undefined);
  f('zero % zero', undefined);
  f('n + s', undefined);
  f('n + missing', undefined);
  f('text + 1', '13');
  f('-n', '-42.5');
  f('1 - -1', '2');
  f('(1 + 2) * 3', '9');
  f('1/3', '0.3333');
  f('nan + 1', undefined);
  f('10 ^ 20', '100000000000000000000');
  // Comparison
  f('text = 12', '1');
  f('text = "12.0"', '1');
  f('text = "x"', '0');
  f('n > 9', '1');
  f('s > "Hello"', '1');
  f('missing = 1', '0');
  f('missing != 1', '1');
  f('not missing = 1', '1');
  f('missing < 1', '0');
  f('missing like "a"', '0');
  f('missing not like "a"', '1');
  f('missing in [1]', '0');
  f('missing not in [1]', '1');
  f('t = 1', '1');
  f('t = true', '1');
  f('t = "true"', '1');
  f('t != "true"', '0');
  f('text = true', '0');
  f('f = 0', '1');
  f('f = false', '1');
  f('t', '1');
  f('f', '0');
  f('big = "12345678901234567890"', '1');
  f('big = "12345678901234567891"', '0');
  f('s like /^hello/', '0');
  f('s like /(?i)^hello/', '1');
  f('s =~ "lo Wo"', '1');
  f('s ~= /W.r/', '1');
  f('s == "Hello World"', '1');
  f('n in [1, 42.5]', '1');
  f('text in ["12"]', '1');
  f('t in ["true"]', '1');
  f('t not in ["false", true]', '0');
  f('s in ["a", "Hello World"]', '1');
  f('"b" in jsonParse(@message).list', '1');
  f('jsonParse(@message) = 1', '0');
  f('@timestamp >= "2024-03-26"', '1');
  f('@timestamp < "2024-03-26T03:41:53.397Z"', '0');
  // Fields
  f('list.1', 'b');
  f('map.deep.x', '1');
  f('`a.b`', 'dotted');
  f('a.b', 'dotted');
  f('`k-v`', 'dash');
  f('@@level', 'warn');
  f('nul', undefined);
  f('ko', '한글 로그');
  f('@timestamp', '2024-03-26 03:41:53.397');
  f('@ingestionTime', '2024-03-26 03:41:53.402');
  f('@logStream', 'stream-1');
  f('@log', '123456789012:/g');
  f('@ptr', Buffer.from(`${ms}:7:/g`).toString('base64'));
  // Numeric
  f('abs(neg)', '7');
  f('ceil(n)', '43');
  f('floor(n)', '42');
  f('greatest(1, n, 3)', '42.5');
  f('least(1, neg)', '-7');
  f('greatest(1, missing)', undefined);
  f('log(1)', '0');
  f('log(zero)', undefined);
  f('sqrt(49)', '7');
  f('sqrt(neg)', undefined);
  f('round(n)', '43');
  f('round(3.14159, 2)', '3.14');
  f('haversine(37.5665, 126.978, 35.1796, 129.0756)', '325.1117');
  f('toNumber(text)', '12');
  f('toInt("42.9")', '42');
  f('toLong(n)', '42');
  f('toDouble(nan)', undefined);
  // Text
  f('isempty(empty)', '1');
  f('isempty(missing)', '1');
  f('isempty(s)', '0');
  f('isblank(blank)', '1');
  f('isblank(s)', '0');
  f('concat(s, "-", n, missing, t)', 'Hello World-42.51');
  f('ltrim(pad)', 'xx  ');
  f('rtrim(pad)', '  xx');
  f('trim(pad)', 'xx');
  f('trim("xxabcxx", "xc")', 'ab');
  f('strlen(ko)', '5');
  f('toupper(s)', 'HELLO WORLD');
  f('tolower(s)', 'hello world');
  f('substr(s, 6)', 'World');
  f('substr(s, 0, 5)', 'Hello');
  f('replace(s, "o", "0")', 'Hell0 W0rld');
  f('replace(s, "", "0")', 'Hello World');
  f('strcontains(s, "World")', '1');
  f('strcontains(s, "world")', '0');
  f('regexReplace(s, /(\\w+) (\\w+)/, "$2 $1")', 'World Hello');
  f('startsWith(s, "Hell")', '1');
  f('endsWith(s, "ld")', '1');
  f('jsonStringify(split("a,b", ","))', '["a","b"]');
  f('urlencode("a b/한")', 'a%20b%2F%ED%95%9C');
  f('urldecode("a%20b")', 'a b');
  f('base64encode("hé")', 'aMOp');
  f('base64decode("aMOp")', 'hé');
  f('base64decode("!!")', undefined);
  f('hexToAscii("4869")', 'Hi');
  f('hexToAscii("zz")', undefined);
  f('hexToDec("ff")', '255');
  f('hexToDec("0xFF")', '255');
  f('decToHex(255)', 'ff');
  // Time
  f('bin(1m)', '2024-03-26 03:41:00.000');
  f('bin(1h)', '2024-03-26 03:00:00.000');
  f('bin(1d)', '2024-03-26 00:00:00.000');
  f('bin(1mo)', '2024-03-01 00:00:00.000');
  f('bin(1q)', '2024-01-01 00:00:00.000');
  f('bin(1y)', '2024-01-01 00:00:00.000');
  f('bin(500 ms)'.replace('500 ms', '500ms'), '2024-03-26 03:41:53.000');
  f('datefloor(@timestamp, 10m)', '2024-03-26 03:40:00.000');
  f('dateceil(@timestamp, 10m)', '2024-03-26 03:50:00.000');
  f('dateceil(@timestamp, 1mo)', '2024-04-01 00:00:00.000');
  f('fromMillis(0)', '1970-01-01 00:00:00.000');
  f('toMillis(@timestamp)', String(ms));
  f('now()', String(Math.floor(context.nowMs / 1000)));
  f('queryStartTime()', String(context.fromMs));
  f('queryEndTime()', String(context.toMs));
  f('queryTimeRange()', '2000');
  f(
    'parseDate("2024-03-26 03:41:53", "yyyy-MM-dd HH:mm:ss")',
    String(Date.parse('2024-03-26T03:41:53Z')),
  );
  f(
    'parseDate("2024-03-26 12:41:53", "yyyy-MM-dd HH:mm:ss", "Asia/Seoul")',
    String(Date.parse('2024-03-26T03:41:53Z')),
  );
  f('parseDate("never", "yyyy")', undefined);
  f('formatDate(@timestamp, "yyyy/MM/dd HH:mm")', '2024/03/26 03:41');
  f('formatDate(@timestamp, "HH:mm", "Asia/Seoul")', '12:41');
  f('strftime(@timestamp, "%Y")', '2024');
  f('formatDate(@timestamp, "EEE d MMM, HH \'h\'")', 'Tue 26 Mar, 03 h');
  f('strftime(@timestamp, "%F %T %e 100%%")', '2024-03-26 03:41:53 26 100%');
  // What is no time is missing: one event must not fail a query.
  for (const huge of ['10 ^ 300', '10 ^ 18', '"inf"', 'nan', '-(10 ^ 25)']) {
    f(`datefloor(${huge}, 1h)`, huge === '10 ^ 18' ? '999999999997200000' : undefined);
    f(`dateceil(${huge}, 1mo)`, undefined);
    f(`formatDate(${huge}, "yyyy")`, undefined);
    f(`concat(fromMillis(${huge}))`, '');
    f(`decToHex(${huge})`, huge === '10 ^ 18' ? 'de0b6b3a7640000' : undefined);
    f(`strlen(substr(s, ${huge})) < 12`, '1');
    f(`round(n, ${huge})`, undefined);
  }
  f('substr(s, 0, 10 ^ 300)', 'Hello World');
  f('haversine(missing, 1, 2, 3)', undefined);
  f('haversine(s, 1, 2, 3)', undefined);
  f('haversine(10 ^ 308 * 10, 0, 0, 0)', undefined);
  f('10 ^ 308 * 10', undefined);
  // General
  f('ispresent(s)', '1');
  f('ispresent(missing)', '0');
  f('coalesce(missing, nul, s)', 'Hello World');
  f('coalesce(missing, 5)', '5');
  f('if(n > 1, "big", "small")', 'big');
  f('if(missing = 1, 1, 2)', '2');
  f('case(n < 1, "a", n < 50, "b", "c")', 'b');
  f('case(n < 1, "a")', undefined);
  f('isNumeric(text)', '1');
  f('isNumeric(s)', '0');
  f('isNumeric(nan)', '0');
  f('messageSize()', String(Buffer.byteLength(message)));
  f('unmask(s)', 'Hello World');
  // JSON
  f('jsonParse(inner).a.b[1]', '20');
  f('jsonParse(inner).c', 'd');
  f('jsonParse(s)', undefined);
  f('jsonParse("5")', undefined);
  f('jsonStringify(jsonParse(inner))', '{"a":{"b":[10,20]},"c":"d"}');
  f('jsonArraySize(jsonParse(inner).a.b)', '2');
  f('jsonArraySize(jsonParse(inner))', undefined);
  f('jsonArrayContains(jsonParse(inner).a.b, 20)', '1');
  f('jsonArrayContains(jsonParse(inner).a.b, 21)', '0');
  // IP
  f('isValidIp(ip4)', '1');
  f('isValidIp(ip6)', '1');
  f('isValidIp(s)', '0');
  f('isValidIp(missing)', '0');
  f('isValidIpV4("256.1.1.1")', '0');
  f('isValidIpV6("::")', '1');
  f('isValidIpV6("1:2:3:4:5:6:7:8")', '1');
  f('isValidIpV6("1:2:3:4:5:6:7")', '0');
  f('isValidIpV6("1::8::9")', '0');
  f('isIpInSubnet(ip4, "10.0.0.0/8")', '1');
  f('isIpv4InSubnet(ip4, "10.1.2.4/30")', '0');
  f('isIpv4InSubnet(ip4, "10.1.2.3")', '1');
  f('isIpv6InSubnet(ip6, "2001:db8::/33")', '1');
  f('isIpv6InSubnet(ip6, "2001:db8:8000::/33")', '0');
  f('isIpv6InSubnet(ip4, "2001:db8::/33")', '0');
  f('cidrlookup(ip6, "2001:db8::/32")', '1');
  f('ipv4ToNumber(ip4)', String(10 * 2 ** 24 + 65536 + 512 + 3));
  f('isPrivateIP(ip4)', '1');
  f('isPrivateIP(pub)', '0');
  f('isPublicIP(pub)', '1');
  f('isPublicIP(ip4)', '0');
  f('isReservedIP("127.0.0.1")', '1');
  // Hashes
  f('md5("a")', '0cc175b9c0f1b6a831c399e269772661');
  f('sha256("")', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

  it('prints every function of the vocabulary', async () => {
    const arguments_: Record<string, string> = {
      bin: '1m',
      datefloor: '@timestamp, 1m',
      dateceil: '@timestamp, 1m',
      parseDate: '"x", "yyyy"',
      formatDate: '@timestamp, "yyyy"',
      strftime: '@timestamp, "%Y"',
      regexReplace: 's, /a/, "b"',
      pct: 'n, 50',
      topk: 'text, 3',
      rate: 'n, 1m',
      count_over_time: '1m',
      sum_over_time: 'n, 1m',
      histogram: 'n, 10',
    };
    for (const entry of functions) {
      const args =
        arguments_[entry.name] ??
        Array.from({ length: entry.minArgs }, (_, i) => (i === 1 ? '"10.0.0.0/8"' : 'n')).join(
          ', ',
        );
      const command = entry.group === 'aggregate' ? 'stats' : 'fields';
      await ask(`${command} ${entry.name}(${args}) as r`);
    }
  });

  it('takes fields out with parse, logfmt, csv, json and unnest', async () => {
    assert.deepEqual(await ask('parse s "* *" as a, b | display a, b'), [['Hello', 'World']]);
    assert.deepEqual(await ask('parse s "H* W*" as a, b | display a, b'), [['ello', 'orld']]);
    assert.deepEqual(await ask('parse s "x*" as a | display a, s'), [[undefined, 'Hello World']]);
    assert.deepEqual(await ask('parse s /(?<w>[A-Z])/ multi | display w'), [['H'], ['W']]);
    assert.deepEqual(await ask('parse s /([A-Z]\\w+) (.)/ as w, x | display w, x'), [
      ['Hello', 'W'],
    ]);
    assert.deepEqual(await ask('parse logfmt logfmt as m | display m.level, m.msg, m.n'), [
      ['info', 'a "b" c', '3'],
    ]);
    assert.deepEqual(await ask('parse csv csv as a, b, c, d, e | display a, b, c, d, e'), [
      ['x', 'y, "z"', '', 'w', undefined],
    ]);
    assert.deepEqual(await ask('json field=inner "a.b[0]" as x, "c" as y | display x, y'), [
      ['10', 'd'],
    ]);
    assert.deepEqual(
      await ask(
        'fields jsonParse(@message) as o | unnest o.list into x | display jsonStringify(x) as y',
      ),
      [['"a"'], ['"b"'], ['3']],
    );
  });

  it('gives any text back as it was written', async () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc
        .array(
          fc.constantFrom(
            "'",
            '"',
            '\\',
            ';',
            '--',
            '/*',
            '*/',
            '$1',
            '$$',
            '\0',
            '\n',
            ')',
            '(',
            '{',
            '}',
            '%',
            '`',
            '|',
            '#',
            "''",
            'E',
            'DROP TABLE one',
            '한',
            '\u{1F600}',
          ),
          { maxLength: 12 },
        )
        .map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const quoted = `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
        const wanted = text.toWellFormed();
        assert.deepEqual(
          await ask(
            `fields concat(${quoted}) as r, ${quoted} = ${quoted} as same | display r, same`,
          ),
          [[wanted, '1']],
        );
        // As a name of a field, a stream, a regular expression, a set: it must compile and run.
        const name = text.replaceAll('`', '').replaceAll('\n', '') || 'x';
        await ask(
          `fields \`${name}\` | filter @logStream not in [${quoted}] and @message not like ${quoted}`,
        );
        await ask(
          `parse @message ${quoted.replaceAll('*', '')} | stats count(*) by \`${name}\``,
        ).catch((error: unknown) => assert.match(String(error), /AssertionError/));
      }),
      { numRuns: 150 },
    );
  });
});

describe('checkQuery()', () => {
  const words = [
    'fields',
    'filter',
    'stats',
    'sort',
    'limit',
    'parse',
    'display',
    'dedup',
    'pattern',
    'by',
    'as',
    'and',
    'or',
    'not',
    'in',
    'like',
    'count(*)',
    'bin(5m)',
    '@message',
    '@timestamp',
    'a.b',
    '`x y`',
    '"s"',
    "'t'",
    '/re/',
    '/(?<n>a)/',
    '(',
    ')',
    '[',
    ']',
    ',',
    '|',
    '=',
    '!=',
    '=~',
    '+',
    '-',
    '*',
    '/',
    '^',
    '%',
    '5',
    '5m',
    '1.5',
    '#c\n',
    '.',
    '"',
    '`',
    'SOURCE',
    'logGroups(',
    ':',
    '{',
    '한글',
    'x[0].y',
    'multi',
    'unnest',
    'into',
    'desc',
    'offset',
    'lookup',
    'OUTPUT',
    'true',
  ];

  it('ends on any soup of words, with places inside the text', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 30 }), (soup) => {
        const text = soup.join(' ');
        for (const one of checkQuery(text)) {
          assert.ok(one.startOffset >= 0 && one.startOffset <= one.endOffset);
          assert.ok(one.endOffset <= text.length);
          assert.ok(one.line >= 1 && one.column >= 1 && one.message !== '');
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses date patterns and time zones that are none, with their place', () => {
    const refuses = (text: string, column: number, hint: string): void =>
      assert.deepEqual(
        checkQuery(text).map((one) => [one.column, one.hint]),
        [[column, hint]],
      );
    refuses(
      'fields formatDate(@timestamp, "QQ")',
      31,
      '"QQ" stands for no part of a date: write yyyy-MM-dd HH:mm:ss.',
    );
    refuses(
      'fields strftime(@timestamp, "%Y %")',
      29,
      '"%" stands for no part of a date: write %Y-%m-%d %H:%M:%S.',
    );
    refuses(
      'fields parseDate(a, "yyyy", "Mars/X")',
      29,
      'There is no time zone named Mars/X: write Asia/Seoul or UTC.',
    );
  });

  it('takes hundreds of conditions, and refuses endless sums', () => {
    assert.deepEqual(checkQuery(`filter ${'a = 1 or '.repeat(1000)}a = 2`), []);
    for (const chain of ['a + ', 'a * ', 'a = ']) {
      const [first] = checkQuery(`fields ${chain.repeat(2000)}a`);
      assert.equal(first?.code, 'TOO_DEEP');
    }
  });

  it('ends on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void checkQuery(text)),
      { numRuns: 1000 },
    );
    checkQuery('('.repeat(5000));
    checkQuery(`filter ${'not '.repeat(2000)}a`);
    checkQuery(`fields ${'-'.repeat(5000)}1`);
    checkQuery(`fields ${'a+'.repeat(3000)}1`);
    checkQuery(`filter ${'a or '.repeat(1800)}b`);
  });
});
