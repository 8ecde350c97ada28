import { existsSync, fstatSync, type Stats } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileKey, newTailFile, startAt, type TailFile, type TailSource } from './file.ts';
import type { FollowerParts } from './follower-parts.ts';
import { emptyFingerprint, fingerprintOf } from './identity.ts';
import { type Predecessors, youngestBeside } from './predecessors.ts';
import { beginsWith, findMoved, isKubeletLog, realPathOf, siblingsOf } from './rotation.ts';
import type { SliceReader } from './slice-reader.ts';

/**
 * What becomes of the files of one path: one leaves it, another arrives, one is emptied, comes back,
 * is compressed, and is let go once it has been read to its end.
 */
export class Succession {
  readonly #parts: FollowerParts;
  readonly #predecessors: Predecessors;
  readonly #reader: SliceReader;

  constructor(parts: FollowerParts, predecessors: Predecessors, reader: SliceReader) {
    this.#parts = parts;
    this.#predecessors = predecessors;
    this.#reader = reader;
  }

  /**
   * Compares the source with what is at its path now; `stats` is undefined where there is no file.
   * A source without files afterwards is dropped by the caller.
   */
  update(source: TailSource, stats: Stats | undefined, nowMs: number): void {
    const current = source.files.at(-1);
    if (current !== undefined && current.leftMs === undefined) {
      if (stats === undefined) this.#leave(source, current, nowMs);
      else if (stats.ino !== current.ino || stats.dev !== current.dev) {
        this.#leave(source, current, nowMs);
        this.#arrive(source, stats, current);
      } else this.#look(source, current, stats);
    } else if (stats !== undefined) this.#arrive(source, stats, current);
    for (const file of source.files) if (file.leftMs !== undefined) lookAtLeft(file);
    if (current?.packed === true && current.leftMs === undefined) this.#endPacked(source, current);
    this.#finishLeft(source, nowMs);
  }

  /** What the position belongs to is not there any more: emptied, or replaced under its inode. */
  truncated(source: TailSource, file: TailFile): void {
    const { files, open, deps } = this.#parts;
    deps.stats.filesTruncated++;
    source.stopped = false;
    files.changed(source);
    if (file.leftMs === undefined) this.#predecessors.addCopies(source, file);
    startAt(file, 0);
    file.fingerprint = emptyFingerprint;
    file.marker = undefined;
    file.skipping = false;
    file.mustCheck = false;
    if (file.fd >= 0) file.fingerprint = fingerprintOf(file.fd);
    else if (open.identify(file)) open.leaveOpen(file);
  }

