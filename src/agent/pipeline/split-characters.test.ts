import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { decodeKeepingBytes, joinSplitCharacters } from './split-characters.ts';

const decode = (bytes: Buffer): string => decodeKeepingBytes(bytes, 0, bytes.length);

it('joinSplitCharacters() gives the text of the whole, wherever it was split', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      ),
      fc.array(fc.nat({ max: 40 }), { maxLength: 4 }),
      (whole, cuts) => {
        const ends = [...cuts.map((cut) => Math.min(cut, whole.length)), whole.length].sort(
          (a, b) => a - b,
        );
        let at = 0;
        const pieces = ends.map((end) => {
          const piece = decode(whole.subarray(at, end));
          at = end;
          return piece;
        });
        // As the state of an open group is kept.
        const kept = JSON.parse(JSON.stringify(pieces)) as string[];
        assert.equal(joinSplitCharacters(kept.join('')), whole.toString('utf8'));
      },
    ),
  );
});
