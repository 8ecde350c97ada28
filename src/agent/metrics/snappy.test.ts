import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { uncompressSync } from 'snappy';
import { compressSnappy } from './snappy.ts';

const roundTrip = (input: Buffer): Buffer =>
  uncompressSync(compressSnappy(input), { asBuffer: true }) as Buffer;

describe('compressSnappy()', () => {
  it('gives what the Snappy library reads', () => {
    // Few letters, so that there is something to find; sizes around the bounds of the format.
    const letters = fc.array(fc.constantFrom(97, 98, 99), { maxLength: 400 });
    const pieces = fc.array(
      fc.tuple(letters, fc.integer({ min: 0, max: 60 }), fc.uint8Array({ maxLength: 300 })),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const input = Buffer.concat(
          parts.flatMap(([text, times, noise]) => [
            ...new Array<Buffer>(times).fill(Buffer.from(text)),
            noise,
          ]),
        );
        assert.ok(roundTrip(input).equals(input));
      }),
      { numRuns: 200 },
    );
  });

  for (const bytes of [0, 1, 3, 4, 60, 61, 256, 257, 65_535, 65_536, 65_537, 200_000]) {
    it(`gives back ${bytes} bytes`, () => {
      const same = Buffer.alloc(bytes, 'ab');
      const mixed = Buffer.from(
        Array.from({ length: bytes }, (_, at) => (at * 2_654_435_761) >>> 11),
      );
      assert.ok(roundTrip(same).equals(same));
      assert.ok(roundTrip(mixed).equals(mixed));
      if (bytes > 1000) assert.ok(compressSnappy(same).length < bytes / 15);
    });
  }

  it('uses the buffer it is given', () => {
    const output = Buffer.alloc(4096);
    const packed = compressSnappy(Buffer.alloc(1000, 'x'), output);
    assert.equal(packed.buffer, output.buffer);
  });
});
