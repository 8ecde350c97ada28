import { existsSync, fstatSync, readSync, type Stats, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Clock, describeError, type Logger } from '#base';
import type { Checkpoint } from '../contract.ts';
import {
  closeTailFile,
  fileKey,
  newTailFile,
  openTailFile,
  type TailFile,
  type TailSource,
  unpackedKey,
} from './file.ts';
import { excludeRegex, expandGlob, globRegex } from './glob.ts';
import type { LineHandler } from './handler.ts';
import {
  emptyFingerprint,
  type Fingerprint,
  fingerprintBytes,
  fingerprintOf,
  gzipFingerprint,
  gzipMatches,
  markerAt,
  markerBytes,
  matchesFingerprint,
} from './identity.ts';
import {
  beginsWith,
  compareRotated,
  findMoved,
  isKubeletLog,
  realPathOf,
  type Sibling,
  siblingsOf,
  unpack,
} from './rotation.ts';
import type { TailStats } from './stats.ts';

/** What to do with a line longer than `maxLineBytes`. */
export type LongLines = 'split' | 'truncate' | 'skip' | 'stop';

export interface FollowerOptions {
  /** Name of the input in checkpoints. */
  readonly name: string;
  readonly paths: readonly string[];
  readonly excludePaths: readonly string[];
  /** Files that are there at the first start: from their head, or only what is written later. */
  readonly fromHead: boolean;
  /** At most so much from the end of each file that is there at the first start; absent: all. */
  readonly maxFirstReadBytes?: number;
  /** The same for files that appear later. */
  readonly newFromHead: boolean;
  readonly refreshIntervalMs: number;
  /** How long a rotated or deleted file is watched for late lines after its end was reached. */
  readonly rotateWaitMs: number;
  readonly maxLineBytes: number;
  readonly longLines: LongLines;
  /** Files not modified for so long are left alone when they are first seen; 0: none. */
  readonly ignoreOlderMs: number;
  /** Bytes per read; bounds what one busy file may take before the others have their turn. */
  readonly sliceBytes: number;
  readonly maxOpenFiles: number;
  /** Folder for unpacked rotated files. */
  readonly scratchFolder: string;
}

export interface FollowerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stats: TailStats;
  /** Undefined: this path is not for us. */
  readonly handlerFor: (path: string, realPath: string) => LineHandler | undefined;
  /** Something changed outside of a poll (a file was unpacked). */
  readonly wake: () => void;
}

