import { type Stats, statSync } from 'node:fs';
import type { Checkpoint } from '../contract.ts';
import { Discovery } from './discovery.ts';
import { openTailFile, type TailFile, type TailSource } from './file.ts';
import { FollowedFiles } from './followed-files.ts';
import type { FollowerDeps, FollowerOptions } from './follower-options.ts';
import type { FollowerParts } from './follower-parts.ts';
import { OpenFiles } from './open-files.ts';
import { Predecessors } from './predecessors.ts';
import { tellReadError } from './problems.ts';
import { isUnchanged, SliceReader } from './slice-reader.ts';
import { Succession } from './succession.ts';
import { Unpacker } from './unpacker.ts';

export type { FollowerDeps, FollowerOptions } from './follower-options.ts';

/** A log that was written to a moment ago will be written to again in a moment. */
const hotMs = 10_000;
const hotPollMs = 100;
const minIdlePollMs = 250;
const maxIdlePollMs = 2000;
/** Polling idle files may take this share of one CPU. */
const maxPollShare = 0.004;

/**
 * Follows the files that match some globs: finds them, notices growth, rotation (rename, copy and
 * truncate), deletion and replacement, and hands their lines to handlers, a slice at a time. Reads
 * are synchronous and go into one shared buffer; growth is seen by looking at sizes, for a watch per
 * file would cost a system call per line written.
 *
 * This class says when to look and what to read next; `Discovery` finds files, `Succession` and
 * `Predecessors` follow them through rotation, `FollowedFiles` knows them all.
 */
export class FileFollower {
  readonly #options: FollowerOptions;
  readonly #deps: FollowerDeps;
  readonly #files: FollowedFiles;
  readonly #open: OpenFiles;
  readonly #unpacker: Unpacker;
  readonly #predecessors: Predecessors;
  readonly #discovery: Discovery;
  readonly #succession: Succession;
  readonly #reader: SliceReader;
  readonly #ready: TailSource[] = [];
  /** Of the monotonic clock: files were looked at then. */
  #polledMs = 0;
  #idlePollMs = minIdlePollMs;

  constructor(options: FollowerOptions, deps: FollowerDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#open = new OpenFiles(options.maxOpenFiles);
    this.#files = new FollowedFiles(options, deps, this.#open);
    this.#unpacker = new Unpacker(options, deps, (source) => this.#enqueueIfReady(source));
    this.#reader = new SliceReader(options, deps);
    const parts: FollowerParts = {
      options,
      deps,
      files: this.#files,
      open: this.#open,
      unpacker: this.#unpacker,
    };
    this.#predecessors = new Predecessors(parts);
    this.#discovery = new Discovery(parts, this.#predecessors);
    this.#succession = new Succession(parts, this.#predecessors, this.#reader);
  }

  /** Folders to watch for new names, as of the last scan. */
  get folders(): readonly string[] {
    return this.#discovery.folders;
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
    for (const source of this.#files.sources.values()) files += source.files.length;
    return files;
  }

  /** Bytes seen and not read yet, over all files. */
  lagBytes(): number {
    let lag = 0;
    for (const source of this.#files.sources.values()) {
      for (const file of source.files) lag += Math.max(0, file.size - file.offset);
    }
    return lag;
  }

  /** True when every known file has been read to its end. */
  get atEnd(): boolean {
    if (this.#ready.length > 0) return false;
    for (const source of this.#files.sources.values()) {
      for (const file of source.files) {
        if (file.unpacking || file.size > Math.max(file.seenSize, file.offset)) return false;
      }
    }
    return true;
  }

  /** Before the first scan: where an earlier run stopped. */
  restore(checkpoints: Iterable<Checkpoint>): void {
    this.#files.saved.add(checkpoints);
  }

  /** Looks for files. The first scan also settles the saved positions. */
  scan(): void {
    this.#discovery.scan();
  }

  /** Looks at the files that are due; returns the monotonic time of the next look. */
  poll(): number {
    const { clock } = this.#deps;
    const { sources } = this.#files;
    const nowMs = clock.monotonicMs();
    this.#polledMs = nowMs;
    let nextMs = this.#discovery.retryMissed() ? nowMs : nowMs + maxIdlePollMs;
    let looked = 0;
    for (const source of sources.values()) {
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
      const wanted = (perSourceMs * sources.size) / maxPollShare;
      this.#idlePollMs = Math.min(maxIdlePollMs, Math.max(minIdlePollMs, wanted));
    }
    return nextMs;
  }

  /** Handlers that held their files may have let them go. */
  touchAll(): void {
    for (const source of this.#files.sources.values()) source.nextPollMs = 0;
  }

  /** A watch said that something under this name changed. */
  touch(path: string): boolean {
    const source = this.#files.sources.get(path);
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
      this.#files.changed(source);
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
    for (const source of this.#files.sources.values()) {
      if (source.handler.flushIdle(nowMs)) this.#files.changed(source);
    }
  }

  /** Emits everything that handlers hold back. The positions are then exact without any state. */
  finishHandlers(): void {
    for (const source of this.#files.sources.values()) {
      source.handler.finish();
      this.#files.changed(source);
    }
  }

  /** What changed since the last call, to be stored together with the events read meanwhile. */
  takeCheckpoints(): Checkpoint[] {
    return this.#files.takeCheckpoints();
  }

  close(): void {
    this.#unpacker.close();
    this.#open.closeAll();
  }

  #pollSource(source: TailSource, nowMs: number): void {
    let stats: Stats | undefined;
    try {
      stats = statSync(source.path, { throwIfNoEntry: false });
    } catch (error) {
      this.#readFailed(source, error);
      return;
    }
    this.#succession.update(source, stats?.isFile() === true ? stats : undefined, nowMs);
    if (source.files.length === 0) this.#files.drop(source);
    else this.#enqueueIfReady(source);
  }

  #enqueueIfReady(source: TailSource): void {
    if (source.queued || source.stopped || readable(source) === undefined) return;
    if (source.handler.isHeld?.() === true) return;
    source.queued = true;
    this.#ready.push(source);
  }

  #readSource(source: TailSource): number {
    const file = readable(source);
    if (file === undefined) return 0;
    if (file.fd < 0) {
      this.#open.makeRoom();
      if (!this.#openFile(source, file)) return 0;
      this.#deps.stats.filesOpened++;
    }
    this.#open.use(file);
    if (file.mustCheck && !isUnchanged(file)) {
      this.#succession.truncated(source, file);
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
    if (file.leftMs !== undefined && !file.temporary) this.#predecessors.relocate(source, file);
    else file.seenSize = file.size;
    return false;
  }

  #readFailed(source: TailSource, error: unknown): void {
    source.nextPollMs = this.#deps.clock.monotonicMs() + maxIdlePollMs;
    if (source.refused) return;
    source.refused = true;
    tellReadError(this.#deps, 'Cannot read a log file', source.path, error);
  }
}

/** The oldest file with something to read. */
function readable(source: TailSource): TailFile | undefined {
  for (const file of source.files) {
    // A file must be there before the next one's lines may follow.
    if (file.unpacking) return undefined;
    if (file.size > file.seenSize) return file;
  }
  return undefined;
}
