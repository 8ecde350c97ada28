import assert from 'node:assert/strict';
import { it } from 'node:test';
import { seriesTokens } from './colors.ts';
import { seriesStats, stack } from './series-stats.ts';

it('seriesStats() leaves gaps out', () => {
  assert.deepEqual(seriesStats([1, null, 3, null]), { last: 3, min: 1, mean: 2, max: 3, sum: 4 });
  assert.deepEqual(seriesStats([null]), { last: null, min: null, mean: null, max: null, sum: 0 });
});

it('stack() sums upward', () => {
  assert.deepEqual(
    stack([
      [1, 2],
      [10, null],
      [100, 200],
    ]),
    [
      [1, 2],
      [11, 2],
      [111, 202],
    ],
  );
});

it('seriesTokens() keeps a value its colour and gives no colour twice', () => {
  const names = Array.from({ length: 12 }, (_, i) => `pod-${i}`);
  assert.equal(new Set(seriesTokens(names)).size, 12);
  assert.equal(seriesTokens(['pod-3'])[0], seriesTokens(['pod-3', 'other'])[0]);
});
