import { closeSync, fstatSync, openSync, type Stats, statSync } from 'node:fs';
import type { LineHandler } from './handler.ts';
import { emptyFingerprint, type Fingerprint } from './identity.ts';

/** One file on the disk, from the moment it was first seen until it has been read to its end. */
export interface TailFile {
  /** `dev-inode` of the file as it was found last. */
  key: string;
  dev: number;
  ino: number;
  /** Where it can be opened now; a rotated file moves. */
  path: string;
  /** -1: not open. */
  fd: number;
  /** Everything before it has been given to the handler. */
  offset: number;
  /** The size up to which the file has been looked at; less than it grows to means: read. */
  seenSize: number;
  /** Size at the last look. */
  size: number;
  mtimeMs: number;
  fingerprint: Fingerprint;
  /**
   * Of a kubelet's log: name of the youngest rotated file before it, without `.gz`, or nothing where
   * there was none. When this file is gone, what was rotated later is unread.
   */
  after: string | undefined;
  /** CRC of the bytes before `offset`; undefined at 0. */
  marker: number | undefined;
  /** True inside a line that is too long and is passed over. */
  skipping: boolean;
  /** The marker must be compared before the next read. */
  mustCheck: boolean;
  /** Monotonic ms since which it is no longer the file at its path; undefined while it is. */
  leftMs: number | undefined;
  /** A compressed file is being unpacked; reads wait. */
  unpacking: boolean;
  /** The unpacked copy is ours, to be removed at the end. */
  temporary: boolean;
  /** The path is that of a compressed file, which is unpacked and read once. */
  packed: boolean;
  /** Of a compressed file: it has been read. */
  done: boolean;
}

/** A path with the files that rotate through it, oldest first; the last is the one at the path. */
export interface TailSource {
  readonly path: string;
  readonly handler: LineHandler;
  readonly files: TailFile[];
  /** Monotonic ms. */
  nextPollMs: number;
  lastGrowthMs: number;
  queued: boolean;
  /** The path could not be read; told once, until it can again. */
  refused: boolean;
  /** Reading stopped: a line too long, and the options say stop. */
  stopped: boolean;
}

export function newTailFile(path: string, stats: Stats, offset: number): TailFile {
  return {
    key: fileKey(stats.dev, stats.ino),
    dev: stats.dev,
    ino: stats.ino,
    path,
    fd: -1,
    offset,
    seenSize: offset,
    size: stats.size,
    mtimeMs: stats.mtimeMs,
    fingerprint: emptyFingerprint,
    after: undefined,
    marker: undefined,
    skipping: false,
    mustCheck: false,
    leftMs: undefined,
    unpacking: false,
    temporary: false,
    packed: false,
    done: false,
  };
}

/** Nothing before the offset is read. */
export function startAt(file: TailFile, offset: number): void {
  file.offset = offset;
  file.seenSize = offset;
}

export const fileKey = (dev: number, ino: number): string => `${dev}-${ino}`;

/**
 * Opens the file and makes sure that it is still the one meant: between a look at the path and the
 * open another file may have come there. False when it is not; the next poll sorts it out.
 */
export function openTailFile(file: TailFile): boolean {
  const fd = openSync(file.path, 'r');
  const stats = fstatSync(fd);
  if (!file.temporary && (stats.ino !== file.ino || stats.dev !== file.dev)) {
    closeSync(fd);
    return false;
  }
  file.fd = fd;
  return true;
}

/** True while the inode is that of this file and of no other. */
export function isStillAt(file: TailFile): boolean {
  if (file.fd >= 0) return true;
  try {
    const stats = statSync(file.path, { throwIfNoEntry: false });
    return stats?.ino === file.ino && stats.dev === file.dev;
  } catch {
    return false;
  }
}

export function closeTailFile(file: TailFile): void {
  if (file.fd < 0) return;
  closeSync(file.fd);
  file.fd = -1;
}
