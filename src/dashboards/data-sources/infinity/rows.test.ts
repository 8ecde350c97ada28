import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseCsv } from './csv.ts';
import { readInfinityQuery } from './query.ts';
import { readTable } from './rows.ts';
import { parsePath, select } from './select.ts';

const table = async (text: string, query: Readonly<Record<string, unknown>> = {}, maxRows = 100) =>
  readTable(text, readInfinityQuery({ refId: 'A', ...query }), maxRows);

describe('select()', () => {
  const document = { a: { 'b.c': [{ d: 1 }, { d: 2 }] }, e: null, items: [[1, 2], [3]] };
  const f = (path: string, want: unknown): void =>
    void it(path, () => assert.deepEqual(select(document, parsePath(path)), want));
  f('', document);
  f('$', document);
  f('a["b.c"][1].d', 2);
  f("$.a['b.c'][*].d", [1, 2]);
  f('items[0][1]', 2);
  f('e.x', undefined);
  f('nope.x', undefined);
  f('a.constructor', undefined);
  f('__proto__', undefined);
  f('items.length', undefined);
  const bad = (path: string): void =>
    void it(`refuses ${path}`, () => assert.throws(() => parsePath(path), /is no path/));
  bad('a[');
  bad('a..b');
  bad('a["b]');
  bad('x.'.repeat(60));
});

describe('parseCsv()', () => {
  const options = { delimiter: ',', columns: [], comment: '', maxRows: 100 };
  const f = (name: string, text: string, rows: readonly (readonly string[])[], more = {}): void =>
    void it(name, () => assert.deepEqual(parseCsv(text, { ...options, ...more }).rows, rows));
  f('plain', 'a,b\n1,2\n', [['1', '2']]);
  f('quotes, line ends within, doubled quotes', 'a,b\r\n"1,\n2","say ""hi"""\r\n', [
    ['1,\n2', 'say "hi"'],
  ]);
  f('a byte order mark and empty lines', '\ufeffa,b\n\n1,\n\n', [['1', '']]);
  f('comments and another delimiter', '#x\na;b\n#y\n1;2', [['1', '2']], {
    comment: '#',
    delimiter: ';',
  });
  f('names given', '1,2', [['1', '2']], { columns: ['a', 'b'] });
  it('cuts', () => {
    const { rows, isCut } = parseCsv('a\n1\n2\n3', { ...options, maxRows: 2 });
    assert.deepEqual([rows.length, isCut], [2, true]);
  });
  it('names columns once', () =>
    assert.deepEqual(parseCsv('a,a,,', options).names, ['a', 'a 2', 'column 3', 'column 4']));
  it('refuses a quote that does not end', () =>
    assert.throws(() => parseCsv('a\n"1', options), /CSV, line 2: a quoted field does not end/));
  it('reads back whatever was written', () => {
    const cell = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\ufeff'));
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 }),
        (rows) => {
          const text = rows
            .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
            .join('\n');
          assert.deepEqual(parseCsv(text, { ...options, columns: ['x'] }).rows, rows);
        },
      ),
    );
  });
});

