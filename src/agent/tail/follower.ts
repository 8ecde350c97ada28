import { randomUUID } from 'node:crypto';
import { existsSync, fstatSync, type Stats, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeError } from '#base';
import type { Checkpoint } from '../contract.ts';
import {
  closeTailFile,
  fileKey,
  isStillAt,
  newTailFile,
  openTailFile,
  type TailFile,
  type TailSource,
} from './file.ts';
import type { FollowerDeps, FollowerOptions } from './follower-options.ts';
import { excludeRegex, expandGlob, globRegex } from './glob.ts';
import { emptyFingerprint, fingerprintOf, gzipFingerprint, gzipMatches } from './identity.ts';
import { copiesOf, passedBy, unfinishedOf } from './lineage.ts';
import { type SavedFile, SavedPositions, saveFile, saveSource, takeSaved } from './positions.ts';
import {
  askSiblings,
  beginsWith,
  findMoved,
  isKubeletLog,
  realPathOf,
  rotatedName,
  type Sibling,
  siblingsOf,
  unpack,
} from './rotation.ts';
import { isUnchanged, SliceReader } from './slice-reader.ts';

export type { FollowerDeps, FollowerOptions } from './follower-options.ts';

/** A log that was written to a moment ago will be written to again in a moment. */
const hotMs = 10_000;
const hotPollMs = 100;
const minIdlePollMs = 250;
const maxIdlePollMs = 2000;
/** Polling idle files may take this share of one CPU. */
const maxPollShare = 0.004;
/** A rotated file unpacks to at most this. */
const maxUnpackedBytes = 4 * 1024 * 1024 * 1024;
const unpackRetryMs = 5000;
/** How often files that are renamed while they are to be opened are looked for again. */
const maxLooks = 10;

/**
 * Follows the files that match some globs: finds them, notices growth, rotation (rename, copy and
 * truncate), deletion and replacement, and hands their lines to handlers, a slice at a time. Reads
 * are synchronous and go into one shared buffer; growth is seen by looking at sizes, for a watch per
 * file would cost a system call per line written.
 */
export class FileFollower {
  readonly #options: FollowerOptions;
  readonly #deps: FollowerDeps;
  readonly #excludes: readonly RegExp[];
  readonly #includes: readonly RegExp[];
  readonly #sources = new Map<string, TailSource>();
  /** Files by their inode: two paths to one file are read once. See `#followed`. */
  readonly #known = new Map<string, TailFile>();
  /** Positions of an earlier run that no file has claimed yet. */
  readonly #saved = new SavedPositions();
  readonly #ready: TailSource[] = [];
  /** Of the monotonic clock: files were looked at then. */
  #polledMs = 0;
  /** Sources of which a checkpoint has something new to tell. */
  readonly #dirty = new Set<TailSource>();
  /** Open files, least recently read first. */
  readonly #open = new Set<TailFile>();
  /** Paths of sources that are gone. */
  readonly #released: string[] = [];
  readonly #reader: SliceReader;
  #idlePollMs = minIdlePollMs;
  #started = false;
  /** Paths at which another file came just when one was to be opened, and if at the first scan. */
  readonly #missed = new Map<string, boolean>();
  #folders: readonly string[] = [];
  #closed = false;

  constructor(options: FollowerOptions, deps: FollowerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#excludes = options.excludePaths.map(excludeRegex);
    this.#includes = options.paths.map(globRegex);
    this.#reader = new SliceReader(options, deps);
  }

  /** Folders to watch for new names, as of the last scan. */
  get folders(): readonly string[] {
    return this.#folders;
  }

