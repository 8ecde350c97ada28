import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decadeTicks, thinned, tickSteps } from './ticks.ts';

describe('ticks', () => {
  it('of bytes stand at powers of two, of time where people count', () => {
    assert.ok(tickSteps('bytes')?.includes(256 * 1024));
    assert.equal(tickSteps('bytes')?.includes(1_000_000), false);
    assert.ok(
      [0.005, 15, 300, 21_600, 86_400].every((step) => tickSteps('seconds')?.includes(step)),
    );
    for (const unit of ['bytes', 'seconds'] as const) {
      const steps = tickSteps(unit) ?? [];
      assert.deepEqual(
        steps,
        steps.toSorted((a, b) => a - b),
      );
      assert.equal(new Set(steps).size, steps.length);
    }
    assert.equal(tickSteps('plain'), undefined);
  });
  it('of a logarithmic axis are as many as fit', () => {
    assert.deepEqual(decadeTicks(0.1, 3, 10), [0.1, 0.2, 0.5, 1, 2]);
    assert.deepEqual(decadeTicks(0.001, 10, 6), [0.001, 0.01, 0.1, 1, 10]);
    assert.ok(decadeTicks(1e-9, 1e9, 5).length <= 5);
  });
  it('too close are left out', () => {
    assert.deepEqual(
      thinned([1, 2, 3, 10], (value) => value, 2),
      [1, 3, 10],
    );
  });
});
