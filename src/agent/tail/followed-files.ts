import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Checkpoint } from '../contract.ts';
import { fileKey, isStillAt, type TailFile, type TailSource } from './file.ts';
import type { FollowerDeps, FollowerOptions } from './follower-options.ts';
import { excludeRegex, globRegex } from './glob.ts';
import { gzipMatches } from './identity.ts';
import type { OpenFiles } from './open-files.ts';
import { SavedPositions, saveSource } from './positions.ts';
import { beginsWith, realPathOf, type Sibling } from './rotation.ts';

/**
 * What is followed: sources by their path, their files by inode, what an earlier run knew and nobody
 * has claimed yet, and what a checkpoint has to tell of them.
 */
export class FollowedFiles {
  /** By path. */
  readonly sources: Map<string, TailSource> = new Map();
  /** Positions of an earlier run that no file has claimed yet. */
  readonly saved: SavedPositions = new SavedPositions();
  readonly #options: FollowerOptions;
  readonly #deps: FollowerDeps;
  readonly #open: OpenFiles;
  readonly #excludes: readonly RegExp[];
  readonly #includes: readonly RegExp[];
  /** Files by their inode: two paths to one file are read once. See `followed`. */
  readonly #known = new Map<string, TailFile>();
  /** Sources of which a checkpoint has something new to tell. */
  readonly #dirty = new Set<TailSource>();
  /** Paths of sources that are gone. */
  readonly #released: string[] = [];

  constructor(options: FollowerOptions, deps: FollowerDeps, open: OpenFiles) {
    this.#options = options;
    this.#deps = deps;
    this.#open = open;
    this.#excludes = options.excludePaths.map(excludeRegex);
    this.#includes = options.paths.map(globRegex);
  }

  isExcluded(path: string): boolean {
    return this.#excludes.some((exclude) => exclude.test(path));
  }

  /** Do the options ask for a file at this path, were it there? */
  isWanted(path: string): boolean {
    return this.#includes.some((include) => include.test(path)) && !this.isExcluded(path);
  }

  /** The file that has this inode, if it is one of ours; one that was let go may be gone by now. */
  followed(key: string): TailFile | undefined {
    const file = this.#known.get(key);
    return file !== undefined && isStillAt(file) ? file : undefined;
  }

  /** Is it a file of this source alone, of which no position is known? */
  isUnread(source: TailSource, { path, stats: { dev, ino } }: Sibling): boolean {
    return (
      !this.sources.has(path) &&
      this.followed(fileKey(dev, ino)) === undefined &&
      !this.saved.isWanted(source.path, dev, ino, (file) => beginsWith(path, file.fingerprint))
    );
  }

  /** Is it the compressed form of a file that is followed? It takes over when that one is done. */
  isKnownUnpacked(path: string): boolean {
    for (const source of this.sources.values()) {
      if (dirname(source.path) !== dirname(path)) continue;
      if (source.files.some((file) => gzipMatches(path, file.fingerprint))) return true;
    }
    return false;
  }

  /** Undefined: the path is not for us. */
  newSource(path: string): TailSource | undefined {
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
    this.sources.set(path, source);
    const state = this.saved.takeState(path);
    if (state !== undefined) handler.restoreState(state);
    return source;
  }

  /** The path and its position are given up. */
  drop(source: TailSource): void {
    source.handler.finish();
    this.sources.delete(source.path);
    this.#dirty.delete(source);
    this.release(source.path);
  }

  /** The position of the path goes with the next checkpoint. */
  release(path: string): void {
    this.#released.push(path);
  }

  /** The youngest file of the source. */
  add(source: TailSource, file: TailFile): void {
    source.files.push(file);
    this.know(file);
  }

  /** The file is to be found by its inode. */
  know(file: TailFile): void {
    this.#known.set(file.key, file);
  }

  /** The inode is not the file's any more. Another source may follow a file that got it meanwhile. */
  unknow(file: TailFile): void {
    if (this.#known.get(file.key) === file) this.#known.delete(file.key);
  }

  /** The file has been read and belongs to no source any more. */
  forget(file: TailFile): void {
    this.#open.close(file);
    this.unknow(file);
    this.#deps.stats.filesClosed++;
    if (file.temporary) void rm(file.path, { force: true });
  }

  /** The next checkpoint tells of the source. */
  changed(source: TailSource): void {
    this.#dirty.add(source);
  }

  /** What changed since the last call. */
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
}
