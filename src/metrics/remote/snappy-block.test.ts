import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compressSync, uncompressSync } from 'snappy';
import { SnappyBlocks } from './snappy-block.ts';

/** Bytes that are packed with every kind of element: runs, near and far copies, short and long literals. */
const part = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.uint8Array({ minLength: 61, maxLength: 400 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 200 }))
    .map(([bytes, times]) => Buffer.concat(new Array<Uint8Array>(times).fill(bytes))),
);
const text = fc.array(part, { maxLength: 30 }).map((parts) => Buffer.concat([...parts, ...parts]));

describe('SnappyBlocks', () => {
  const blocks = new SnappyBlocks();

  it('unpacks what was packed', () => {
    fc.assert(
      fc.property(text, (bytes) => {
        assert.ok(blocks.unpack(compressSync(bytes)).equals(bytes));
      }),
      { numRuns: 300 },
    );
    const large = Buffer.alloc(3_000_000, 'some text that goes on; ');
    for (let at = 0; at < large.length; at += 70_001) large[at] = at;
    assert.ok(blocks.unpack(compressSync(large)).equals(large));
  });

  it('knows elements that writers do not use: literals of four length bytes, copies from far', () => {
    const literal = Buffer.concat([Buffer.from([252, 4, 0, 0, 0]), Buffer.from('abcde')]);
    const copy = Buffer.from([(3 << 2) | 3, 5, 0, 0, 0]);
    const packed = Buffer.concat([Buffer.from([9]), literal, copy]);
    assert.equal(blocks.unpack(packed).toString(), 'abcdeabcd');
  });

  it('refuses a head that does not end', () => {
    for (const bytes of [[], [0x80], [0x80, 0x80], [0x80, 0x80, 0x80, 0x80, 0x80]]) {
      assert.throws(() => blocks.unpack(Buffer.from(bytes)), { code: 'REMOTE_INVALID' });
    }
  });

  it('agrees with the library on what is damaged', () => {
    const damaged = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc.tuple(text, fc.nat(), fc.nat(255)).map(([bytes, at, value]) => {
        const packed = compressSync(bytes);
        packed[at % packed.length] = value;
        return packed;
      }),
      fc.tuple(text, fc.nat()).map(([bytes, at]) => {
        const packed = compressSync(bytes);
        return packed.subarray(0, at % (packed.length + 1));
      }),
    );
    fc.assert(
      fc.property(damaged, (packed) => {
        let wanted: Buffer | undefined;
        try {
          wanted = uncompressSync(packed, { asBuffer: true }) as Buffer;
        } catch {
          wanted = undefined;
        }
        if (packed.length > 0 && wanted !== undefined) {
          assert.ok(blocks.unpack(packed).equals(wanted));
        } else assert.throws(() => blocks.unpack(packed), { code: 'REMOTE_INVALID' });
      }),
      { numRuns: 1000 },
    );
  });
});
