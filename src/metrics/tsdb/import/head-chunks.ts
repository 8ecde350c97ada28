import { readFileSync } from 'node:fs';
import { crc32c } from '#metrics/chunks';
import { ByteReader } from '../codec/bytes.ts';

const magic = 0x0130bc91;
const fileHeaderBytes = 8;
const chunkHeaderBytes = 25;
const checksumBytes = 4;
/** Set in the kind of a chunk whose samples came late. */
const outOfOrderBit = 0x80;

export interface HeadChunk {
  readonly ref: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly encoding: number;
  readonly isOutOfOrder: boolean;
  readonly data: Uint8Array;
}

/**
 * The chunks of one file of `chunks_head`, in the order in which they were written.
 * Source: `tsdb/docs/format/head_chunks.md` of Prometheus.
 */
export function* headChunks(path: string): Generator<HeadChunk | { readonly problem: string }> {
  const bytes = readFileSync(path);
  // A file that was just begun may be empty.
  if (bytes.length < fileHeaderBytes) return;
  if (bytes.readUInt32BE(0) !== magic || bytes[4] !== 1) {
    yield { problem: 'it does not begin as head chunks of Prometheus do' };
    return;
  }
  const reader = new ByteReader(bytes);
  for (let at = fileHeaderBytes; at + chunkHeaderBytes <= bytes.length; ) {
    const ref = Number(bytes.readBigUInt64BE(at));
    const minTimeMs = Number(bytes.readBigInt64BE(at + 8));
    const maxTimeMs = Number(bytes.readBigInt64BE(at + 16));
    const kind = bytes[at + 24]!;
    // Files are made larger than what is written: the rest is zeros.
    if (ref === 0 && minTimeMs === 0 && maxTimeMs === 0 && kind === 0) return;
    reader.at = at + chunkHeaderBytes;
    const length = reader.uvarint();
    const end = reader.at + length;
    if (end + checksumBytes > bytes.length) {
      yield { problem: `a chunk at byte ${at} is cut off` };
      return;
    }
    if (crc32c(bytes.subarray(at, end)) !== bytes.readUInt32BE(end)) {
      yield { problem: `the checksum of a chunk at byte ${at} is wrong` };
      return;
    }
    yield {
      ref,
      minTimeMs,
      maxTimeMs,
      encoding: kind & ~outOfOrderBit,
      isOutOfOrder: (kind & outOfOrderBit) !== 0,
      data: bytes.subarray(reader.at, end),
    };
    at = end + checksumBytes;
  }
}