  /** Name of the input. */
  get name(): string {
    return this.#options.name;
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  get openFiles(): number {
    return this.#open.size;
  }

  get trackedFiles(): number {
    let files = 0;
    for (const source of this.#sources.values()) files += source.files.length;
    return files;
  }

  /** Bytes seen and not read yet, over all files. */
  lagBytes(): number {
    let lag = 0;
    for (const source of this.#sources.values()) {
      for (const file of source.files) lag += Math.max(0, file.size - file.offset);
    }
    return lag;
  }

  /** True when every known file has been read to its end. */
  get atEnd(): boolean {
    if (this.#ready.length > 0) return false;
    for (const source of this.#sources.values()) {
      for (const file of source.files) {
        if (file.unpacking || file.size > Math.max(file.seenSize, file.offset)) return false;
      }
    }
    return true;
  }

  /** Before the first scan: where an earlier run stopped. */
  restore(checkpoints: Iterable<Checkpoint>): void {
    this.#saved.add(checkpoints);
  }

  /** Looks for files. The first scan also settles the saved positions. */
  scan(): void {
    const first = !this.#started;
    this.#started = true;
    const folders = new Set<string>();
    for (const pattern of this.#options.paths) {
      const found = expandGlob(pattern, (folder, error) =>
        this.#problem('Cannot read a log folder', folder, error),
      );
      for (const folder of found.folders) folders.add(folder);
      for (const path of found.paths) {
        if (this.#sources.has(path)) continue;
        if (this.#excludes.some((exclude) => exclude.test(path))) continue;
        this.#discover(path, first);
      }
    }
    this.#folders = [...folders];
    if (first) this.#settleUnclaimed();
  }

  /** Looks at the files that are due; returns the monotonic time of the next look. */
  poll(): number {
    const { clock } = this.#deps;
    const nowMs = clock.monotonicMs();
    this.#polledMs = nowMs;
    let nextMs = nowMs + maxIdlePollMs;
    for (const [path, first] of [...this.#missed]) {
      this.#missed.delete(path);
      this.#discover(path, first);
      nextMs = nowMs;
    }
    let looked = 0;
    for (const source of this.#sources.values()) {
      if (source.nextPollMs <= nowMs) {
        this.#pollSource(source, nowMs);
        const isHeld = source.files.some((file) => file.leftMs !== undefined && file.fd >= 0);
        const hot = nowMs - source.lastGrowthMs < hotMs || isHeld;
        source.nextPollMs = nowMs + (hot ? hotPollMs : this.#idlePollMs);
        looked++;
      }
      if (source.nextPollMs < nextMs) nextMs = source.nextPollMs;
    }
    if (looked > 50) {
      const perSourceMs = (clock.monotonicMs() - nowMs) / looked;
      const wanted = (perSourceMs * this.#sources.size) / maxPollShare;
      this.#idlePollMs = Math.min(maxIdlePollMs, Math.max(minIdlePollMs, wanted));
    }
    return nextMs;
  }

  /** Handlers that held their files may have let them go. */
  touchAll(): void {
    for (const source of this.#sources.values()) source.nextPollMs = 0;
  }

  /** A watch said that something under this name changed. */
  touch(path: string): boolean {
    const source = this.#sources.get(path);
    if (source === undefined) return false;
    source.nextPollMs = 0;
    return true;
  }

  /** Reads one slice of one file that has something new; returns the bytes given to its handler. */
  readSlice(): number {
    const source = this.#ready.shift();
    if (source === undefined) return 0;
    source.queued = false;
    if (source.handler.isHeld?.() === true) return 0;
    let given = 0;
    try {
      given = this.#readSource(source);
      if (source.refused) {
        source.refused = false;
        this.#deps.logger.info('Log file can be read again', { path: source.path });
      }
    } catch (error) {
      this.#readFailed(source, error);
      return 0;
    }
    if (given > 0) {
      this.#dirty.add(source);
      source.lastGrowthMs = this.#deps.clock.monotonicMs();
    }
    this.#enqueueIfReady(source);
    return given;
  }

  /**
   * Lets handlers emit what waited too long, by the time of the last look: what came after it may be the
   * rest of a line, and stands in the file while a busy machine had other things to do.
   */
  flushIdle(): void {
    const nowMs = this.#polledMs;
    for (const source of this.#sources.values()) {
      if (source.handler.flushIdle(nowMs)) this.#dirty.add(source);
    }
  }

  /** Emits everything that handlers hold back. The positions are then exact without any state. */
  finishHandlers(): void {
    for (const source of this.#sources.values()) {
      source.handler.finish();
      this.#dirty.add(source);
    }
  }

  /** What changed since the last call, to be stored together with the events read meanwhile. */
  takeCheckpoints(): Checkpoint[] {
    const input = this.#options.name;
    const changed: Checkpoint[] = [];
    for (const key of this.#released.splice(0)) changed.push({ input, key, value: null });
    for (const source of this.#dirty) {
      changed.push({ input, key: source.path, value: saveSource(source) });
    }
    this.#dirty.clear();
    return changed;
  }

  close(): void {
    this.#closed = true;
    for (const file of this.#open) closeTailFile(file);
    this.#open.clear();
  }

  #discover(path: string, first: boolean): void {
    let stats: Stats | undefined;
    try {
      stats = statSync(path, { throwIfNoEntry: false });
    } catch (error) {
      this.#problem('Cannot read a log file', path, error);
      return;
    }
    if (stats === undefined || !stats.isFile()) return;
    if (this.#followed(fileKey(stats.dev, stats.ino)) !== undefined) return;
    const { ignoreOlderMs } = this.#options;
    const ageMs = this.#deps.clock.nowMs() - stats.mtimeMs;
    const isOld = ignoreOlderMs > 0 && ageMs > ignoreOlderMs;
    if (isOld && !this.#saved.knows(path, fileKey(stats.dev, stats.ino))) return;
    const file = newTailFile(path, stats, 0);
    file.packed = path.endsWith('.gz');
    file.after = youngestBeside(path);
    // Another file has just come to the path: that one is found by the next look.
    if (!this.#identify(file)) {
      this.#missed.set(path, first);
      return;
    }
    const saved = this.#saved.claim(path, file);
    const isFollowed = file.packed && saved === undefined && this.#isKnownUnpacked(path);
    const source = isFollowed ? undefined : this.#newSource(path);
    if (source === undefined) {
      this.#closeFile(file);
      return;
    }
    this.#addUnfinished(source, file, saved !== undefined);
    // What comes to a path that was followed before is new.
    const isNext = this.#saved.hasSource(path);
    const isWanted = first ? this.#options.fromHead : this.#options.newFromHead;
    if (saved !== undefined) takeSaved(file, saved);
    else if (isWanted || isNext) {
      const isLarge = first && !file.packed && !isNext;
      this.#startAt(file, isLarge ? this.#leftOutBytes(source, stats.size) : 0);
      // Most likely inside a line.
      file.skipping = file.offset > 0;
    } else {
      this.#startAt(file, stats.size);
      file.done = file.packed;
    }
    // Known from now on: should it be rotated before its first read, the next run looks for it.
    this.#dirty.add(source);
    this.#add(source, file);
    this.#leaveOpen(file);
    if (file.packed && !file.done) this.#startUnpacking(source, file, path);
    this.#deps.stats.filesFound++;
  }

  #startAt(file: TailFile, offset: number): void {
    file.offset = offset;
    file.seenSize = offset;
  }

  /** The file that has this inode, if it is one of ours; one that was let go may be gone by now. */
  #followed(key: string): TailFile | undefined {
    const file = this.#known.get(key);
    return file !== undefined && isStillAt(file) ? file : undefined;
  }

  /**
   * Opens the file and takes the fingerprint by which it is known wherever it goes: it may be
   * compressed or removed before its turn to be read. False: it is gone already.
   */
  #identify(file: TailFile): boolean {
    if (file.path.endsWith('.gz')) {
      file.fingerprint = gzipFingerprint(file.path);
      return true;
    }
    try {
      if (!openTailFile(file)) return false;
      file.fingerprint = fingerprintOf(file.fd);
    } catch (error) {
      // What may not be read, or not now, is told of when it is to be read.
      return (error as NodeJS.ErrnoException).code !== 'ENOENT';
    }
    this.#makeRoom();
    this.#open.add(file);
    return true;
  }

  /** Files that were opened to be identified stay open, if there is room. */
  #leaveOpen(file: TailFile): void {
    if (this.#open.size > this.#options.maxOpenFiles) this.#closeFile(file);
  }

  #closeFile(file: TailFile): void {
    closeTailFile(file);
    this.#open.delete(file);
  }

  #newSource(path: string): TailSource | undefined {
    const handler = this.#deps.handlerFor(path, realPathOf(path));
    if (handler === undefined) return undefined;
    const source: TailSource = {
      path,
      handler,
      files: [],
      nextPollMs: 0,
      lastGrowthMs: Number.NEGATIVE_INFINITY,
      queued: false,
      refused: false,
      stopped: false,
    };
    this.#sources.set(path, source);
    const state = this.#saved.takeState(path);
    if (state !== undefined) handler.restoreState(state);
    return source;
  }

  /** Is it the compressed form of a file that is followed? It takes over when that one is done. */
  #isKnownUnpacked(path: string): boolean {
    for (const source of this.#sources.values()) {
      if (dirname(source.path) !== dirname(path)) continue;
      if (source.files.some((file) => gzipMatches(path, file.fingerprint))) return true;
    }
    return false;
  }

  /** The beginning of a large file that is not read at the first start; its line is not whole. */
  #leftOutBytes(source: TailSource, size: number): number {
    const { maxFirstReadBytes } = this.#options;
    if (maxFirstReadBytes === undefined || size <= maxFirstReadBytes) return 0;
    const bytes = size - maxFirstReadBytes;
    this.#deps.logger.info('Left out the beginning of a large log file', {
      path: source.path,
      leftOutBytes: bytes,
      readBytes: maxFirstReadBytes,
    });
    return bytes;
  }

  /**
   * Files of this source that an earlier run knew and that moved since, and those that came and went
   * after them. `isSameCurrent`: the file at the path is the one that was there then.
   */
  #addUnfinished(source: TailSource, current: TailFile | undefined, isSameCurrent: boolean): void {
    // Nearly always there is nothing to look for: folders of thousands of files are not read for it.
    const wanted = this.#saved.filesOf(source.path);
    if (wanted.length === 0 || current?.packed === true) return;
    const realPath = realPathOf(source.path);
    this.#addSiblings(source, realPath, (siblings) =>
      unfinishedOf(siblings, wanted, {
        current,
        isSameCurrent,
        isUnread: (sibling) => this.#isUnread(source, sibling),
      }),
    );
  }

  /** Is it a file of this source alone, of which no position is known? */
  #isUnread(source: TailSource, { path, stats: { dev, ino } }: Sibling): boolean {
    return (
      !this.#sources.has(path) &&
      this.#followed(fileKey(dev, ino)) === undefined &&
      !this.#saved.isWanted(source.path, dev, ino, (file) => beginsWith(path, file.fingerprint))
    );
  }

