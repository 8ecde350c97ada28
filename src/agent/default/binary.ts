import { closeSync, openSync, readSync } from 'node:fs';

const headBytes = 512;

/** Formats that are no text and that nobody unpacks here; `.gz` is unpacked by the reader. */
const binaryName = /\.(?:xz|bz2|zst|lz4|lzma|zip|journal~?|db|sqlite)$/i;

/**
 * True for wtmp, btmp, lastlog, journal files and the like: their names say so, or a NUL stands in
 * their head behind something else. A run of NULs alone is a log after a crash of the machine.
 */
export function isBinaryFile(path: string): boolean {
  if (path.endsWith('.gz')) return false;
  if (binaryName.test(path)) return true;
  const head = Buffer.alloc(headBytes);
  let length: number;
  try {
    const file = openSync(path, 'r');
    try {
      length = readSync(file, head, 0, headBytes, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    // The reader finds out why, and tells.
    return false;
  }
  let start = 0;
  while (start < length && head[start] === 0) start++;
  const nul = head.subarray(0, length).indexOf(0, start);
  // Sparse files (lastlog, faillog) are NULs for whole records.
  return (nul >= 0 && nul < length) || (length === headBytes && start === length);
}
