import { type Stats, statSync } from 'node:fs';
import { fileKey, newTailFile, startAt, type TailSource } from './file.ts';
import type { FollowerParts } from './follower-parts.ts';
import { expandGlob } from './glob.ts';
import { takeSaved } from './positions.ts';
import { type Predecessors, youngestBeside } from './predecessors.ts';
import { tellReadError } from './problems.ts';

/**
 * Finds files by the globs and decides where the reading of each begins: at the position of an
 * earlier run, at its head or at its end.
 */
export class Discovery {
  readonly #parts: FollowerParts;
  readonly #predecessors: Predecessors;
  #started = false;
  /** Paths at which another file came just when one was to be opened, and if at the first scan. */
  readonly #missed = new Map<string, boolean>();
  #folders: readonly string[] = [];

  constructor(parts: FollowerParts, predecessors: Predecessors) {
    this.#parts = parts;
    this.#predecessors = predecessors;
  }

  /** Folders to watch for new names, as of the last scan. */
  get folders(): readonly string[] {
    return this.#folders;
  }

  /** Looks for files. The first scan also settles the saved positions. */
  scan(): void {
    const { options, deps, files } = this.#parts;
    const first = !this.#started;
    this.#started = true;
    const folders = new Set<string>();
    for (const pattern of options.paths) {
      const found = expandGlob(pattern, (folder, error) =>
        tellReadError(deps, 'Cannot read a log folder', folder, error),
      );
      for (const folder of found.folders) folders.add(folder);
      for (const path of found.paths) {
        if (files.sources.has(path)) continue;
        if (files.isExcluded(path)) continue;
        this.#discover(path, first);
      }
    }
    this.#folders = [...folders];
    if (first) this.#settleUnclaimed();
  }

  /** Looks again at the paths that were missed; true when there were any. */
  retryMissed(): boolean {
    const missed = [...this.#missed];
    for (const [path, first] of missed) {
      this.#missed.delete(path);
      this.#discover(path, first);
    }
    return missed.length > 0;
  }

  #discover(path: string, first: boolean): void {
    const { options, deps, files, open, unpacker } = this.#parts;
    let stats: Stats | undefined;
    try {
      stats = statSync(path, { throwIfNoEntry: false });
    } catch (error) {
      tellReadError(deps, 'Cannot read a log file', path, error);
      return;
    }
    if (stats === undefined || !stats.isFile()) return;
    if (files.followed(fileKey(stats.dev, stats.ino)) !== undefined) return;
    const { ignoreOlderMs } = options;
    const ageMs = deps.clock.nowMs() - stats.mtimeMs;
    const isOld = ignoreOlderMs > 0 && ageMs > ignoreOlderMs;
    if (isOld && !files.saved.knows(path, fileKey(stats.dev, stats.ino))) return;
    const file = newTailFile(path, stats, 0);
    file.packed = path.endsWith('.gz');
    file.after = youngestBeside(path);
    // Another file has just come to the path: that one is found by the next look.
    if (!open.identify(file)) {
      this.#missed.set(path, first);
      return;
    }
    const saved = files.saved.claim(path, file);
    const isFollowed = file.packed && saved === undefined && files.isKnownUnpacked(path);
    const source = isFollowed ? undefined : files.newSource(path);
    if (source === undefined) {
      open.close(file);
      return;
    }
    this.#predecessors.addUnfinished(source, file, saved !== undefined);
    // What comes to a path that was followed before is new.
    const isNext = files.saved.hasSource(path);
    const isWanted = first ? options.fromHead : options.newFromHead;
    if (saved !== undefined) takeSaved(file, saved);
    else if (isWanted || isNext) {
      const isLarge = first && !file.packed && !isNext;
      startAt(file, isLarge ? this.#leftOutBytes(source, stats.size) : 0);
      // Most likely inside a line.
      file.skipping = file.offset > 0;
    } else {
      startAt(file, stats.size);
      file.done = file.packed;
    }
    // Known from now on: should it be rotated before its first read, the next run looks for it.
    files.changed(source);
    files.add(source, file);
    open.leaveOpen(file);
    if (file.packed && !file.done) unpacker.start(source, file, path);
    deps.stats.filesFound++;
  }

  /** The beginning of a large file that is not read at the first start; its line is not whole. */
  #leftOutBytes(source: TailSource, size: number): number {
    const { options, deps } = this.#parts;
    const { maxFirstReadBytes } = options;
    if (maxFirstReadBytes === undefined || size <= maxFirstReadBytes) return 0;
    const bytes = size - maxFirstReadBytes;
    deps.logger.info('Left out the beginning of a large log file', {
      path: source.path,
      leftOutBytes: bytes,
      readBytes: maxFirstReadBytes,
    });
    return bytes;
  }

  /** After the first scan: what an earlier run knew and nobody has claimed. */
  #settleUnclaimed(): void {
    const { saved, sources } = this.#parts.files;
    for (const path of saved.paths) {
      if (this.#missed.has(path) || !isReadable(path)) continue;
      if (!sources.has(path)) this.#settleMissing(path);
      saved.forget(path);
    }
  }

  /** Between the renaming of a log and the opening of the next there is nothing at its path. */
  #settleMissing(path: string): void {
    const { files, deps } = this.#parts;
    const source = files.isWanted(path) ? files.newSource(path) : undefined;
    if (source === undefined) files.release(path);
    else {
      this.#predecessors.addUnfinished(source, undefined, false);
      if (source.files.length > 0) return;
      files.drop(source);
    }
    deps.logger.debug('Forgot the position of a file that is gone', { path });
  }
}

/** False when one may not even look: the file may be there all the same. */
function isReadable(path: string): boolean {
  try {
    statSync(path, { throwIfNoEntry: false });
    return true;
  } catch {
    return false;
  }
}
