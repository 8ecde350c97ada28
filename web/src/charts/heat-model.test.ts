import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cellAt, columnCount, heatLevel, heatLevels, heatModel, heatScale } from './heat-model.ts';

const cells = (...bounds: readonly number[]) =>
  bounds.slice(1).map((upper, at) => ({ lower: bounds[at] as number, upper, count: at + 1 }));

describe('heat map', () => {
  it('keeps cells by moment and leaves empty ones out', () => {
    const model = heatModel([0, 10], 10, [
      cells(0, 1, 2, 4),
      [{ lower: 0, upper: 1, count: 0 }, ...cells(1, 2)],
    ]);
    assert.deepEqual([...model.offsets], [0, 3, 4]);
    assert.deepEqual(model.bounds, [0, 1, 2, 4]);
    assert.equal(model.maxCount, 3);
    assert.equal(columnCount(model, 0), 6);
  });

  const f = (name: string, bounds: readonly number[], want: 'log' | 'linear'): void =>
    void it(name, () => {
      const model = heatModel([0], 10, [cells(...bounds)]);
      const scale = heatScale(model);
      assert.equal(scale.kind, want);
      // Every cell is found in its middle, also those without an end.
      for (let cell = 0; cell < model.counts.length; cell++) {
        const from = scale.placeOf(model.lower[cell] as number);
        const to = scale.placeOf(model.upper[cell] as number);
        assert.ok(from < to && from >= scale.min && to <= scale.max, `${from} to ${to}`);
        assert.equal(cellAt(model, scale, 0, (from + to) / 2), cell);
      }
    });
  f('of exponential buckets is logarithmic', [0, 0.005, 0.01, 0.025, 0.05, 0.1, 1], 'log');
  f('of a bucket around zero too', [-0.001, 0.001, 0.01, 0.1, 1], 'log');
  f('with an open end', [0, 1, 2, 4, 8, Number.POSITIVE_INFINITY], 'log');
  f('of equal buckets is linear', [0, 10, 20, 30, 40, 50], 'linear');
  f('of negative values is linear', [-100, -10, -1, 1, 10], 'linear');
  f('of one bucket stands', [0, Number.POSITIVE_INFINITY], 'linear');

  it('has a level for every count', () => {
    assert.equal(heatLevel(100, 100), heatLevels - 1);
    assert.equal(heatLevel(1e-9, 100), 0);
    assert.ok(heatLevel(25, 100) >= heatLevels / 2 - 1);
  });
});
