import { closeTailFile, openTailFile, type TailFile } from './file.ts';
import { fingerprintOf, gzipFingerprint } from './identity.ts';

/** The open files of a follower: as many as it may have, the least recently read are closed first. */
export class OpenFiles {
  readonly #maxFiles: number;
  /** Least recently read first. */
  readonly #files = new Set<TailFile>();

  constructor(maxFiles: number) {
    this.#maxFiles = maxFiles;
  }

  get size(): number {
    return this.#files.size;
  }

  /**
   * Opens the file and takes the fingerprint by which it is known wherever it goes: it may be
   * compressed or removed before its turn to be read. False: it is gone already.
   */
  identify(file: TailFile): boolean {
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
    this.makeRoom();
    this.#files.add(file);
    return true;
  }

  /** Files that were opened to be identified stay open, if there is room. */
  leaveOpen(file: TailFile): void {
    if (this.#files.size > this.#maxFiles) this.close(file);
  }

  /** The file is open and is read now. */
  use(file: TailFile): void {
    this.#files.delete(file);
    this.#files.add(file);
  }

  /** Files at their end are closed, the longest unread first, and opened again when they grow. */
  makeRoom(): void {
    if (this.#files.size < this.#maxFiles) return;
    for (const file of this.#files) {
      // A file that left its path could not be opened again.
      if (file.leftMs !== undefined || file.size > file.seenSize) continue;
      this.close(file);
      if (this.#files.size < this.#maxFiles) return;
    }
  }

  close(file: TailFile): void {
    closeTailFile(file);
    this.#files.delete(file);
  }

  closeAll(): void {
    for (const file of this.#files) closeTailFile(file);
    this.#files.clear();
  }
}