describe('readTable()', () => {
  const f = (
    name: string,
    text: string,
    query: Readonly<Record<string, unknown>>,
    want: unknown,
  ): void =>
    void it(name, async () => {
      const { columns } = await table(text, query);
      assert.deepEqual(
        columns.map(({ name: title, type, values }) => [title, type, values]),
        want,
      );
    });
  f(
    'types as found',
    '[{"a":1,"b":"x","c":true,"d":"2026-01-02T03:04:05Z"},{"a":"2.5","b":null,"c":false,"d":"2026-01-02"}]',
    {},
    [
      ['a', 'number', [1, 2.5]],
      ['b', 'string', ['x', null]],
      ['c', 'boolean', [true, false]],
      ['d', 'time', [Date.parse('2026-01-02T03:04:05Z'), Date.parse('2026-01-02T00:00:00Z')]],
    ],
  );
  f(
    'columns chosen',
    '{"items":[{"n":{"m":"7"},"t":1767312000,"s":{"x":1}}]}',
    {
      root_selector: 'items',
      columns: [
        { selector: 'n.m', text: 'number', type: 'number' },
        { selector: 't', text: 'when', type: 'timestamp_epoch_s' },
        { selector: 's', type: 'string' },
        { selector: 'nope', text: 'gone', type: 'number' },
      ],
    },
    [
      ['number', 'number', [7]],
      ['when', 'time', [1_767_312_000_000]],
      ['s', 'string', ['{"x":1}']],
      ['gone', 'number', [null]],
    ],
  );
  const orders =
    '{"orders":[{"id":1,"items":[{"n":2,"price":3},{"n":1,"price":5}],"by":"Kim Min"},{"id":2,"items":[{"n":4,"price":1}],"by":"Lee"}]}';
  f(
    'JSONata of the root, and of columns',
    orders,
    {
      root_selector: 'orders[$sum(items.(n * price)) > 5].{"id": id, "items": items, "by": by}',
      columns: [
        { selector: 'id', type: 'number' },
        { selector: '$sum(items.(n * price))', text: 'total', type: 'number' },
        { selector: '$replace(by, /^(\\w+) .*$/, "$1")', text: 'family', type: 'string' },
        { selector: 'by = "Lee" ? 1 : 0', text: 'is Lee', type: 'number' },
      ],
    },
    [
      ['id', 'number', [1]],
      ['total', 'number', [11]],
      ['family', 'string', ['Kim']],
      ['is Lee', 'number', [0]],
    ],
  );
  f(
    'names that only look like JSONata',
    '{"a%":1}',
    { columns: [{ selector: 'a%', type: 'number' }] },
    [['a%', 'number', [1]]],
  );
  f('columns of values', '{"a":[1,2],"b":["x"]}', { json_options: { columnar: true } }, [
    ['a', 'number', [1, 2]],
    ['b', 'string', ['x', null]],
  ]);
  f('a list of values', '[1,2]', {}, [['value', 'number', [1, 2]]]);
  f('CSV', 'when,n\n2026-01-02 03:04:05,1\n', { type: 'csv' }, [
    ['when', 'time', [Date.parse('2026-01-02T03:04:05Z')]],
    ['n', 'number', [1]],
  ]);
  f(
    'TSV with columns chosen',
    'a\tb\nx\t2',
    { type: 'tsv', columns: [{ selector: 'b', text: 'B', type: 'number' }] },
    [['B', 'number', [2]]],
  );
  const bad = (
    name: string,
    text: string,
    query: Readonly<Record<string, unknown>>,
    pattern: RegExp,
  ): void => void it(`refuses ${name}`, () => assert.rejects(table(text, query), pattern));
  bad(
    'JSONata with a mistake',
    orders,
    { root_selector: 'orders.{' },
    /root_selector: "orders.\{": /,
  );
  bad(
    'JSONata that goes too deep',
    orders,
    { root_selector: '($f := function($x) { 1 + $f($x + 1) }; $f(1))' },
    /root_selector: .*(stack|depth|limit)/i,
  );
  bad(
    'JSONata that makes too much',
    orders,
    { root_selector: '$map([1..1000001], function($x) { $x })' },
    /root_selector: /,
  );
  bad('no JSON', '<html>', {}, /The answer is no JSON/);
  bad('a root that is not there', '{}', { root_selector: 'items' }, /there is nothing at "items"/);
  bad(
    'a column that is not there',
    'a\n1',
    { type: 'csv', columns: [{ selector: 'b' }] },
    /no column "b" \(there are: a\)/,
  );
  bad(
    'another type',
    '',
    { type: 'xml' },
    /type: "xml" is not read \(allowed: json, csv, tsv, graphql\)/,
  );
  bad('another parser', '', { parser: 'uql' }, /parser: "uql" is not spoken/);
  bad(
    'another method',
    '',
    { url_options: { method: 'DELETE' } },
    /url_options.method: is DELETE \(allowed: GET, POST\)/,
  );
  bad(
    'a column of no type',
    '',
    { columns: [{ selector: 'a', type: 'x' }] },
    /columns\[0\].type: is "x"/,
  );
});
