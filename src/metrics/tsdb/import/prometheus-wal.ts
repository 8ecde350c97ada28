import { readFileSync } from 'node:fs';
import { zstdDecompressSync } from 'node:zlib';
import { uncompressSync } from 'snappy';
import { crc32c } from '#metrics/chunks';

const pageBytes = 32 * 1024;
const headerBytes = 7;
/** Kinds of fragments, the low three bits of the first byte. */
const pageEnd = 0;
const full = 1;
const first = 2;
const middle = 3;
const last = 4;
const kindBits = 0b111;
const snappyBit = 0b1000;
const zstdBit = 0b1_0000;
/** A record is at most some thousand samples; a larger one is damage. */
const maxRecordBytes = 256 * 1024 * 1024;

/** What a record of a segment is, or why nothing more of the segment can be read. */
export type WalPart = { readonly record: Buffer } | { readonly problem: string };

/**
 * The records of one segment of a write-ahead log of Prometheus. A record that is not whole ends it:
 * the last one before the end of its process often is.
 * Source: `tsdb/docs/format/wal.md` of Prometheus.
 */
export function* walRecords(path: string): Generator<WalPart> {
  const bytes = readFileSync(path);
  let parts: Buffer[] = [];
  let gathered = 0;
  for (let at = 0; at < bytes.length; ) {
    const pageLeft = pageBytes - (at % pageBytes);
    const flags = bytes[at]!;
    const kind = flags & kindBits;
    if (kind === pageEnd) {
      // The rest of the page is not used.
      at += pageLeft;
      continue;
    }
    if (pageLeft < headerBytes || at + headerBytes > bytes.length) {
      yield { problem: `a record at byte ${at} is cut off` };
      return;
    }
    const length = bytes.readUInt16BE(at + 1);
    const start = at + headerBytes;
    if (kind > last || length > pageLeft - headerBytes || start + length > bytes.length) {
      yield { problem: `a record at byte ${at} is cut off` };
      return;
    }
    const data = bytes.subarray(start, start + length);
    if (crc32c(data) !== bytes.readUInt32BE(at + 3)) {
      yield { problem: `the checksum of a record at byte ${at} is wrong` };
      return;
    }
    const begins = kind === full || kind === first;
    if (begins === parts.length > 0 || gathered + length > maxRecordBytes) {
      yield { problem: `the parts of a record at byte ${at} do not fit` };
      return;
    }
    parts.push(data);
    gathered += length;
    at = start + length;
    if (kind === first || kind === middle) continue;
    const packed = parts.length === 1 ? data : Buffer.concat(parts, gathered);
    parts = [];
    gathered = 0;
    const record = unpacked(packed, flags);
    if (record === undefined) {
      yield { problem: `a record that ends at byte ${at} cannot be unpacked` };
      return;
    }
    yield { record };
  }
  if (parts.length > 0) yield { problem: 'its last record is cut off' };
}

function unpacked(packed: Buffer, flags: number): Buffer | undefined {
  try {
    if ((flags & snappyBit) !== 0) return uncompressSync(packed, { asBuffer: true }) as Buffer;
    if ((flags & zstdBit) !== 0) {
      return zstdDecompressSync(packed, { maxOutputLength: maxRecordBytes });
    }
    return packed;
  } catch {
    return undefined;
  }
}
