import { dirname } from 'node:path';
import type { Checkpoint } from '../contract.ts';
import { fileKey, type TailFile, type TailSource } from './file.ts';
import { gzipMatches, markerAt, matchesFingerprint } from './identity.ts';
import type { MovedFile } from './rotation.ts';

/** Where the reading of one file stopped. */
export interface SavedFile {
  /** `dev-inode`; empty for a copy of ours, unpacked from a compressed file. */
  readonly id: string;
  readonly offset: number;
  readonly fp: readonly [length: number, crc: number];
  /** See `TailFile`. */
  readonly after?: string;
  readonly mark?: number;
  readonly skipping?: boolean;
  /** A compressed file that has been read. */
  readonly done?: boolean;
}

/**
 * The checkpoint of a source, under its path. One value holds all of it, so that no two sources can
 * overwrite each other's positions when an inode goes from one's file to the other's.
 */
export interface SavedSource {
  /** Oldest first; what rotated through the path before the first of them needs no reading. */
  readonly files: readonly SavedFile[];
  /** What the handler holds back. */
  readonly state?: unknown;
}

export function saveSource(source: TailSource): SavedSource {
  const state = source.handler.saveState();
  return { files: source.files.map(saveFile), ...(state === undefined ? {} : { state }) };
}

export function saveFile(file: TailFile): SavedFile {
  const isCopy = !file.packed && (file.temporary || file.unpacking);
  return {
    id: isCopy ? '' : file.key,
    offset: file.offset,
    fp: [file.fingerprint.length, file.fingerprint.crc],
    ...(file.after === undefined ? {} : { after: file.after }),
    ...(file.marker === undefined ? {} : { mark: file.marker }),
    ...(file.skipping ? { skipping: true } : {}),
    ...(file.done ? { done: true } : {}),
  };
}

/** The file goes on from the saved position. */
export function takeSaved(file: TailFile, saved: SavedFile): void {
  file.offset = saved.offset;
  file.seenSize = saved.offset;
  // What was made of more bytes tells more.
  if (saved.fp[0] > file.fingerprint.length) file.fingerprint = fingerprintOfSaved(saved);
  file.marker = saved.mark;
  file.after = saved.after ?? file.after;
  file.skipping = saved.skipping === true;
  file.done = saved.done === true;
  file.mustCheck = true;
}

const fingerprintOfSaved = ({ fp: [length, crc] }: SavedFile): TailFile['fingerprint'] => ({
  length,
  crc,
});

/** What is needed to look for the file under another name. */
export function movedFile(saved: SavedFile): MovedFile {
  const [dev, ino] = saved.id.split('-').map(Number) as [number, number];
  const fingerprint = fingerprintOfSaved(saved);
  return { dev, ino, fingerprint, offset: saved.offset, marker: saved.mark };
}

/** Positions of an earlier run that no file has claimed yet. */
export class SavedPositions {
  readonly #sources = new Map<string, { files: SavedFile[]; state: unknown }>();
  /** Paths of sources that have a file with this id. */
  readonly #byId = new Map<string, Set<string>>();

  add(checkpoints: Iterable<Checkpoint>): void {
    for (const { key, value } of checkpoints) {
      const { files, state } = value as Partial<SavedSource>;
      // Of a version that kept positions otherwise.
      if (files === undefined) continue;
      const known = this.#sources.get(key);
      if (known === undefined) this.#sources.set(key, { files: [...files], state });
      else known.files.push(...files);
      for (const { id } of files) {
        if (id === '') continue;
        const paths = this.#byId.get(id);
        if (paths === undefined) this.#byId.set(id, new Set([key]));
        else paths.add(key);
      }
    }
  }

  /** Paths of sources that are not forgotten. */
  get paths(): readonly string[] {
    return [...this.#sources.keys()];
  }

  hasSource(path: string): boolean {
    return this.#sources.has(path);
  }

  /** Did an earlier run know the path, or a file with this id? */
  knows(path: string, id: string): boolean {
    return this.hasSource(path) || this.#byId.has(id);
  }

  /** The state of the source's handler, once. */
  takeState(path: string): unknown {
    const saved = this.#sources.get(path);
    const state = saved?.state;
    if (saved !== undefined) saved.state = undefined;
    return state;
  }

  /** The position of the file, which has just been found at its path, once. */
  claim(path: string, file: TailFile): SavedFile | undefined {
    const own = this.#claimOf(path, (saved) => isSame(file, saved));
    if (own !== undefined) return own;
    // It had another name then.
    if (file.packed) {
      for (const other of this.#sources.keys()) {
        if (dirname(other) !== dirname(path)) continue;
        const found = this.#claimOf(other, (saved) => isPackedForm(file, saved));
        if (found !== undefined) return found;
      }
      return undefined;
    }
    for (const other of this.#byId.get(file.key) ?? []) {
      const found = this.#claimOf(other, (saved) => saved.fp[0] > 0 && isSame(file, saved));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Is it the position of a file of some source, to be claimed by that one? */
  isWanted(path: string, dev: number, ino: number, begins: (file: MovedFile) => boolean): boolean {
    const id = fileKey(dev, ino);
    for (const other of this.#byId.get(id) ?? []) {
      if (other === path) continue;
      for (const saved of this.#sources.get(other)?.files ?? []) {
        if (saved.id === id && saved.fp[0] > 0 && begins(movedFile(saved))) return true;
      }
    }
    return false;
  }

  /** Of a source's files, those that were not found at their path so far. */
  filesOf(path: string): readonly SavedFile[] {
    return this.#sources.get(path)?.files ?? [];
  }

  /** This file of the source has been found elsewhere. */
  found(path: string, file: SavedFile): void {
    this.#claimOf(path, (saved) => saved === file);
  }

  /** Nobody will ask for the source any more. */
  forget(path: string): void {
    this.#sources.delete(path);
  }

  #claimOf(path: string, is: (saved: SavedFile) => boolean): SavedFile | undefined {
    const files = this.#sources.get(path)?.files;
    const index = files?.findIndex(is) ?? -1;
    return index < 0 ? undefined : files?.splice(index, 1)[0];
  }
}

/**
 * Nothing had been read of it, and nothing is known but its inode. It proves nothing: that of a file
 * which is gone is soon another's.
 */
export const isNameless = ({ offset, fp }: SavedFile): boolean => offset === 0 && fp[0] === 0;

function isSame(file: TailFile, saved: SavedFile): boolean {
  if (file.packed) {
    return saved.fp[0] === 0 ? saved.id === file.key : isPackedForm(file, saved);
  }
  if (isNameless(saved) || saved.id !== file.key || file.size < saved.offset) return false;
  // Not readable now: its beginning is compared before the first read.
  if (file.fd < 0) return true;
  return (
    matchesFingerprint(file.fd, fingerprintOfSaved(saved)) &&
    (saved.mark === undefined || markerAt(file.fd, saved.offset) === saved.mark)
  );
}

const isPackedForm = (file: TailFile, saved: SavedFile): boolean =>
  gzipMatches(file.path, fingerprintOfSaved(saved));