interface SavedPosition {
  readonly source: string;
  readonly offset: number;
  readonly fp: readonly [length: number, crc: number];
  readonly mark?: number;
  readonly skipping?: boolean;
  /** A compressed file that has been read. */
  readonly done?: boolean;
}

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
  /** Every file known, by identity: two paths to one file are read once. */
  readonly #known = new Map<string, TailSource>();
  /** Positions of an earlier run that no file has claimed yet. */
  readonly #saved = new Map<string, SavedPosition>();
  /** Keys of `#saved` by the path of their source. */
  readonly #savedOf = new Map<string, string[]>();
  readonly #savedStates = new Map<string, unknown>();
  readonly #ready: TailSource[] = [];
  /** Sources of which a checkpoint has something new to tell. */
  readonly #dirty = new Set<TailSource>();
  /** Open files, least recently read first. */
  readonly #open = new Set<TailFile>();
  readonly #released: string[] = [];
  #buffer: Buffer;
  #idlePollMs = minIdlePollMs;
  #started = false;
  #folders: readonly string[] = [];
  #unpackings = 0;
  #closed = false;

  constructor(options: FollowerOptions, deps: FollowerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#excludes = options.excludePaths.map(excludeRegex);
    this.#includes = options.paths.map(globRegex);
    this.#buffer = Buffer.allocUnsafeSlow(options.sliceBytes + markerBytes);
  }

  /** Folders to watch for new names, as of the last scan. */
  get folders(): readonly string[] {
    return this.#folders;
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  get openFiles(): number {
    return this.#open.size;
  }

  get trackedFiles(): number {
    return this.#known.size;
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
    for (const { key, value } of checkpoints) {
      if (key.startsWith('state:')) this.#savedStates.set(key.slice(6), value);
      else {
        const position = value as SavedPosition;
        this.#saved.set(key, position);
        const others = this.#savedOf.get(position.source);
        if (others === undefined) this.#savedOf.set(position.source, [key]);
        else others.push(key);
      }
    }
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
    if (first) this.#dropUnclaimed();
  }

  /** Looks at the files that are due; returns the monotonic time of the next look. */
  poll(): number {
    const { clock } = this.#deps;
    const nowMs = clock.monotonicMs();
    let nextMs = nowMs + maxIdlePollMs;
    let looked = 0;
    for (const source of this.#sources.values()) {
      if (source.nextPollMs <= nowMs) {
        this.#pollSource(source, nowMs);
        const hot = nowMs - source.lastGrowthMs < hotMs || source.files.length > 1;
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

  /** Lets handlers emit what waited too long. */
  flushIdle(): void {
    const nowMs = this.#deps.clock.monotonicMs();
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
    // The inode of a file that is gone may be another's by now, in any folder: its position stays.
    const release = (key: string): void => {
      if (!this.#known.has(key)) changed.push({ input, key, value: null });
    };
    for (const key of this.#released.splice(0)) release(key);
    for (const source of this.#dirty) {
      for (const key of source.finished.splice(0)) release(key);
      for (const file of source.files) {
        changed.push({ input, key: file.key, value: savedPosition(source, file) });
      }
      const state = source.handler.saveState();
      if (state !== undefined) changed.push({ input, key: `state:${source.path}`, value: state });
      else if (source.hadState) changed.push({ input, key: `state:${source.path}`, value: null });
      source.hadState = state !== undefined;
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
    const key = fileKey(stats.dev, stats.ino);
    if (this.#known.has(key)) return;
    const saved = this.#saved.get(key);
    const { ignoreOlderMs } = this.#options;
    const ageMs = this.#deps.clock.nowMs() - stats.mtimeMs;
    if (saved === undefined && ignoreOlderMs > 0 && ageMs > ignoreOlderMs) return;
    const realPath = realPathOf(path) ?? path;
    const packed = path.endsWith('.gz');
    if (packed && saved === undefined && this.#isKnownUnpacked(path)) return;
    const source = this.#newSource(path, realPath);
    if (source === undefined) return;
    if (!packed) this.#addUnfinished(source, realPath, key);
    const fromHead =
      source.files.length > 0 || (first ? this.#options.fromHead : this.#options.newFromHead);
    const isNew = first && saved === undefined && !packed;
    const left = fromHead && isNew ? this.#leftOutBytes(source, stats.size) : 0;
    const file = newTailFile(path, stats, fromHead ? left : stats.size);
    // Most likely inside a line.
    file.skipping = left > 0;
    file.packed = packed;
    file.done = packed && !fromHead;
    const known = packed && saved === undefined ? this.#savedUnpacked(path) : file.key;
    if (known !== undefined) this.#resume(file, source, known);
    // Known from now on: should it be rotated before its first read, the next run looks for it.
    this.#dirty.add(source);
    this.#add(source, file);
    if (packed && !file.done) this.#startUnpacking(source, file, path);
    this.#deps.stats.filesFound++;
  }

  #newSource(path: string, realPath: string): TailSource | undefined {
    const handler = this.#deps.handlerFor(path, realPath);
    if (handler === undefined) return undefined;
    const source: TailSource = {
      path,
      handler,
      files: [],
      nextPollMs: 0,
      lastGrowthMs: Number.NEGATIVE_INFINITY,
      hadState: false,
      queued: false,
      finished: [],
      refused: false,
      stopped: false,
    };
    this.#sources.set(path, source);
    const state = this.#savedStates.get(path);
    if (state !== undefined && state !== null) {
      this.#savedStates.delete(path);
      handler.restoreState(state);
      source.hadState = true;
    }
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

  /** Key of the file whose compressed form this is, of those an earlier run knew. */
  #savedUnpacked(path: string): string | undefined {
    for (const [key, saved] of this.#saved) {
      if (dirname(saved.source) !== dirname(path)) continue;
      if (gzipMatches(path, { length: saved.fp[0], crc: saved.fp[1] })) return key;
    }
    return undefined;
  }

  /** The beginning of a large file that is not read at the first start; its line is not whole. */
  #leftOutBytes(source: TailSource, size: number): number {
    const { maxFirstReadBytes } = this.#options;
    if (maxFirstReadBytes === undefined || size <= maxFirstReadBytes) return 0;
    // An earlier run has read some of it.
    if (source.files.length > 0) return 0;
    const bytes = size - maxFirstReadBytes;
    this.#deps.logger.info('Left out the beginning of a large log file', {
      path: source.path,
      leftOutBytes: bytes,
      readBytes: maxFirstReadBytes,
    });
    return bytes;
  }

  /** Files of this source that an earlier run had not read to the end and that moved since. */
  #addUnfinished(source: TailSource, realPath: string, currentKey: string): void {
    // Nearly always there is nothing to look for: folders of thousands of files are not read for it.
    const wanted = (this.#savedOf.get(source.path) ?? []).filter((key) => {
      const saved = this.#saved.get(key);
      if (saved === undefined || this.#known.has(key)) return false;
      // Another file may have got the inode of one that was compressed or removed.
      return key !== currentKey || !beginsWith(realPath, savedFingerprint(saved));
    });
    if (wanted.length === 0) return;
    const siblings = siblingsOf(realPath);
    const unfinished: { readonly sibling: Sibling; readonly key: string }[] = [];
    let isOneGone = false;
    for (const key of wanted) {
      const saved = this.#saved.get(key)!;
      const fingerprint = savedFingerprint(saved);
      const [dev, ino] = key.split('-').map(Number) as [number, number];
      const { offset, mark: marker } = saved;
      const sibling = findMoved(siblings, { dev, ino, fingerprint, offset, marker });
      if (sibling !== undefined) unfinished.push({ sibling, key });
      // The oldest is removed first, so what the kubelet left is younger. Others may have removed it.
      else if (key !== currentKey && fingerprint.length > 0) isOneGone ||= isKubeletLog(realPath);
    }
    unfinished.sort((a, b) => compareRotated(a.sibling, b.sibling));
    const oldest = unfinished[0]?.sibling;
    if (oldest === undefined && !isOneGone) return;
    for (const sibling of siblings) {
      const known = unfinished.find((one) => one.sibling === sibling);
      if (known !== undefined) {
        this.#addMoved(source, sibling, known.key);
        continue;
      }
      // One that came and went after the oldest unfinished one.
      if (!isOneGone && oldest !== undefined && compareRotated(sibling, oldest) <= 0) continue;
      const key = fileKey(sibling.stats.dev, sibling.stats.ino);
      if (key === currentKey || this.#known.has(key)) continue;
      // Also where a position is kept under this inode, when it is that of a file that had it before.
      const saved = this.#saved.get(key);
      if (saved !== undefined && beginsWith(sibling.path, savedFingerprint(saved))) continue;
      this.#addMoved(source, sibling, undefined);
    }
  }

  /** @param savedKey of the position at which an earlier run stopped */
  #addMoved(source: TailSource, sibling: Sibling, savedKey: string | undefined): void {
    const { path, stats, gzip } = sibling;
    const file = newTailFile(path, stats, 0);
    const saved = savedKey === undefined ? undefined : this.#saved.get(savedKey);
    file.leftMs = this.#deps.clock.monotonicMs();
    if (gzip) file.key = unpackedKey(source.path, gzipFingerprint(path));
    if (this.#known.has(file.key)) return;
    if (savedKey !== undefined && saved !== undefined) {
      this.#saved.delete(savedKey);
      takeSaved(file, saved);
      if (savedKey !== file.key) {
        source.finished.push(savedKey);
        this.#dirty.add(source);
      }
    }
    this.#add(source, file);
    if (gzip) this.#startUnpacking(source, file, path);
  }

  #add(source: TailSource, file: TailFile): void {
    source.files.push(file);
    this.#known.set(file.key, source);
  }

  /** Takes the saved position over when the file is the same. */
  #resume(file: TailFile, source: TailSource, key: string): void {
    const saved = this.#saved.get(key);
    if (saved === undefined) return;
    this.#saved.delete(key);
    if (key !== file.key) this.#released.push(key);
    takeSaved(file, saved);
    file.mustCheck = true;
    this.#dirty.add(source);
  }

  /** Positions of files that are gone: nothing will ever ask for them again. */
  #dropUnclaimed(): void {
    for (const [key, saved] of this.#saved) {
      this.#released.push(key);
      this.#deps.logger.debug('Forgot the position of a file that is gone', { path: saved.source });
    }
    this.#saved.clear();
    this.#savedOf.clear();
    for (const path of this.#savedStates.keys()) this.#released.push(`state:${path}`);
    this.#savedStates.clear();
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
    const moved = findMoved(siblingsOf(realPathOf(source.path) ?? file.path), file);
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
    if (!moved.gzip) {
      file.size = moved.stats.size;
      file.mustCheck = true;
      return;
    }
    source.finished.push(file.key);
    if (this.#known.get(file.key) === source) this.#known.delete(file.key);
    file.key = unpackedKey(source.path, gzipFingerprint(moved.path));
    this.#known.set(file.key, source);
    this.#dirty.add(source);
    this.#startUnpacking(source, file, moved.path);
  }

  /** Another file is at the path now; files that were there between the two are looked for. */
  #arrive(source: TailSource, stats: Stats, before: TailFile | undefined): void {
    const key = fileKey(stats.dev, stats.ino);
    const known = this.#known.get(key);
    if (known !== undefined && known !== source) return;
    const returned = source.files.findIndex((file) => file.key === key);
    if (returned >= 0) {
      const [file] = source.files.splice(returned, 1);
      if (stats.size >= file!.offset && beginsWith(source.path, file!.fingerprint)) {
        // Renamed back (kubelet does so when the runtime could not reopen its log).
        file!.leftMs = undefined;
        file!.path = source.path;
        source.files.push(file!);
        return;
      }
      // That file is gone, and its inode has become another's.
      this.#forget(source, file!);
    }
    if (before !== undefined) this.#addPassedBy(source, key, before);
    this.#add(source, newTailFile(source.path, stats, 0));
    this.#deps.stats.filesFound++;
    this.#dirty.add(source);
  }

  /** Files that were at the path after `before` and are not any more. */
  #addPassedBy(source: TailSource, currentKey: string, before: TailFile): void {
    const siblings = siblingsOf(realPathOf(source.path) ?? source.path);
    const old = findMoved(siblings, before);
    for (const sibling of siblings) {
      const key = fileKey(sibling.stats.dev, sibling.stats.ino);
      if (key === currentKey || this.#known.has(key) || this.#sources.has(sibling.path)) continue;
      const isYounger =
        old === undefined
          ? sibling.stats.mtimeMs > before.mtimeMs && !sibling.gzip
          : compareRotated(sibling, old) > 0;
      if (isYounger) this.#addMoved(source, sibling, undefined);
    }
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
        this.#giveHalfLine(source, file);
      }
      source.files.shift();
      this.#dirty.add(source);
      if (!this.#handOver(source, file, nowMs)) this.#forget(source, file);
    }
  }

  /**
   * A rotated file whose new name is wanted too (`app.log.1` and the pattern `app.log*`) goes on as a
   * source of its own, at its position: it is not read a second time. False: nobody wants it.
   */
  #handOver(source: TailSource, file: TailFile, nowMs: number): boolean {
    const realPath = realPathOf(source.path) ?? source.path;
    if (dirname(realPath) !== dirname(source.path)) return false;
    // A source that is itself a rotated name (`app.log.1`) has its siblings under the first one's.
    const first = source.path.replace(/[.-](?:\d[^/]*|old)$/, '');
    const siblings = [source.path, first].flatMap((path) => siblingsOf(path));
    const moved = file.packed
      ? siblings.find(({ stats }) => stats.ino === file.ino && stats.dev === file.dev)
      : findMoved(siblings, file);
    if (moved === undefined || !this.#isWanted(moved.path)) return false;
    const target = this.#sources.get(moved.path) ?? this.#newSource(moved.path, moved.path);
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
      this.#forget(source, file);
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
    if (file.offset < file.size && !file.skipping) this.#giveHalfLine(source, file);
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

  #forget(source: TailSource, file: TailFile): void {
    closeTailFile(file);
    this.#open.delete(file);
    // Another source may follow a file that got the inode meanwhile.
    if (this.#known.get(file.key) === source) this.#known.delete(file.key);
    if (file.packedKey !== undefined) this.#known.delete(file.packedKey);
    source.finished.push(file.key);
    this.#deps.stats.filesClosed++;
    if (file.temporary) void rm(file.path, { force: true });
  }

  #drop(source: TailSource): void {
    source.handler.finish();
    this.#sources.delete(source.path);
    this.#dirty.delete(source);
    this.#released.push(...source.finished);
    if (source.hadState) this.#released.push(`state:${source.path}`);
  }

  #truncated(source: TailSource, file: TailFile): void {
    this.#deps.stats.filesTruncated++;
    source.stopped = false;
    this.#dirty.add(source);
    file.offset = 0;
    file.seenSize = 0;
    file.fingerprint = emptyFingerprint;
    file.marker = undefined;
    file.skipping = false;
    file.mustCheck = false;
  }

  #enqueueIfReady(source: TailSource): void {
    if (source.queued || source.stopped || this.#readable(source) === undefined) return;
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
    if (file.mustCheck) this.#check(source, file);
    return this.#readFile(source, file);
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

  /** Is it still the file whose position is known? */
  #check(source: TailSource, file: TailFile): void {
    file.mustCheck = false;
    if (file.offset === 0 && file.fingerprint.length === 0) return;
    const size = fstatSync(file.fd).size;
    const same =
      size >= file.offset &&
      matchesFingerprint(file.fd, file.fingerprint) &&
      (file.marker === undefined || markerAt(file.fd, file.offset) === file.marker);
    if (!same) this.#truncated(source, file);
    file.size = size;
  }

  #readFile(source: TailSource, file: TailFile): number {
    const { stats } = this.#deps;
    const buffer = this.#buffer;
    const wanted = buffer.length - markerBytes;
    const count = readSync(file.fd, buffer, 0, wanted, file.offset);
    const readTo = file.offset + count;
    if (file.fingerprint.length < fingerprintBytes && readTo > file.fingerprint.length) {
      file.fingerprint =
        file.offset === 0
          ? firstBytes(buffer, Math.min(count, fingerprintBytes))
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
        return this.#readFile(source, file);
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

  #longLine(source: TailSource, file: TailFile, count: number): number {
    const { longLines } = this.#options;
    this.#deps.stats.longLines++;
    if (longLines === 'stop') {
      source.stopped = true;
      this.#deps.logger.error('Stopped reading a file that has too long a line', {
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

  /** The last line of a file that ended without a line feed and that nobody writes to any more. */
  #giveHalfLine(source: TailSource, file: TailFile): void {
    const length = Math.min(file.size - file.offset, this.#buffer.length - 1);
    if (file.fd < 0 && !this.#reopen(file)) return;
    const count = readSync(file.fd, this.#buffer, 0, length, file.offset);
    if (count === 0) return;
    this.#buffer[count] = 10;
    source.handler.lines(this.#buffer, 0, count + 1, { path: source.path, offset: file.offset });
    file.offset += count;
  }

  #reopen(file: TailFile): boolean {
    try {
      return openTailFile(file);
    } catch {
      return false;
    }
  }

  #startUnpacking(source: TailSource, file: TailFile, from: string): void {
    file.unpacking = true;
    const stats = statSync(from, { throwIfNoEntry: false });
    if (stats !== undefined && !file.packed) {
      file.packedKey = fileKey(stats.dev, stats.ino);
      this.#known.set(file.packedKey, source);
    }
    const to = join(this.#options.scratchFolder, `unpacked-${++this.#unpackings}`);
    const done = (): void => {
      file.unpacking = false;
      source.nextPollMs = 0;
      if (!file.packed) file.leftMs ??= this.#deps.clock.monotonicMs();
      this.#enqueueIfReady(source);
      this.#deps.wake();
    };
    unpack(from, to, maxUnpackedBytes).then(
      () => {
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

/** zlib's own errors; those of the disk have other codes. */
function isDamagedGzip(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === undefined || code.startsWith('Z_');
}

function savedPosition(source: TailSource, file: TailFile): SavedPosition {
  return {
    source: source.path,
    offset: file.offset,
    fp: [file.fingerprint.length, file.fingerprint.crc],
    ...(file.marker === undefined ? {} : { mark: file.marker }),
    ...(file.skipping ? { skipping: true } : {}),
    ...(file.done ? { done: true } : {}),
  };
}

const savedFingerprint = ({ fp }: SavedPosition): Fingerprint => ({ length: fp[0], crc: fp[1] });

function takeSaved(file: TailFile, saved: SavedPosition): void {
  file.offset = saved.offset;
  file.seenSize = saved.offset;
  file.fingerprint = { length: saved.fp[0], crc: saved.fp[1] };
  file.marker = saved.mark;
  file.skipping = saved.skipping === true;
  file.done = saved.done === true;
}

function firstBytes(buffer: Buffer, length: number): Fingerprint {
  return { length, crc: crc32(buffer.subarray(0, length)) };
}
