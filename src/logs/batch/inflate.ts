import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';

const inflate = promisify(zstdDecompress);

const magic = 0xfd2fb528;
/** Bytes of the content's size by the two highest bits of the frame's descriptor. */
const sizeBytes = [0, 2, 4, 8] as const;
const dictionaryIdBytes = [0, 1, 2, 4] as const;
/** What a frame that does not tell its size is given room for at a time. */
const usualChunkBytes = 256 * 1024;
/** No memory for the asking: who claims more than this gets it as it proves true. */
const maxBelievedRatio = 64;
/** The least that zlib takes. */
const minChunkBytes = 64;

/**
 * Decompresses a batch into one buffer, in one turn of the thread pool, where the frame tells how
 * large it is: the default makes a turn and a buffer of every 16 KiB, and joins them.
 * @throws an error of zlib where it is no zstd frame or holds more than `maxBytes`
 */
export async function inflateBatch(compressed: Uint8Array, maxBytes: number): Promise<Buffer> {
  const told = contentBytes(compressed) ?? usualChunkBytes;
  const believed = Math.max(usualChunkBytes, compressed.length * maxBelievedRatio);
  // One more than it holds: the decompressor then sees that there is room left, and is done.
  const chunkSize = Math.max(minChunkBytes, Math.min(told + 1, believed, maxBytes));
  return await inflate(compressed, { maxOutputLength: maxBytes, chunkSize });
}

/**
 * What the head of a zstd frame says of its size (RFC 8878, 3.1.1.1); undefined where it says
 * nothing. A claim, not a fact.
 */
export function contentBytes(frame: Uint8Array): number | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (frame.length < 5 || view.getUint32(0, true) !== magic) return undefined;
  const descriptor = frame[4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const flag = descriptor >>> 6;
  const bytes = flag === 0 && isSingleSegment ? 1 : sizeBytes[flag]!;
  const at = 5 + (isSingleSegment ? 0 : 1) + dictionaryIdBytes[descriptor & 3]!;
  if (bytes === 0 || at + bytes > frame.length) return undefined;
  switch (bytes) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}
