import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type FloatHistogram, isStaleAt, setStaleAt, wordsOf } from '#metrics/model';
import { ByteReader, ByteWriter } from './bytes.ts';
import { ChunkShape, decodeFloats, encodeFloats, newTarget } from './chunk.ts';
import { decodeHistograms, encodeHistograms } from './histograms.ts';
import { encodeInts, maxInt } from './ints.ts';
import { decodeInts } from './read-ints.ts';
import { risingShape, unknownShape } from './values.ts';

const int = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.double({ min: -maxInt, max: maxInt, noNaN: true }).map((value) => Math.round(value) + 0),
);
const value = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: -100_000, max: 100_000 }).map((n) => n / 100),
  fc.double({ min: 0, max: 1 }),
  fc.double(),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324),
  fc.constantFrom(1e300, 2 ** 53, -(2 ** 63), 0.1 + 0.2, 1 / 3, 1e15 + 0.5, 0.07, 4.2831e-5),
);
/** Shapes that real metrics have, and all others. */
const shape = fc.oneof(
  fc.array(value, { minLength: 1, maxLength: 300 }),
  fc
    .tuple(
      fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 300 }),
      fc.integer(),
      fc.constantFrom(1, 10, 1000),
    )
    .map(([steps, start, divisor]) => {
      let sum = start;
      return steps.map((step) => {
        sum = step > 990 ? step : sum + step;
        return sum / divisor;
      });
    }),
  fc
    .tuple(fc.double({ noNaN: true }), fc.integer({ min: 1, max: 300 }))
    .map(([constant, n]) => new Array<number>(n).fill(constant)),
);

export const wordsEqual = (a: Float64Array, b: Float64Array, count: number): void => {
  assert.deepEqual([...wordsOf(a).subarray(0, count * 2)], [...wordsOf(b).subarray(0, count * 2)]);
};

/** What a chunk says of its values holds. */
function checkShape({ values: shape }: ChunkShape, values: Float64Array): void {
  if (shape === unknownShape) return;
  assert.ok(!values.some(Number.isNaN));
  if (shape !== risingShape) return;
  for (let at = 1; at < values.length; at++) assert.ok(values[at]! >= values[at - 1]!);
}

describe('codec', () => {
  it('integers come back', () => {
    fc.assert(
      fc.property(fc.array(int, { minLength: 1, maxLength: 300 }), (numbers) => {
        const out = new ByteWriter(8);
        const ints = Float64Array.from(numbers, (n) => n + 0);
        encodeInts(out, ints, numbers.length);
        const back = new Float64Array(numbers.length + 1);
        const reader = new ByteReader(out.written());
        decodeInts(reader, numbers.length, back, 1, 1);
        assert.deepEqual([...back.subarray(1)], [...ints]);
        assert.equal(reader.at, out.at);
      }),
    );
  });

  it('floats come back to the bit, with their times and start times', () => {
    const interval = fc.oneof(fc.constant(15_000), fc.integer({ min: 1, max: 10 ** 9 }));
    fc.assert(
      fc.property(
        shape,
        fc.array(interval),
        fc.boolean(),
        fc.nat(),
        (numbers, gaps, hasStarts, stale) => {
          const count = numbers.length;
          const values = Float64Array.from(numbers);
          if (stale % 3 === 0) setStaleAt(wordsOf(values), stale % count);
          let time = -(10 ** 6);
          const times = Float64Array.from(numbers, (_, at) => {
            time += gaps[at % Math.max(1, gaps.length)] ?? 15_000;
            return time;
          });
          const starts = hasStarts
            ? times.map((each, at) => (at % 7 === 0 ? 0 : each - 5))
            : undefined;
          const out = new ByteWriter(8);
          encodeFloats(out, times, values, starts, count);
          const target = newTarget(count + 2);
          const reader = new ByteReader(out.written());
          const shape = new ChunkShape();
          decodeFloats(reader, count, target, 2, shape);
          assert.equal(reader.at, out.at);
          if (shape.intervalMs > 0) {
            for (let at = 0; at < count; at++) {
              target.timesMs[2 + at] = shape.firstMs + at * shape.intervalMs;
            }
          }
          checkShape(shape, target.values.subarray(2, 2 + count));
          assert.deepEqual([...target.timesMs.subarray(2)], [...times]);
          wordsEqual(target.values.slice(2), values, count);
          if (stale % 3 === 0) assert.ok(isStaleAt(target.words, 2 + (stale % count)));
          if (starts === undefined) assert.equal(target.startTimesMs, undefined);
          else assert.deepEqual([...target.startTimesMs!.subarray(2)], [...starts]);
        },
      ),
      { numRuns: 500 },
    );
  });

  const sizes: [string, (at: number) => number, number][] = [
    ['a constant', () => 0.25, 30],
    ['an even counter', (at) => 17 + at * 3, 30],
    ['a counter with small steps', (at) => at * 20 + ((at * 7919) % 13), 160],
    ['a counter that is reset now and then', (at) => ((at * 5) % 310) + ((at * 7919) % 2), 90],
    ['a gauge of two decimals', (at) => ((at * 7919) % 200) / 100, 270],
  ];
  for (const [name, at, maxBytes] of sizes) {
    it(`${name}: 240 samples in at most ${maxBytes} bytes`, () => {
      const out = new ByteWriter();
      const times = Float64Array.from({ length: 240 }, (_, i) => 1.7e12 + i * 15_000);
      encodeFloats(
        out,
        times,
        Float64Array.from({ length: 240 }, (_, i) => at(i)),
        undefined,
        240,
      );
      assert.ok(out.at <= maxBytes, `${out.at} bytes`);
    });
  }

  it('histograms come back', () => {
    const buckets = fc.array(fc.oneof(fc.nat(1000), fc.double({ noNaN: true, min: 0, max: 1e6 })), {
      maxLength: 6,
    });
    const histogram = fc.record(
      {
        schema: fc.constantFrom(0, 3, -4, -53),
        zeroThreshold: fc.constantFrom(0, 1e-128),
        zeroCount: fc.nat(5),
        count: fc.nat(),
        sum: fc.double(),
        positiveSpans: fc.array(
          fc.record(
            { offset: fc.integer({ min: -9, max: 9 }), length: fc.nat(4) },
            { noNullPrototype: true },
          ),
          { maxLength: 2 },
        ),
        positiveBuckets: buckets,
        negativeSpans: fc.constant([]),
        negativeBuckets: buckets,
        customValues: fc.array(fc.double(), { maxLength: 3 }),
        counterResetHint: fc.constantFrom('unknown' as const, 'reset' as const, 'gauge' as const),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(
        fc.array(histogram, { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        (some, double) => {
          const list: FloatHistogram[] = double ? some.flatMap((one) => [one, { ...one }]) : some;
          const times = Float64Array.from(list, (_, at) => at * 1000);
          const out = new ByteWriter();
          encodeHistograms(out, times, list, undefined, list.length);
          const back: FloatHistogram[] = [];
          const reader = new ByteReader(out.written());
          decodeHistograms(
            reader,
            list.length,
            new Float64Array(list.length),
            () => new Float64Array(list.length),
            0,
            (_, each) => back.push(each),
          );
          assert.deepEqual(back, list);
          assert.equal(reader.at, out.at);
        },
      ),
    );
  });
});
