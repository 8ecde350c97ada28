import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { isAppError, ManualClock } from '#base';
import { openStateStore, type StateStore } from '#state';
import { parseCsvTable } from './csv.ts';
import { formatCsv, openLookupTables } from './index.ts';

describe('parseCsvTable()', () => {
  const f = (text: string, columns: readonly string[], ...rows: (string | null)[][]): void =>
    void it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseCsvTable(text), { columns, rows });
    });
  f('a,b\n1,2\n', ['a', 'b'], ['1', '2']);
  f('\uFEFFa, b\r\n1,2\r\n\r\n3', ['a', 'b'], ['1', '2'], ['3', null]);
  f('a,b\n"x, ""y""\nz",', ['a', 'b'], ['x, "y"\nz', '']);
  f('"a","b"\n"",\n', ['a', 'b'], ['', '']);
  f('이름\n값 ', ['이름'], ['값 ']);

  const refused = (text: string, message: string): void =>
    void it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseCsvTable(text), { code: 'LOOKUP_TABLE_INVALID', message });
    });
  refused('', 'Line 1 of the table must name the columns');
  refused('a,a\n', 'Line 1 of the table names the column "a" twice');
  refused('a,,b\n', 'Line 1 of the table has no name for column 2');
  refused('a\n"x\ny"\n1,2\n', 'Line 4 of the table has 2 values for 1 columns');
  refused('a\n"open', 'Line 2 of the table opens a quote that is never closed');
  refused('a\n"x"y', 'Line 2 of the table has text behind a closing quote');

  it('reads what formatCsv() writes', () => {
    const cell = fc.string({ unit: fc.constantFrom(...'a,"\n\r 한') });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell)), (rows) => {
        const text = formatCsv([['a', 'b'], ...rows]);
        assert.deepEqual(parseCsvTable(text).rows, rows);
      }),
    );
  });
});

describe('openLookupTables()', () => {
  let dataDir: string;
  let state: StateStore;
  const clock = new ManualClock(1_000_000);
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'nunchi-lookup-'));
    state = await openStateStore({ dataDir });
  });
  after(async () => {
    await state[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true });
  });
  const open = () => openLookupTables({ state, clock });

  it('keeps tables across restarts, changes and deletes them', async () => {
    const first = await open();
    await first.create({ name: 'users', description: 'people', csv: 'id,name\n1,kim\n1,lee\n' });
    await first.create({ name: 'apps', csv: 'app\nweb\n' });
    const tables = await open();
    assert.deepEqual(
      tables
        .list()
        .map(({ name, columns, records, sizeBytes }) => [name, columns, records, sizeBytes]),
      [
        ['apps', ['app'], 1, 8],
        ['users', ['id', 'name'], 2, 20],
      ],
    );
    const request = { table: 'users', keys: ['id'], outputs: ['name', 'id'] };
    assert.deepEqual(await tables.rows(request), [['1', 'kim', '1']]);
    await tables.update('users', { csv: 'name,id\npark,2\nsong\n' });
    assert.deepEqual(await tables.rows(request), [['2', 'park', '2']]);
    assert.equal(tables.get('users')?.description, 'people');
    assert.equal(await (await open()).csv('users'), 'name,id\npark,2\nsong\n');
    assert.equal(await tables.delete('users'), true);
    assert.equal(await tables.delete('users'), false);
    assert.deepEqual(
      (await open()).list().map((one) => one.name),
      ['apps'],
    );
    assert.equal((await state.collection('lookup-table-pieces').list()).length, 1);
    await assert.rejects(tables.rows(request), { code: 'LOOKUP_TABLE_NOT_FOUND' });
  });

  it('takes a table of 10 MB that does not compress', async () => {
    const tables = await open();
    const body = randomBytes(5 * 1024 * 1024 - 10).toString('hex');
    const csv = `k,v\nx,${body}\n`;
    await tables.create({ name: 'large', csv });
    assert.equal(await (await open()).csv('large'), csv);
    await assert.rejects(tables.create({ name: 'larger', csv: `k\n${body}${'x'.repeat(100)}` }), {
      code: 'LOOKUP_TABLE_INVALID',
    });
    await tables.delete('large');
  });

  it('refuses names, doubles and a table too many', async () => {
    const tables = await open();
    const codeOf = (name: string, csv = 'a\n1') =>
      tables.create({ name, csv }).then(
        () => 'created',
        (error: unknown) => (isAppError(error) ? error.code : String(error)),
      );
    assert.equal(await codeOf('a-b'), 'LOOKUP_TABLE_INVALID');
    assert.equal(await codeOf(''), 'LOOKUP_TABLE_INVALID');
    assert.equal(await codeOf('t', ''), 'LOOKUP_TABLE_INVALID');
    const codes = await Promise.all([codeOf('one'), codeOf('one')]);
    assert.deepEqual(codes, ['created', 'LOOKUP_TABLE_EXISTS']);
    for (let i = tables.list().length; i < 100; i++) assert.equal(await codeOf(`t${i}`), 'created');
    assert.equal(await codeOf('more'), 'LOOKUP_TABLE_LIMIT');
  });
});
