import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Column } from './series-model.ts';
import { type Stackable, stacked } from './stacks.ts';

const one = (
  values: Column,
  stacking: Stackable['stacking'] = 'normal',
  group = 'A',
): Stackable => ({
  values,
  stacking,
  group,
});

describe('stacks', () => {
  const f = (name: string, series: readonly Stackable[], want: readonly Column[]): void =>
    void it(name, () => assert.deepEqual(stacked(series).columns, want));
  f(
    'add up from below',
    [one([1, 2]), one([3, 4])],
    [
      [1, 2],
      [4, 6],
    ],
  );
  f('leave out what is not stacked', [one([1]), one([9], 'none'), one([2])], [[1], [9], [3]]);
  f('stand apart by group', [one([1]), one([2], 'normal', 'B')], [[1], [2]]);
  f(
    'go down below zero, apart from those above',
    [one([5]), one([-1]), one([-2])],
    [[5], [-1], [-3]],
  );
  f(
    'keep gaps, which add nothing',
    [one([1, 1]), one([null, 2]), one([3, 3])],
    [
      [1, 1],
      [null, 3],
      [4, 6],
    ],
  );
  f(
    'are shares of each moment',
    [one([1, 0], 'percent'), one([3, 0], 'percent')],
    [
      [0.25, 0],
      [1, 0],
    ],
  );
  it('stand on a baseline where the series below has gaps', () => {
    const { bands, baselines } = stacked([one([1, null]), one([2, 2]), one([3, 3])]);
    assert.deepEqual(bands, [
      { upper: 1, lower: 3, down: false },
      { upper: 2, lower: 4, down: false },
    ]);
    assert.deepEqual(baselines, [
      { under: 1, column: [1, 0] },
      { under: 2, column: [3, 2] },
    ]);
  });
  it('fill between neighbours', () => {
    const { bands } = stacked([one([1]), one([2]), one([-1]), one([3]), one([-2])]);
    assert.deepEqual(bands, [
      { upper: 1, lower: 0, down: false },
      { upper: 3, lower: 1, down: false },
      { upper: 4, lower: 2, down: true },
    ]);
  });
});
