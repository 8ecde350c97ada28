import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { expandMacros } from './macros.ts';
import { splitSql } from './sql-text.ts';

const context = { fromMs: 1_767_225_600_000, toMs: 1_767_229_200_000, intervalMs: 15_000 };
const from = '2026-01-01T00:00:00.000Z';
const to = '2026-01-01T01:00:00.000Z';

describe('splitSql()', () => {
  const f = (sql: string, kinds: string): void =>
    void it(sql, () =>
      assert.equal(
        splitSql(sql)
          .map(({ kind }) => kind[0])
          .join(''),
        kinds,
      ),
    );
  f('select \'a\'\'b\' from "c""d"', 'clcn');
  f("select E'a\\'b', 'a\\'", 'clcl');
  f('a -- b\nc', 'ccc');
  f('a /* b /* c */ d */ e', 'ccc');
  f("select $$ ' $$, $t$ $$ $t$, x$y$z", 'clclc');

  it('gives the text back, piece by piece', () => {
    const part = fc.constantFrom(
      "'",
      '"',
      '$',
      '$a$',
      '--',
      '/*',
      '*/',
      '\n',
      '\\',
      'E',
      'x',
      ' ',
      ';',
      '__timeFrom()',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const sql = parts.join('');
        try {
          assert.equal(
            splitSql(sql)
              .map(({ text }) => text)
              .join(''),
            sql,
          );
        } catch (error) {
          assert.match((error as Error).message, /does not end/);
        }
      }),
    );
  });
});

describe('expandMacros()', () => {
  const f = (sql: string, text: string, parameters: readonly string[] = []): void =>
    void it(sql, () => {
      const found = expandMacros(sql, context);
      assert.equal(found.text, text);
      assert.deepEqual(found.parameters, parameters);
    });
  f('SELECT 1 WHERE $__timeFilter(t)', 'SELECT 1 WHERE t BETWEEN $1 AND $2', [from, to]);
  f(
    'SELECT 1 WHERE $__timeFilter(coalesce(a, b))',
    'SELECT 1 WHERE coalesce(a, b) BETWEEN $1 AND $2',
    [from, to],
  );
  f(
    "SELECT $__timeGroup(t, '5m'), 1 GROUP BY $__timeGroup(t, '5m')",
    'SELECT floor((extract(epoch from t))/$1::bigint)*$1::bigint, 1 GROUP BY floor((extract(epoch from t))/$1::bigint)*$1::bigint',
    ['300'],
  );
  f('SELECT $__unixEpochNanoFrom()', 'SELECT $1::bigint', ['1767225600000000000']);
  f("SELECT '$__interval', $__interval_ms, $__range_s", "SELECT '15s', 15000, 3600");
  f('SELECT \'$__timeFrom()\', "$__timeTo()"', 'SELECT \'$__timeFrom()\', "$__timeTo()"');
  f('SELECT 1 -- $__timeFilter(x)\n, 2', 'SELECT 1  \n, 2');
  f('SELECT 1;  ', 'SELECT 1');

  it('reads how times are filled', () => {
    const fill = (word: string) =>
      expandMacros(`SELECT $__timeGroup(t, 1m, ${word})`, context).fill;
    assert.deepEqual(fill('NULL'), { intervalMs: 60_000, value: 'null' });
    assert.deepEqual(fill('previous'), { intervalMs: 60_000, value: 'previous' });
    assert.deepEqual(fill('-1.5'), { intervalMs: 60_000, value: -1.5 });
  });

  const bad = (sql: string, pattern: RegExp): void =>
    void it(`refuses ${sql}`, () => assert.throws(() => expandMacros(sql, context), pattern));
  bad('SELECT 1; DROP TABLE a', /several statements/);
  bad('SELECT $$; $$; DROP TABLE a', /several statements/);
  bad('INSERT INTO a VALUES (1)', /"INSERT" does not only read/);
  bad('/* SELECT */ DELETE FROM a', /"DELETE" does not only read/);
  bad('EXPLAIN ANALYZE DELETE FROM a', /"EXPLAIN" does not only read/);
  bad("SELECT $__timeGroup(t, '0s')", /no interval/);
  bad("SELECT $__timeGroup(t, '5m', 'x')", /fills nothing/);
  bad('SELECT $__timeFilter()', /the column is missing/);
  bad('SELECT $__timeFrom(x)', /takes no argument/);
  bad('SELECT $__timeFilter', /needs parentheses/);
  bad('SELECT \ue0001\ue001', /means nothing/);
});
