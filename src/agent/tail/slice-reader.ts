import { fstatSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Logger } from '#base';
import { openTailFile, type TailFile, type TailSource } from './file.ts';
import {
  fingerprintBytes,
  fingerprintOf,
  headOf,
  markerAt,
  markerBytes,
  matchesFingerprint,
} from './identity.ts';
import type { TailStats } from './stats.ts';

/** What to do with a line longer than `maxLineBytes`. */
export type LongLines = 'split' | 'truncate' | 'skip' | 'stop';

export interface SliceOptions {
  readonly maxLineBytes: number;
  readonly longLines: LongLines;
  /** Bytes per read; bounds what one busy file may take before the others have their turn. */
  readonly sliceBytes: number;
}

/** Reads files a slice at a time, into one buffer for all, and gives their lines to handlers. */
export class SliceReader {
  readonly #options: SliceOptions;
  readonly #logger: Logger;
  readonly #stats: TailStats;
  #buffer: Buffer;

  constructor(options: SliceOptions, deps: { readonly logger: Logger; readonly stats: TailStats }) {
    this.#options = options;
    this.#logger = deps.logger;
    this.#stats = deps.stats;
    this.#buffer = Buffer.allocUnsafeSlow(options.sliceBytes + markerBytes);
  }

  /** The file is open. Returns the bytes given to the source's handler. */
  read(source: TailSource, file: TailFile): number {
    const stats = this.#stats;
    const buffer = this.#buffer;
    const wanted = buffer.length - markerBytes;
    const count = readSync(file.fd, buffer, 0, wanted, file.offset);
    const readTo = file.offset + count;
    if (file.fingerprint.length < fingerprintBytes && readTo > file.fingerprint.length) {
      file.fingerprint =
        file.offset === 0
          ? headOf(buffer.subarray(0, Math.min(count, fingerprintBytes)))
          : fingerprintOf(file.fd);
    }
    stats.bytesRead += count;
    if (count < wanted) {
      file.seenSize = readTo;
      file.size = Math.max(readTo, fstatSync(file.fd).size);
      if (file.size > readTo && count === 0) file.size = readTo;
    } else file.size = Math.max(file.size, readTo);
    let start = 0;
    let end = buffer.lastIndexOf(10, count - 1) + 1;
    if (count === 0) return 0;
    if (buffer[0] === 0 && !file.skipping) return this.#passNuls(file, count);
    if (file.skipping) {
      const feed = buffer.indexOf(10);
      start = feed < 0 || feed >= count ? count : feed + 1;
      if (start === count && (feed < 0 || feed >= count)) end = count;
      else file.skipping = false;
    } else if (end === 0 && count === wanted) {
      if (buffer.length - markerBytes < this.#options.maxLineBytes) {
        // A line longer than a slice: one larger buffer for all, up to the longest line allowed.
        this.#buffer = Buffer.allocUnsafeSlow(
          Math.min(buffer.length * 4, this.#options.maxLineBytes + markerBytes),
        );
        return this.read(source, file);
      }
      return this.#longLine(source, file, count);
    }
    if (end > start) {
      source.handler.lines(buffer, start, end, { path: source.path, offset: file.offset + start });
    }
    if (end > 0) {
      file.offset += end;
      file.marker = crc32(buffer.subarray(Math.max(0, end - markerBytes), end));
      if (end < markerBytes) file.marker = markerAt(file.fd, file.offset);
      if (file.seenSize < file.offset) file.seenSize = file.offset;
    }
    return end;
  }

  /**
   * NUL bytes where a line should begin are no text: a writer that does not append leaves them behind
   * when its file is emptied (a hole as long as what it had written), and so does a power failure. At
   * the end of a file it is left open whether they are filled yet.
   */
  #passNuls(file: TailFile, count: number): number {
    const buffer = this.#buffer;
    let nuls = 0;
    while (nuls < count && buffer[nuls] === 0) nuls++;
    if (nuls === count && count < buffer.length - markerBytes) return 0;
    file.offset += nuls;
    file.marker = markerAt(file.fd, file.offset);
    // What follows them is read with the next slice.
    file.seenSize = file.offset;
    return nuls;
  }

  /** The last line of a file that ended without a line feed and that nobody writes to any more. */
  giveHalfLine(source: TailSource, file: TailFile): void {
    const length = Math.min(file.size - file.offset, this.#buffer.length - 1);
    if (file.fd < 0 && !reopen(file)) return;
    const count = readSync(file.fd, this.#buffer, 0, length, file.offset);
    if (count === 0) return;
    this.#buffer[count] = 10;
    if (this.#buffer.subarray(0, count).some((byte) => byte !== 0)) {
      source.handler.lines(this.#buffer, 0, count + 1, { path: source.path, offset: file.offset });
    }
    file.offset += count;
    file.marker = markerAt(file.fd, file.offset);
  }

  #longLine(source: TailSource, file: TailFile, count: number): number {
    const { longLines } = this.#options;
    this.#stats.longLines++;
    if (longLines === 'stop') {
      source.stopped = true;
      this.#logger.error('Stopped reading a file that has too long a line', {
        path: source.path,
        offset: file.offset,
        maxLineBytes: this.#options.maxLineBytes,
      });
      return 0;
    }
    const buffer = this.#buffer;
    let end = count;
    if (longLines !== 'skip') {
      // Not inside a character: back over the continuation bytes of UTF-8.
      while (end > count - 4 && (buffer[end]! & 0xc0) === 0x80) end--;
      end = Math.min(end, count - 1);
      while (end > count - 5 && (buffer[end]! & 0xc0) === 0x80) end--;
      const kept = buffer[end]!;
      buffer[end] = 10;
      source.handler.lines(buffer, 0, end + 1, { path: source.path, offset: file.offset });
      buffer[end] = kept;
    }
    if (longLines !== 'split') file.skipping = true;
    file.offset += end;
    file.marker = crc32(buffer.subarray(end - markerBytes, end));
    if (file.seenSize < file.offset) file.seenSize = file.offset;
    return end;
  }
}

/** Is the open file still the one whose position is known? Its size is taken over. */
export function isUnchanged(file: TailFile): boolean {
  file.mustCheck = false;
  if (file.offset === 0 && file.fingerprint.length === 0) return true;
  file.size = fstatSync(file.fd).size;
  return (
    file.size >= file.offset &&
    matchesFingerprint(file.fd, file.fingerprint) &&
    (file.marker === undefined || markerAt(file.fd, file.offset) === file.marker)
  );
}

function reopen(file: TailFile): boolean {
  try {
    return openTailFile(file);
  } catch {
    return false;
  }
}