  /**
   * Adds those that are chosen of the files beside a path, at their positions or from their head. All
   * of them are opened first: one that was compressed or renamed meanwhile, of which nothing is known
   * yet, could not be found again.
   */
  #addSiblings(
    source: TailSource,
    realPath: string,
    choose: (siblings: readonly Sibling[]) => ReadonlyMap<Sibling, SavedFile | undefined>,
  ): void {
    for (let looks = 1; ; looks++) {
      const chosen = [...askSiblings(realPath, choose)].map(([sibling, saved]) => {
        const file = newTailFile(sibling.path, sibling.stats, 0);
        if (isKubeletLog(realPath)) file.after = rotatedName(sibling.path);
        return { file, saved, gzip: sibling.gzip, isThere: this.#identify(file) };
      });
      if (looks < maxLooks && chosen.some(({ isThere }) => !isThere)) {
        for (const { file } of chosen) this.#closeFile(file);
        continue;
      }
      for (const { file, saved, gzip, isThere } of chosen) {
        file.leftMs = this.#deps.clock.monotonicMs();
        if (saved !== undefined) {
          this.#saved.found(source.path, saved);
          takeSaved(file, saved);
        }
        this.#dirty.add(source);
        if (gzip) source.files.push(file);
        else this.#add(source, file);
        this.#leaveOpen(file);
        if (gzip) this.#startUnpacking(source, file, file.path);
        else if (!isThere) this.#relocate(source, file);
      }
      return;
    }
  }

  #add(source: TailSource, file: TailFile): void {
    source.files.push(file);
    this.#known.set(file.key, file);
  }

  /** After the first scan: what an earlier run knew and nobody has claimed. */
  #settleUnclaimed(): void {
    for (const path of this.#saved.paths) {
      if (this.#missed.has(path) || !isReadable(path)) continue;
      if (!this.#sources.has(path)) this.#settleMissing(path);
      this.#saved.forget(path);
    }
  }

  /** Between the renaming of a log and the opening of the next there is nothing at its path. */
  #settleMissing(path: string): void {
    const source = this.#isWanted(path) ? this.#newSource(path) : undefined;
    if (source === undefined) this.#released.push(path);
    else {
      this.#addUnfinished(source, undefined, false);
      if (source.files.length > 0) return;
      this.#drop(source);
    }
    this.#deps.logger.debug('Forgot the position of a file that is gone', { path });
  }

  #pollSource(source: TailSource, nowMs: number): void {
    let stats: Stats | undefined;
    try {
      stats = statSync(source.path, { throwIfNoEntry: false });
    } catch (error) {
      this.#readFailed(source, error);
      return;
    }
    const current = source.files.at(-1);
    if (stats !== undefined && !stats.isFile()) stats = undefined;
    if (current !== undefined && current.leftMs === undefined) {
      if (stats === undefined) this.#leave(source, current, nowMs);
      else if (stats.ino !== current.ino || stats.dev !== current.dev) {
        this.#leave(source, current, nowMs);
        this.#arrive(source, stats, current);
      } else this.#look(source, current, stats);
    } else if (stats !== undefined) this.#arrive(source, stats, current);
    for (const file of source.files) if (file.leftMs !== undefined) this.#lookAtLeft(file);
    if (current?.packed === true && current.leftMs === undefined) this.#endPacked(source, current);
    this.#finishLeft(source, nowMs);
    if (source.files.length === 0) this.#drop(source);
    else this.#enqueueIfReady(source);
  }

  /** The current file, still at its path. */
  #look(source: TailSource, file: TailFile, stats: Stats): void {
    if (file.packed) return;
    if (stats.size < file.offset) this.#truncated(source, file);
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

  /** A file that has left its path may still be written to. */
  #lookAtLeft(file: TailFile): void {
    if (file.fd < 0 || file.temporary) return;
    file.size = fstatSync(file.fd).size;
  }

  #leave(source: TailSource, file: TailFile, nowMs: number): void {
    file.leftMs = nowMs;
    this.#deps.stats.filesRotated++;
    if (source.stopped) this.#giveUpRest(source, file);
    if (file.packed || file.temporary || file.unpacking) return;
    if (file.fd >= 0) return;
    this.#relocate(source, file);
  }

  /** Looks for a file that is neither open nor at its path any more. */
  #relocate(source: TailSource, file: TailFile): void {
    const realPath = realPathOf(source.path);
    const moved = askSiblings(realPath, (siblings) => findMoved(siblings, file));
    if (this.#known.get(file.key) === file) this.#known.delete(file.key);
    this.#dirty.add(source);
    if (moved === undefined) {
      if (file.size > file.offset) {
        this.#deps.stats.filesLost++;
        this.#deps.logger.warn('A log file went away before it was read to its end', {
          path: source.path,
          unreadBytes: file.size - file.offset,
        });
      }
      file.size = file.offset;
      file.seenSize = file.offset;
      return;
    }
    file.path = moved.path;
    file.seenSize = file.offset;
    file.dev = moved.stats.dev;
    file.ino = moved.stats.ino;
    file.key = fileKey(file.dev, file.ino);
    if (moved.gzip) {
      this.#startUnpacking(source, file, moved.path);
      return;
    }
    this.#known.set(file.key, file);
    file.size = moved.stats.size;
    file.mustCheck = true;
  }

  /** Another file is at the path now; files that were there between the two are looked for. */
  #arrive(source: TailSource, stats: Stats, before: TailFile | undefined): void {
    const key = fileKey(stats.dev, stats.ino);
    const known = this.#followed(key);
    if (known !== undefined && !source.files.includes(known)) return;
    if (known?.temporary === false && !known.packed && this.#returns(source, known, stats)) return;
    const file = newTailFile(source.path, stats, 0);
    file.after = youngestBeside(source.path);
    if (!this.#identify(file)) {
      source.nextPollMs = 0;
      return;
    }
    if (before !== undefined) this.#addPassedBy(source, key, before);
    this.#add(source, file);
    this.#leaveOpen(file);
    this.#deps.stats.filesFound++;
    this.#dirty.add(source);
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
      if (file.size > file.offset) this.#relocate(source, file);
      return false;
    }
    source.files.splice(source.files.indexOf(file), 1);
    source.files.push(file);
    file.leftMs = undefined;
    file.path = source.path;
    this.#dirty.add(source);
    return true;
  }

  /** Files that were at the path after those of the source, and are not any more. */
  #addPassedBy(source: TailSource, currentKey: string, before: TailFile): void {
    // What was empty when it was found may have gone under another name with lines in it.
    for (const file of source.files) if (file.fd >= 0) file.fingerprint = fingerprintOf(file.fd);
    const realPath = realPathOf(source.path);
    this.#addSiblings(source, realPath, (siblings) =>
      passedBy(siblings, source.files, {
        currentKey,
        sinceMs: before.mtimeMs,
        isUnread: (sibling) => this.#isUnread(source, sibling),
      }),
    );
  }

  /** Closes files that were left and read to their end a while ago, in the order in which they came. */
  #finishLeft(source: TailSource, nowMs: number): void {
    // A younger one stays known as long as an older one: after a restart what is younger than the
    // oldest known file, and not known itself, counts as never read.
    for (let file = source.files[0]; file !== undefined; file = source.files[0]) {
      const atEnd = !file.unpacking && file.seenSize >= file.size;
      if (file.leftMs === undefined || !atEnd) return;
      if (!file.temporary && nowMs - file.leftMs < this.#options.rotateWaitMs) return;
      if (file.offset < file.size && !file.skipping && !file.packed) {
        this.#reader.giveHalfLine(source, file);
        this.#dirty.add(source);
      }
      // The last of the source: what came and went unseen comes after it.
      if (nextOf(source) === undefined) this.#addPassedBy(source, '', file);
      if (this.#isMark(source)) {
        this.#closeFile(file);
        if (file.temporary) void rm(file.path, { force: true });
        return;
      }
      source.files.shift();
      this.#dirty.add(source);
      if (!this.#handOver(source, file, nowMs)) this.#forget(file);
    }
  }

  /** Is the oldest file, though it has been read, needed to tell where the next ones begin? */
  #isMark(source: TailSource): boolean {
    const next = nextOf(source);
    // Nothing tells an empty file from others, but that it comes after this one.
    if (next !== undefined) return next.fingerprint.length === 0;
    // The log of a container goes with its folder; until then another file may come.
    const realPath = realPathOf(source.path);
    return isKubeletLog(realPath) && existsSync(dirname(realPath));
  }

  /**
   * A rotated file whose new name is wanted too (`app.log.1` and the pattern `app.log*`) goes on as a
   * source of its own, at its position: it is not read a second time. False: nobody wants it.
   */
  #handOver(source: TailSource, file: TailFile, nowMs: number): boolean {
    const realPath = realPathOf(source.path);
    if (dirname(realPath) !== dirname(source.path)) return false;
    // A source that is itself a rotated name (`app.log.1`) has its siblings under the first one's.
    const first = source.path.replace(/[.-](?:\d[^/]*|old)$/, '');
    const siblings = [source.path, first].flatMap((path) => siblingsOf(path));
    const moved = file.packed
      ? siblings.find(({ stats }) => stats.ino === file.ino && stats.dev === file.dev)
      : findMoved(siblings, file);
    if (moved === undefined || !this.#isWanted(moved.path)) return false;
    const target = this.#sources.get(moved.path) ?? this.#newSource(moved.path);
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
      this.#forget(file);
    }
    next.path = moved.path;
    next.leftMs = undefined;
    if (!next.packed) {
      next.size = moved.stats.size;
      next.mtimeMs = moved.stats.mtimeMs;
    }
    this.#add(target, next);
    this.#dirty.add(target);
    return true;
  }

  #isWanted(path: string): boolean {
    return (
      this.#includes.some((include) => include.test(path)) &&
      !this.#excludes.some((exclude) => exclude.test(path))
    );
  }

  /** A compressed file that has been read: its unpacked copy goes, its position stays. */
  #endPacked(source: TailSource, file: TailFile): void {
    if (!file.temporary || file.unpacking || file.seenSize < file.size) return;
    if (file.offset < file.size && !file.skipping) this.#reader.giveHalfLine(source, file);
    this.#open.delete(file);
    closeTailFile(file);
    void rm(file.path, { force: true });
    file.path = source.path;
    file.temporary = false;
    file.done = true;
    this.#dirty.add(source);
  }

  /** The file had a line that stopped its reading, and now it goes: its successor is read again. */
  #giveUpRest(source: TailSource, file: TailFile): void {
    source.stopped = false;
    this.#deps.stats.filesLost++;
    this.#deps.logger.warn('Gave up the rest of a file that has too long a line', {
      path: source.path,
      unreadBytes: file.size - file.offset,
    });
    file.offset = file.size;
    file.seenSize = file.size;
    file.skipping = true;
  }

  #forget(file: TailFile): void {
    this.#closeFile(file);
    // Another source may follow a file that got the inode meanwhile.
    if (this.#known.get(file.key) === file) this.#known.delete(file.key);
    this.#deps.stats.filesClosed++;
    if (file.temporary) void rm(file.path, { force: true });
  }

  #drop(source: TailSource): void {
    source.handler.finish();
    this.#sources.delete(source.path);
    this.#dirty.delete(source);
    this.#released.push(source.path);
  }

  /** What the position belongs to is not there any more: emptied, or replaced under its inode. */
  #truncated(source: TailSource, file: TailFile): void {
    this.#deps.stats.filesTruncated++;
    source.stopped = false;
    this.#dirty.add(source);
    if (file.leftMs === undefined) this.#addCopies(source, file);
    this.#startAt(file, 0);
    file.fingerprint = emptyFingerprint;
    file.marker = undefined;
    file.skipping = false;
    file.mustCheck = false;
    if (file.fd >= 0) file.fingerprint = fingerprintOf(file.fd);
    else if (this.#identify(file)) this.#leaveOpen(file);
  }

  /** What the current file was before it was emptied, and what came and went since, to be read first. */
  #addCopies(source: TailSource, file: TailFile): void {
    const saved = saveFile(file);
    source.files.pop();
    this.#addSiblings(source, realPathOf(source.path), (siblings) =>
      copiesOf(siblings, file, saved, (sibling) => this.#isUnread(source, sibling)),
    );
    source.files.push(file);
  }

  #enqueueIfReady(source: TailSource): void {
    if (source.queued || source.stopped || this.#readable(source) === undefined) return;
    if (source.handler.isHeld?.() === true) return;
    source.queued = true;
    this.#ready.push(source);
  }

  /** The oldest file with something to read. */
  #readable(source: TailSource): TailFile | undefined {
    for (const file of source.files) {
      // A file must be there before the next one's lines may follow.
      if (file.unpacking) return undefined;
      if (file.size > file.seenSize) return file;
    }
    return undefined;
  }

  #readSource(source: TailSource): number {
    const file = this.#readable(source);
    if (file === undefined) return 0;
    if (file.fd < 0) {
      this.#makeRoom();
      if (!this.#openFile(source, file)) return 0;
      this.#deps.stats.filesOpened++;
    }
    this.#open.delete(file);
    this.#open.add(file);
    if (file.mustCheck && !isUnchanged(file)) {
      this.#truncated(source, file);
      return 0;
    }
    return this.#reader.read(source, file);
  }

  /** False when the file is not at its path any more; the next poll sorts it out. */
  #openFile(source: TailSource, file: TailFile): boolean {
    try {
      if (openTailFile(file)) return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || file.temporary) throw error;
    }
    source.nextPollMs = 0;
    // Compressed, renamed or removed since it was found.
    if (file.leftMs !== undefined && !file.temporary) this.#relocate(source, file);
    else file.seenSize = file.size;
    return false;
  }

  #startUnpacking(source: TailSource, file: TailFile, from: string): void {
    file.unpacking = true;
    // Followers share the folder.
    const to = join(this.#options.scratchFolder, `unpacked-${randomUUID()}`);
    const done = (): void => {
      file.unpacking = false;
      source.nextPollMs = 0;
      if (!file.packed) file.leftMs ??= this.#deps.clock.monotonicMs();
      this.#enqueueIfReady(source);
      this.#deps.wake();
    };
    unpack(from, to, maxUnpackedBytes).then(
      () => {
        if (this.#closed) {
          void rm(to, { force: true });
          return;
        }
        closeTailFile(file);
        file.path = to;
        file.temporary = true;
        file.size = statSync(to).size;
        done();
      },
      (error: unknown) => {
        void rm(to, { force: true });
        const isLost = isDamagedGzip(error) || !existsSync(from);
        this.#deps.logger.error('Cannot unpack a rotated log file', {
          path: from,
          isTriedAgain: !isLost,
          err: describeError(error),
        });
        if (!isLost) {
          // No room, no descriptor: what the file holds is not given up for that.
          void this.#deps.clock.sleep(unpackRetryMs).then(() => {
            if (!this.#closed) this.#startUnpacking(source, file, from);
          });
          return;
        }
        this.#deps.stats.filesLost++;
        file.done = file.packed;
        file.size = file.offset;
        file.seenSize = file.offset;
        done();
      },
    );
  }

  /** Files at their end are closed, the longest unread first, and opened again when they grow. */
  #makeRoom(): void {
    if (this.#open.size < this.#options.maxOpenFiles) return;
    for (const file of this.#open) {
      // A file that left its path could not be opened again.
      if (file.leftMs !== undefined || file.size > file.seenSize) continue;
      closeTailFile(file);
      this.#open.delete(file);
      if (this.#open.size < this.#options.maxOpenFiles) return;
    }
  }

  #readFailed(source: TailSource, error: unknown): void {
    source.nextPollMs = this.#deps.clock.monotonicMs() + maxIdlePollMs;
    if (source.refused) return;
    source.refused = true;
    this.#problem('Cannot read a log file', source.path, error);
  }

  #problem(sentence: string, path: string, error: unknown): void {
    this.#deps.stats.readErrors++;
    this.#deps.logger.warn(sentence, { path, err: describeError(error) });
  }
}

/** See `TailFile.after`. Before the file is opened: of what is rotated then, none was read. */
function youngestBeside(path: string): string | undefined {
  const realPath = realPathOf(path);
  if (!isKubeletLog(realPath)) return undefined;
  const youngest = siblingsOf(realPath).at(-1);
  return youngest === undefined ? '' : rotatedName(youngest.path);
}

/** The file after the oldest, but for those that were left empty. */
const nextOf = ({ files }: TailSource): TailFile | undefined =>
  files.slice(1).find((file) => file.leftMs === undefined || file.size > 0);

/** False when one may not even look: the file may be there all the same. */
function isReadable(path: string): boolean {
  try {
    statSync(path, { throwIfNoEntry: false });
    return true;
  } catch {
    return false;
  }
}

/** zlib's own errors; those of the disk have other codes. */
function isDamagedGzip(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === undefined || code.startsWith('Z_');
}
