import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { decodeDelta, encodeDelta } from './delta.ts';

const integer = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.integer({ min: 0, max: 2 ** 40 }),
  fc.maxSafeInteger().map((value) => Math.abs(Math.trunc(value / 4))),
);

it('encodeDelta() gives bytes from which decodeDelta() makes the same numbers', () => {
  fc.assert(
    fc.property(fc.array(integer, { maxLength: 400 }), (values) => {
      const column = Float64Array.from(values);
      const encoded = encodeDelta(column, column.length);
      if (encoded === undefined) return;
      const decoded = new Float64Array(column.length);
      decodeDelta(encoded, decoded);
      assert.deepEqual(decoded, column);
    }),
  );
});

it('encodeDelta() takes a constant column and a steady one to almost nothing', () => {
  const steady = Float64Array.from({ length: 10_000 }, (_, i) => 1.7e12 + i * 250);
  assert.ok(encodeDelta(steady, steady.length)!.length < 1000);
  const constant = new Float64Array(10_000).fill(1.7e12);
  assert.ok(encodeDelta(constant, constant.length)!.length < 1000);
});

it('decodeDelta() refuses bytes that end early', () => {
  const column = Float64Array.from({ length: 300 }, (_, i) => i * i);
  const encoded = encodeDelta(column, column.length)!;
  for (let length = 0; length < encoded.length / 2; length += 7) {
    assert.throws(() => decodeDelta(encoded.subarray(0, length), new Float64Array(300)), {
      code: 'SEGMENT_DAMAGED',
    });
  }
});
