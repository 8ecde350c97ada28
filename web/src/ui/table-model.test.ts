import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareCells, csvOf, parseSort, sortRows, sortText } from './table-model.ts';

describe('tables', () => {
  it('sort naturally and put what is absent last, both ways', () => {
    const rows = ['pod-10', 'pod-2', null, 'pod-1'];
    assert.deepEqual(
      sortRows(rows, (row) => row, false),
      ['pod-1', 'pod-2', 'pod-10', null],
    );
    assert.deepEqual(
      sortRows(rows, (row) => row, true),
      ['pod-10', 'pod-2', 'pod-1', null],
    );
    assert.ok(compareCells(9, 10, false) < 0);
    assert.ok(compareCells(9, 'a', false) < 0);
  });
  it('keep the sort in a link', () => {
    for (const text of ['name', '-bytes']) assert.equal(sortText(parseSort(text)), text);
    assert.equal(parseSort(''), undefined);
  });
  it('write CSV that survives commas, quotes, lines and spreadsheets', () => {
    assert.equal(
      csvOf(
        ['a', 'b'],
        [
          ['x,y', 'say "hi"'],
          ['two\nlines', -5],
          ['=1+1', undefined],
        ],
      ),
      'a,b\r\n"x,y","say ""hi"""\r\n"two\nlines",-5\r\n\'=1+1,',
    );
  });
});
