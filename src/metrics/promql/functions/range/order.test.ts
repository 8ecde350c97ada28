import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { quantileOfSorted, quantileOfUnsorted } from './order.ts';

it('quantileOfUnsorted() is quantileOfSorted() of the same numbers', () => {
  const number = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
  );
  fc.assert(
    fc.property(
      fc.array(number, { maxLength: 40 }),
      fc.integer({ min: 0, max: 3 }),
      fc.double({ min: -0.1, max: 1.1 }),
      (numbers, nans, q) => {
        const sorted = Float64Array.from(numbers).sort();
        const wanted = quantileOfSorted(q, sorted, sorted.length, nans);
        const actual = quantileOfUnsorted(q, Float64Array.from(numbers), numbers.length, nans);
        // Zeros of either sign are equal.
        assert.ok(Object.is(actual, wanted) || actual === wanted, `${actual}, not ${wanted}`);
      },
    ),
    { numRuns: 2_000 },
  );
});