  /** The current file, still at its path. */
  #look(source: TailSource, file: TailFile, stats: Stats): void {
    if (file.packed) return;
    if (stats.size < file.offset) this.truncated(source, file);
    else if (stats.size === file.seenSize && stats.mtimeMs !== file.mtimeMs && file.offset > 0) {
      // Written to and not longer: emptied and filled up again to the same size, perhaps.
      file.mustCheck = true;
      file.seenSize = Math.min(file.seenSize, stats.size - 1);
    } else if (stats.size < file.seenSize) file.seenSize = stats.size - 1;
    // Grown, or emptied and grown again: what stands before the position tells.
    if (stats.size > file.seenSize || stats.size < file.size) file.mustCheck = true;
    file.size = stats.size;
    file.mtimeMs = stats.mtimeMs;
  }

  #leave(source: TailSource, file: TailFile, nowMs: number): void {
    file.leftMs = nowMs;
    this.#parts.deps.stats.filesRotated++;
    if (source.stopped) this.#giveUpRest(source, file);
    if (file.packed || file.temporary || file.unpacking) return;
    if (file.fd >= 0) return;
    this.#predecessors.relocate(source, file);
  }

  /** Another file is at the path now; files that were there between the two are looked for. */
  #arrive(source: TailSource, stats: Stats, before: TailFile | undefined): void {
    const { files, open, deps } = this.#parts;
    const key = fileKey(stats.dev, stats.ino);
    const known = files.followed(key);
    if (known !== undefined && !source.files.includes(known)) return;
    if (known?.temporary === false && !known.packed && this.#returns(source, known, stats)) return;
    const file = newTailFile(source.path, stats, 0);
    file.after = youngestBeside(source.path);
    if (!open.identify(file)) {
      source.nextPollMs = 0;
      return;
    }
    if (before !== undefined) this.#predecessors.addPassedBy(source, key, before);
    files.add(source, file);
    open.leaveOpen(file);
    deps.stats.filesFound++;
    files.changed(source);
  }

  /** Renamed back (the kubelet does so when the runtime could not reopen its log)? */
  #returns(source: TailSource, file: TailFile, stats: Stats): boolean {
    const isSame =
      file.fd >= 0 ||
      (file.fingerprint.length > 0 &&
        stats.size >= file.offset &&
        beginsWith(source.path, file.fingerprint));
    if (!isSame) {
      // That file is gone, and its inode has become another's.
      if (file.size > file.offset) this.#predecessors.relocate(source, file);
      return false;
    }
    source.files.splice(source.files.indexOf(file), 1);
    source.files.push(file);
    file.leftMs = undefined;
    file.path = source.path;
    this.#parts.files.changed(source);
    return true;
  }

  /** The file had a line that stopped its reading, and now it goes: its successor is read again. */
  #giveUpRest(source: TailSource, file: TailFile): void {
    const { stats, logger } = this.#parts.deps;
    source.stopped = false;
    stats.filesLost++;
    logger.warn('Gave up the rest of a file that has too long a line', {
      path: source.path,
      unreadBytes: file.size - file.offset,
    });
    startAt(file, file.size);
    file.skipping = true;
  }

  /** A compressed file that has been read: its unpacked copy goes, its position stays. */
  #endPacked(source: TailSource, file: TailFile): void {
    if (!file.temporary || file.unpacking || file.seenSize < file.size) return;
    if (file.offset < file.size && !file.skipping) this.#reader.giveHalfLine(source, file);
    this.#parts.open.close(file);
    void rm(file.path, { force: true });
    file.path = source.path;
    file.temporary = false;
    file.done = true;
    this.#parts.files.changed(source);
  }

  /** Closes files that were left and read to their end a while ago, in the order in which they came. */
  #finishLeft(source: TailSource, nowMs: number): void {
    const { files, open, options } = this.#parts;
    // A younger one stays known as long as an older one: after a restart what is younger than the
    // oldest known file, and not known itself, counts as never read.
    for (let file = source.files[0]; file !== undefined; file = source.files[0]) {
      const atEnd = !file.unpacking && file.seenSize >= file.size;
      if (file.leftMs === undefined || !atEnd) return;
      if (!file.temporary && nowMs - file.leftMs < options.rotateWaitMs) return;
      if (file.offset < file.size && !file.skipping && !file.packed) {
        this.#reader.giveHalfLine(source, file);
        files.changed(source);
      }
      // The last of the source: what came and went unseen comes after it.
      if (nextOf(source) === undefined) this.#predecessors.addPassedBy(source, '', file);
      if (isMark(source)) {
        open.close(file);
        if (file.temporary) void rm(file.path, { force: true });
        return;
      }
      source.files.shift();
      files.changed(source);
      if (!this.#handOver(source, file, nowMs)) files.forget(file);
    }
  }

  /**
   * A rotated file whose new name is wanted too (`app.log.1` and the pattern `app.log*`) goes on as a
   * source of its own, at its position: it is not read a second time. False: nobody wants it.
   */
  #handOver(source: TailSource, file: TailFile, nowMs: number): boolean {
    const { files } = this.#parts;
    const realPath = realPathOf(source.path);
    if (dirname(realPath) !== dirname(source.path)) return false;
    // A source that is itself a rotated name (`app.log.1`) has its siblings under the first one's.
    const first = source.path.replace(/[.-](?:\d[^/]*|old)$/, '');
    const siblings = [source.path, first].flatMap((path) => siblingsOf(path));
    const moved = file.packed
      ? siblings.find(({ stats }) => stats.ino === file.ino && stats.dev === file.dev)
      : findMoved(siblings, file);
    if (moved === undefined || !files.isWanted(moved.path)) return false;
    const target = files.sources.get(moved.path) ?? files.newSource(moved.path);
    if (target === undefined) return false;
    for (const other of target.files) {
      if (other.leftMs === undefined) this.#leave(target, other, nowMs);
    }
    let next = file;
    if (moved.gzip && !file.packed) {
      // Compressed meanwhile: another file on the disk, which has been read.
      next = newTailFile(moved.path, moved.stats, file.offset);
      next.packed = true;
      next.done = true;
      next.fingerprint = file.fingerprint;
      files.forget(file);
    }
    next.path = moved.path;
    next.leftMs = undefined;
    if (!next.packed) {
      next.size = moved.stats.size;
      next.mtimeMs = moved.stats.mtimeMs;
    }
    files.add(target, next);
    files.changed(target);
    return true;
  }
}

/** A file that has left its path may still be written to. */
function lookAtLeft(file: TailFile): void {
  if (file.fd < 0 || file.temporary) return;
  file.size = fstatSync(file.fd).size;
}

/** Is the oldest file, though it has been read, needed to tell where the next ones begin? */
function isMark(source: TailSource): boolean {
  const next = nextOf(source);
  // Nothing tells an empty file from others, but that it comes after this one.
  if (next !== undefined) return next.fingerprint.length === 0;
  // The log of a container goes with its folder; until then another file may come.
  const realPath = realPathOf(source.path);
  return isKubeletLog(realPath) && existsSync(dirname(realPath));
}

/** The file after the oldest, but for those that were left empty. */
const nextOf = ({ files }: TailSource): TailFile | undefined =>
  files.slice(1).find((file) => file.leftMs === undefined || file.size > 0);
