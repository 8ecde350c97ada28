import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type FloatHistogram, SampleColumns, setStaleAt, wordsOf } from '#metrics/model';
import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.ts';
import {
  chunkEncodings,
  decodeChunk,
  encodeFloatHistogramChunk,
  encodeXorChunk,
  fitsChunk,
} from './index.ts';
import { readVarbitInt, readVarbitUint, writeVarbitInt, writeVarbitUint } from './varbit.ts';

const anyFloat = fc.double();

/** Layouts and, of each, the values of some samples. */
const histograms = fc
  .record({
    schema: fc.constantFrom(-53, -4, 0, 3, 8),
    zeroThreshold: fc.constantFrom(0, 1, 2 ** -128, 0.5, 1e-128, 0.001, 2 ** 12, 2 ** -245),
    positiveSpans: fc.array(
      fc.record(
        { offset: fc.integer({ min: -300, max: 300 }), length: fc.nat(4) },
        { noNullPrototype: true },
      ),
      { maxLength: 3 },
    ),
    bounds: fc.array(fc.constantFrom(0.005, 0.1, 1, 2.5, 33_554.43, 33_554.431, -1, 1e300, 1 / 3), {
      maxLength: 4,
    }),
    isGauge: fc.boolean(),
    hint: fc.constantFrom('unknown' as const, 'reset' as const),
    samples: fc.array(fc.tuple(fc.integer({ min: 1, max: 2 ** 40 }), fc.infiniteStream(anyFloat)), {
      minLength: 1,
      maxLength: 30,
    }),
  })
  .map(({ bounds, isGauge, hint, samples, ...layout }) => {
    let timeMs = 1_700_000_000_000;
    const customValues = layout.schema === -53 ? bounds : [];
    const buckets = layout.positiveSpans.reduce((sum, { length }) => sum + length, 0);
    return samples.map(([stepMs, values], at) => {
      const value = (): number => values.next().value;
      const histogram: FloatHistogram = {
        ...layout,
        customValues,
        negativeSpans: [],
        negativeBuckets: [],
        count: value(),
        zeroCount: value(),
        sum: at === samples.length - 1 ? 1.5 : value(),
        positiveBuckets: Array.from({ length: buckets }, value),
        counterResetHint: isGauge ? 'gauge' : at === 0 ? hint : 'notReset',
      };
      timeMs += stepMs;
      return { timeMs, histogram };
    });
  });

describe('chunks', () => {
  it('numbers of any width come back', () => {
    const whole = fc.oneof(
      fc.integer({ min: -70, max: 70 }),
      fc.maxSafeInteger(),
      fc.constantFrom(4, -3, 5, -4, 2 ** 17, 2 ** 17 + 1, 2 ** 52, -(2 ** 52), 2 ** 60, -(2 ** 62)),
    );
    fc.assert(
      fc.property(fc.array(whole), (numbers) => {
        const writer = new BitWriter();
        for (const number of numbers) {
          writeVarbitInt(writer, number);
          writeVarbitUint(writer, Math.abs(number));
        }
        const reader = new BitReader(writer.take(), 0);
        for (const number of numbers) {
          assert.equal(readVarbitInt(reader), number);
          assert.equal(readVarbitUint(reader), Math.abs(number));
        }
        assert.equal(reader.isPastEnd, false);
      }),
    );
  });

  it('float histograms come back, and a piece of their bytes is told to be one', () => {
    fc.assert(
      fc.property(histograms, fc.nat(), (samples, cut) => {
        for (const [at, { histogram }] of samples.entries()) {
          if (at > 0) assert.ok(fitsChunk(samples[at - 1]!.histogram, histogram));
        }
        const chunk = encodeFloatHistogramChunk(
          samples.map(({ timeMs }) => timeMs),
          samples.map(({ histogram }) => histogram),
        );
        const columns = new SampleColumns();
        assert.equal(decodeChunk(chunkEncodings.floatHistogram, chunk, columns), 'read');
        const read = Array.from({ length: columns.count }, (_, at) => ({
          timeMs: columns.timesMs[at],
          histogram: columns.histograms![at],
        }));
        assert.deepEqual(read, samples);
        const piece = chunk.subarray(0, cut % (chunk.length - 1));
        assert.equal(
          decodeChunk(chunkEncodings.floatHistogram, piece, new SampleColumns()),
          'damaged',
        );
      }),
    );
  });

  it('floats come back behind others, with the bits of a marker', () => {
    const timesMs = Float64Array.of(1000, 2000, 3500);
    const values = Float64Array.of(1.5, 0, -0);
    setStaleAt(wordsOf(values), 1);
    const chunk = encodeXorChunk(timesMs, values, 0, 3);
    const columns = new SampleColumns();
    assert.equal(decodeChunk(chunkEncodings.xor, chunk, columns), 'read');
    assert.equal(decodeChunk(chunkEncodings.xor, chunk, columns), 'read');
    assert.deepEqual(
      columns.timesMs.slice(0, columns.count),
      Float64Array.of(...timesMs, ...timesMs),
    );
    assert.deepEqual(
      new BigUint64Array(columns.values.slice(3, 6).buffer),
      new BigUint64Array(values.buffer),
    );
  });

  it('a kind that is not known is told', () => {
    assert.equal(decodeChunk(9, Buffer.alloc(8), new SampleColumns()), 'unknown');
    assert.equal(
      decodeChunk(chunkEncodings.histogram, Buffer.alloc(2), new SampleColumns()),
      'damaged',
    );
  });
});
