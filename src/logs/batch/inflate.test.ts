import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constants, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { contentBytes, inflateBatch } from './index.ts';

const maxBytes = 1024 * 1024;

describe('inflateBatch', () => {
  for (const bytes of [0, 1, 255, 256, 300, 65_535, 65_791, 65_792, 700_000, maxBytes]) {
    it(`gives ${bytes} bytes back, of which the frame tells`, async () => {
      const plain = Buffer.alloc(bytes, 'log line ');
      const compressed = zstdCompressSync(plain);
      assert.equal(contentBytes(compressed), bytes);
      assert.deepEqual(await inflateBatch(compressed, maxBytes), plain);
    });
  }

  it('gives any content back, whatever the frame says of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 2000 }),
        fc.boolean(),
        async (content, isSized) => {
          const contentSizeFlag = isSized ? 1 : 0;
          const compressed = zstdCompressSync(content, {
            params: { [constants.ZSTD_c_contentSizeFlag]: contentSizeFlag },
          });
          assert.equal(contentBytes(compressed), isSized ? content.length : undefined);
          assert.deepEqual(await inflateBatch(compressed, maxBytes), Buffer.from(content));
        },
      ),
    );
  });

  it('refuses more than it may hold, also when the frame claims less', async () => {
    const compressed = zstdCompressSync(Buffer.alloc(maxBytes + 1));
    await assert.rejects(inflateBatch(compressed, maxBytes), { code: 'ERR_BUFFER_TOO_LARGE' });
    const unsized = zstdCompressSync(Buffer.alloc(maxBytes * 4), {
      params: { [constants.ZSTD_c_contentSizeFlag]: 0 },
    });
    await assert.rejects(inflateBatch(unsized, maxBytes), { code: 'ERR_BUFFER_TOO_LARGE' });
  });

  it('refuses what is no frame, a torn one, and a claim that is not true', async () => {
    const sound = zstdCompressSync(Buffer.alloc(70_000, 'x'));
    const claim = Buffer.from(sound);
    claim.writeUInt32LE(0xffffffff, 5);
    for (const bytes of [Buffer.alloc(0), Buffer.from('text'), sound.subarray(0, 9), claim]) {
      await assert.rejects(inflateBatch(bytes, maxBytes));
    }
  });
});
