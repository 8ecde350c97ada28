import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkQuery } from '../../../../src/logs/insights/compile.ts';
import { levelQuery, splitByLevel } from './level-split.ts';
import { patternQuery, patternRegex, withPattern } from './pattern-query.ts';

describe('patterns of messages', () => {
  it('are asked for among the events that the query chooses', () => {
    assert.equal(
      patternQuery('filter a = 1 | stats count(*) by b'),
      'filter a = 1\n| pattern @message\n| display @pattern, @sampleCount, @ratio, @severityLabel, @slices\n| limit 500',
    );
  });

  const matches = (pattern: string, message: string, want = true): void => {
    it(`${pattern} ${want ? 'finds' : 'leaves'} ${message}`, () => {
      assert.equal(new RegExp(patternRegex(pattern)).test(message), want);
    });
  };
  matches(
    '<IP-1> - - [<Date-2>] "GET /a HTTP/<Number-3>"',
    '10.0.0.1:80 - - [2026-11-24T09:12:33.120Z] "GET /a HTTP/1.1"',
  );
  matches('user <UUID-1> (a|b)*', 'user 0a1b2c3d-0000-4000-8000-0a1b2c3d0000 (a|b)*');
  matches('user <Number-1> failed', 'user 17 failed again', false);
  matches('first\nat <Token-1>', 'first\nat frame12');

  it('cuts a long one where it is still an expression', () => {
    for (let length = 590; length < 610; length++) {
      new RegExp(patternRegex(`${'x'.repeat(length)}(((((((<Number-1>`));
    }
  });

  it('stand before what sums up', () => {
    assert.equal(
      withPattern('stats count(*) by b', 'took <Number-1> ms', 'out'),
      'filter @message not like /^took [0-9.]+ ms$/\n| stats count(*) by b',
    );
  });
});

describe('a histogram by level', () => {
  const table = (rows: readonly (readonly [number, string | null, number])[]) => ({
    columns: ['at', 'nunchi_level', 'events'].map((name) => ({
      name,
      kind: 'string' as const,
      isTimeBin: false,
      isAggregate: false,
    })),
    data: [0, 1, 2].map((column) => rows.map((row) => row[column] ?? null)),
    pointers: undefined,
    rowCount: rows.length,
  });
  const histogram = { fromMs: 1000, binMs: 10, counts: [5, 2] };

  it('puts together what is written in different ways', () => {
    const rows = [
      [1000, ' ERROR ', 1],
      [1000, '"level":"error', 2],
      [1000, null, 2],
      [1010, 'level=warn', 1],
    ] as const;
    assert.deepEqual(splitByLevel(table(rows), histogram), {
      error: [3, 0],
      warn: [0, 1],
      other: [2, 1],
    });
  });

  it('is none where it counts other events', () => {
    assert.equal(splitByLevel(table([[1000, ' ERROR ', 6]]), histogram), undefined);
  });

  for (const [binMs, period] of [
    [1, '1ms'],
    [500, '500ms'],
    [30_000, '30s'],
    [120_000, '2m'],
    [43_200_000, '12h'],
    [604_800_000, '1d'],
  ] as const) {
    it(`is asked for in bins of ${period}, which the checker takes as they are`, () => {
      const text = levelQuery('filter a = 1 | limit 5', binMs);
      assert.match(text, /^filter a = 1\n\| fields substr/);
      assert.ok(text.includes(`bin(${period})`));
      assert.deepEqual(checkQuery(text), []);
    });
  }
});
