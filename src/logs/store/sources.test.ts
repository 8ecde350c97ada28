import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { BatchNumbers } from './sources.ts';

it('BatchNumbers has exactly the numbers that were added, through a restart too', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (added) => {
      const numbers = new BatchNumbers([], 0);
      for (const number of added) numbers.add(number);
      const again = new BatchNumbers(numbers.ranges, 0);
      for (let number = 0; number <= 61; number++) {
        assert.equal(again.has(number), added.includes(number), `${number}`);
      }
    }),
  );
});

it('BatchNumbers.upTo ends at the first gap', () => {
  const numbers = new BatchNumbers([], 0);
  assert.equal(numbers.upTo, 0);
  for (const number of [1, 2, 4]) numbers.add(number);
  assert.equal(numbers.upTo, 2);
  numbers.add(3);
  assert.equal(numbers.upTo, 4);
});
