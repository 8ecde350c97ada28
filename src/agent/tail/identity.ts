import { closeSync, openSync, readSync } from 'node:fs';
import { constants, crc32, gunzipSync } from 'node:zlib';

/**
 * The first bytes of a file tell whether an inode still holds the same file: log files begin with a
 * time, and 1 KiB of them differs between any two.
 */
export const fingerprintBytes = 1024;

/** Bytes before the position that are looked at to see a file that was truncated and grew again. */
export const markerBytes = 32;

export interface Fingerprint {
  /** Number of bytes that `crc` covers, at most `fingerprintBytes`. */
  readonly length: number;
  readonly crc: number;
}

export const emptyFingerprint: Fingerprint = { length: 0, crc: 0 };

const scratch = Buffer.allocUnsafeSlow(fingerprintBytes);

/** Of the first `length` bytes; shorter when the file is. */
export function fingerprintOf(fd: number, length: number = fingerprintBytes): Fingerprint {
  const count = readSync(fd, scratch, 0, Math.min(length, fingerprintBytes), 0);
  return headOf(scratch.subarray(0, count));
}

/** Of the first bytes of a file. NULs behind text are left out: they may be filled yet. */
export function headOf(bytes: Uint8Array): Fingerprint {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  const head = length === 0 ? bytes : bytes.subarray(0, length);
  return { length: head.length, crc: crc32(head) };
}

/** True when the file begins with what the fingerprint was made of. */
export function matchesFingerprint(fd: number, known: Fingerprint): boolean {
  if (known.length === 0) return true;
  const now = fingerprintOf(fd, known.length);
  return now.length === known.length && now.crc === known.crc;
}

/** CRC of the bytes before `offset`. */
export function markerAt(fd: number, offset: number): number {
  const length = Math.min(markerBytes, offset);
  const count = readSync(fd, scratch, 0, length, offset - length);
  return crc32(scratch.subarray(0, count));
}

/** Does this gzip file hold, compressed, the file that the fingerprint was made of? */
export function gzipMatches(path: string, known: Fingerprint): boolean {
  if (known.length === 0) return false;
  const now = gzipFingerprint(path, known.length);
  return now.length === known.length && now.crc === known.crc;
}

/** Of the first `length` bytes that a gzip file holds; empty when it cannot be read. */
export function gzipFingerprint(path: string, length: number = fingerprintBytes): Fingerprint {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return emptyFingerprint;
  }
  try {
    const start = Buffer.allocUnsafe(8192);
    const count = readSync(fd, start, 0, start.length, 0);
    // The input is cut: what can be inflated of it is enough.
    const text = gunzipSync(start.subarray(0, count), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: 16 * 1024 * 1024,
    }).subarray(0, length);
    return { length: text.length, crc: crc32(text) };
  } catch {
    return emptyFingerprint;
  } finally {
    closeSync(fd);
  }
}
