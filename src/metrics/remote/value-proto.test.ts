import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeXorChunk } from '#metrics/chunks';
import { type FloatHistogram, labelsOfRecord } from '#metrics/model';
import { encodeWriteV1, encodeWriteV2 } from './encode.ts';

/** A marker of staleness that lost its signalling bit in a JavaScript number. */
const quiet = new Float64Array(new BigUint64Array([0x7ff8_0000_0000_0002n]).buffer);
const marker = '020000000000f07f';
const ordinary = '010000000000f87f';

const histogram: FloatHistogram = {
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: quiet[0]!,
  positiveSpans: [],
  positiveBuckets: [],
  negativeSpans: [],
  negativeBuckets: [],
  customValues: [],
  counterResetHint: 'unknown',
};

describe('markers of staleness leave with their own bits', () => {
  const labels = labelsOfRecord({ __name__: 'gone' });
  for (const [name, encode] of [
    ['1.0', encodeWriteV1],
    ['2.0', encodeWriteV2],
  ] as const) {
    const hexOf = (value: number): string =>
      encode([{ labels, samples: [{ timeMs: 1, value }] }]).toString('hex');
    it(`in remote write ${name}`, () => {
      assert.ok(hexOf(quiet[0]!).includes(marker));
      assert.ok(hexOf(Number.NaN).includes(ordinary));
      const sample = { timeMs: 1, value: 0, histogram };
      assert.ok(
        encode([{ labels, samples: [sample] }])
          .toString('hex')
          .includes(marker),
      );
    });
  }

  it('in chunks of remote read', () => {
    // Two bytes of length, one of time, then the value, highest byte first.
    const chunk = encodeXorChunk(Float64Array.of(1), quiet, 0, 1);
    assert.equal(chunk.subarray(3, 11).toString('hex'), '7ff0000000000002');
  });
});
