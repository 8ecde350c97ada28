import { fileKey, newTailFile, type TailFile, type TailSource } from './file.ts';
import type { FollowerParts } from './follower-parts.ts';
import { fingerprintOf } from './identity.ts';
import { copiesOf, passedBy, unfinishedOf } from './lineage.ts';
import { type SavedFile, saveFile, takeSaved } from './positions.ts';
import {
  askSiblings,
  findMoved,
  isKubeletLog,
  realPathOf,
  rotatedName,
  type Sibling,
  siblingsOf,
} from './rotation.ts';

/** How often files that are renamed while they are to be opened are looked for again. */
const maxLooks = 10;

/**
 * Files that were at a path before the one that is there now: finds them beside it, under whatever
 * name, and puts them before it, so that the lines of a source come in order.
 */
export class Predecessors {
  readonly #parts: FollowerParts;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  /**
   * Files of this source that an earlier run knew and that moved since, and those that came and went
   * after them. `isSameCurrent`: the file at the path is the one that was there then.
   */
  addUnfinished(source: TailSource, current: TailFile | undefined, isSameCurrent: boolean): void {
    const { files } = this.#parts;
    // Nearly always there is nothing to look for: folders of thousands of files are not read for it.
    const wanted = files.saved.filesOf(source.path);
    if (wanted.length === 0 || current?.packed === true) return;
    this.#addSiblings(source, (siblings) =>
      unfinishedOf(siblings, wanted, {
        current,
        isSameCurrent,
        isUnread: (sibling) => files.isUnread(source, sibling),
      }),
    );
  }

  /** Files that were at the path after those of the source, and are not any more. */
  addPassedBy(source: TailSource, currentKey: string, before: TailFile): void {
    // What was empty when it was found may have gone under another name with lines in it.
    for (const file of source.files) if (file.fd >= 0) file.fingerprint = fingerprintOf(file.fd);
    this.#addSiblings(source, (siblings) =>
      passedBy(siblings, source.files, {
        currentKey,
        sinceMs: before.mtimeMs,
        isUnread: (sibling) => this.#parts.files.isUnread(source, sibling),
      }),
    );
  }

  /** What the current file was before it was emptied, and what came and went since, to be read first. */
  addCopies(source: TailSource, file: TailFile): void {
    const saved = saveFile(file);
    source.files.pop();
    this.#addSiblings(source, (siblings) =>
      copiesOf(siblings, file, saved, (sibling) => this.#parts.files.isUnread(source, sibling)),
    );
    source.files.push(file);
  }

  /**
   * Looks for a file that is neither open nor at its path any more. One that is not found is given up
   * and counted, unless it had been read to its end.
   */
  relocate(source: TailSource, file: TailFile): void {
    const { files, deps, unpacker } = this.#parts;
    const realPath = realPathOf(source.path);
    const moved = askSiblings(realPath, (siblings) => findMoved(siblings, file));
    files.unknow(file);
    files.changed(source);
    if (moved === undefined) {
      if (file.size > file.offset) {
        deps.stats.filesLost++;
        deps.logger.warn('A log file went away before it was read to its end', {
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
      unpacker.start(source, file, moved.path);
      return;
    }
    files.know(file);
    file.size = moved.stats.size;
    file.mustCheck = true;
  }

  /**
   * Adds those that are chosen of the files beside a path, at their positions or from their head. All
   * of them are opened first: one that was compressed or renamed meanwhile, of which nothing is known
   * yet, could not be found again.
   */
  #addSiblings(
    source: TailSource,
    choose: (siblings: readonly Sibling[]) => ReadonlyMap<Sibling, SavedFile | undefined>,
  ): void {
    const { files, open, deps, unpacker } = this.#parts;
    const realPath = realPathOf(source.path);
    for (let looks = 1; ; looks++) {
      const chosen = [...askSiblings(realPath, choose)].map(([sibling, saved]) => {
        const file = newTailFile(sibling.path, sibling.stats, 0);
        if (isKubeletLog(realPath)) file.after = rotatedName(sibling.path);
        return { file, saved, gzip: sibling.gzip, isThere: open.identify(file) };
      });
      if (looks < maxLooks && chosen.some(({ isThere }) => !isThere)) {
        for (const { file } of chosen) open.close(file);
        continue;
      }
      for (const { file, saved, gzip, isThere } of chosen) {
        file.leftMs = deps.clock.monotonicMs();
        if (saved !== undefined) {
          files.saved.found(source.path, saved);
          takeSaved(file, saved);
        }
        files.changed(source);
        if (gzip) source.files.push(file);
        else files.add(source, file);
        open.leaveOpen(file);
        if (gzip) unpacker.start(source, file, file.path);
        else if (!isThere) this.relocate(source, file);
      }
      return;
    }
  }
}

/** See `TailFile.after`. Before the file is opened: of what is rotated then, none was read. */
export function youngestBeside(path: string): string | undefined {
  const realPath = realPathOf(path);
  if (!isKubeletLog(realPath)) return undefined;
  const youngest = siblingsOf(realPath).at(-1);
  return youngest === undefined ? '' : rotatedName(youngest.path);
}
