/** The chunks of Prometheus, as its blocks, its log and remote read have them: bytes to samples and back. */
import type { SampleColumns } from '#metrics/model';
import { decodeFloatHistogramChunk, decodeHistogramChunk } from './histogram-decode.ts';
import { decodeXorChunk } from './xor-decode.ts';

export { crc32c } from './crc32c.ts';
export { encodeFloatHistogramChunk, fitsChunk } from './histogram-encode.ts';
export { encodeXorChunk, maxXorSamples } from './xor-encode.ts';

/** Kinds of chunks, as files and protocols number them. */
export const chunkEncodings = { xor: 1, histogram: 2, floatHistogram: 3 } as const;

/** `unknown`: a kind that is not known; `damaged`: it ends before its samples do. */
export type ChunkOutcome = 'read' | 'unknown' | 'damaged';

/** Appends the samples of a chunk of any known kind to `into`. */
export function decodeChunk(
  encoding: number,
  chunk: Uint8Array,
  into: SampleColumns,
): ChunkOutcome {
  const read = decoders[encoding];
  if (read === undefined) return 'unknown';
  return chunk.length >= 3 && read(chunk, into) ? 'read' : 'damaged';
}

const decoders: Readonly<Record<number, (chunk: Uint8Array, into: SampleColumns) => boolean>> = {
  [chunkEncodings.xor]: decodeXorChunk,
  [chunkEncodings.histogram]: decodeHistogramChunk,
  [chunkEncodings.floatHistogram]: decodeFloatHistogramChunk,
};
