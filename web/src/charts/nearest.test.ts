import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearestSeries, rowsNear } from './nearest.ts';

describe('nearestSeries()', () => {
  const lines = [[1], [5], [null], [9]];
  const f = (name: string, value: number, want: number): void =>
    void it(name, () => assert.equal(nearestSeries(lines, 0, value, false), want));
  f('finds the line below', 2, 0);
  f('finds the line above', 8, 3);
  f('finds the line between', 5.5, 1);
  it('leaves gaps out', () => assert.equal(nearestSeries([[null]], 0, 1, false), -1));
  it('finds the area of a stack that holds the pointer', () => {
    const sums = [[1], [5], [9]];
    assert.equal(nearestSeries(sums, 0, 0.5, true), 0);
    assert.equal(nearestSeries(sums, 0, 2, true), 1);
    assert.equal(nearestSeries(sums, 0, 8.9, true), 2);
    assert.equal(nearestSeries(sums, 0, 20, true), 2);
  });
});

it('rowsNear() keeps those around the pointer, largest first', () => {
  const rows = Array.from({ length: 30 }, (_, value) => ({ value }));
  const near = rowsNear(rows, 20).map((row) => row.value);
  assert.equal(near.length, 12);
  assert.ok(near.includes(20) && near.includes(15) && !near.includes(2));
  assert.deepEqual(
    near,
    near.toSorted((a, b) => b - a),
  );
  assert.deepEqual(
    rowsNear(rows.slice(0, 3), 1).map((row) => row.value),
    [2, 1, 0],
  );
});
