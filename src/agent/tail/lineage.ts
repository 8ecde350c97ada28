import { fileKey, type TailFile } from './file.ts';
import { isNameless, movedFile, type SavedFile } from './positions.ts';
import { findMoved, isRotatedAfter, type Sibling } from './rotation.ts';

/** Which of the files beside a path have gone through it, and which of their lines are unread. */

export interface LineageAnswers {
  /** Is it no file of another source, and none of which a position is known? */
  readonly isUnread: (sibling: Sibling) => boolean;
}

const keyOf = ({ stats }: Sibling): string => fileKey(stats.dev, stats.ino);

/**
 * Where the files are that an earlier run knew and that are not at the path any more, and which came
 * and went after them (no position). Oldest first.
 *
 * `wanted` follows one upon the other without a gap: what is younger than the youngest of them that
 * is found has never been seen.
 */
export function unfinishedOf(
  all: readonly Sibling[],
  wanted: readonly SavedFile[],
  options: LineageAnswers & {
    readonly current: TailFile | undefined;
    /** The file at the path is the one that was there then: nothing came after `wanted`. */
    readonly isSameCurrent: boolean;
  },
): ReadonlyMap<Sibling, SavedFile | undefined> {
  const { current } = options;
  const siblings = all.filter((sibling) => keyOf(sibling) !== current?.key);
  const found = new Map<Sibling, SavedFile | undefined>();
  for (const saved of wanted) {
    if (isNameless(saved)) continue;
    const left = siblings.filter((sibling) => !found.has(sibling));
    const sibling = findMoved(left, movedFile(saved));
    if (sibling !== undefined) found.set(sibling, saved);
  }
  if (options.isSameCurrent) return found;
  if (found.size === 0) {
    const after = wanted.findLast((saved) => saved.after !== undefined)?.after;
    if (after !== undefined) {
      const later = siblings.filter((one) => isRotatedAfter(one, after) && options.isUnread(one));
      return new Map(later.map((sibling) => [sibling, undefined]));
    }
    // Nothing but inodes is known of files that were empty.
    for (const saved of wanted.filter(isNameless)) {
      const sibling = siblings.find((one) => keyOf(one) === saved.id);
      if (sibling !== undefined) found.set(sibling, saved);
    }
    if (found.size === 0) return found;
  }
  const newest = siblings.findLastIndex((sibling) => found.has(sibling));
  for (const sibling of siblings.slice(newest + 1)) {
    if (options.isUnread(sibling)) found.set(sibling, undefined);
  }
  return new Map(siblings.filter((one) => found.has(one)).map((one) => [one, found.get(one)]));
}

/** Files that were at the path after those of the source and are not any more, oldest first. */
export function passedBy(
  all: readonly Sibling[],
  files: readonly TailFile[],
  options: LineageAnswers & {
    readonly currentKey: string;
    /** When the last known file was written to: plain files of later times are younger. */
    readonly sinceMs: number;
  },
): ReadonlyMap<Sibling, undefined> {
  const siblings = all.filter((sibling) => keyOf(sibling) !== options.currentKey);
  const own = new Set(
    files
      .filter((file) => file.fd >= 0 || file.fingerprint.length > 0)
      .map((file) => findMoved(siblings, file)),
  );
  const newest = siblings.findLastIndex((sibling) => own.has(sibling));
  const after = files.findLast((file) => file.after !== undefined)?.after;
  const unread = siblings.slice(newest + 1).filter((sibling) => {
    if (!options.isUnread(sibling)) return false;
    if (newest >= 0) return true;
    if (after !== undefined) return isRotatedAfter(sibling, after);
    return sibling.stats.mtimeMs > options.sinceMs && !sibling.gzip;
  });
  return new Map(unread.map((sibling) => [sibling, undefined]));
}

/**
 * What the file at the path was before it was emptied, or replaced under its inode (at the position
 * given), and what came and went since, oldest first. Empty where that is not to be found.
 */
export function copiesOf(
  all: readonly Sibling[],
  file: TailFile,
  saved: SavedFile,
  isUnread: LineageAnswers['isUnread'],
): ReadonlyMap<Sibling, SavedFile | undefined> {
  const siblings = all.filter((sibling) => keyOf(sibling) !== file.key);
  const copy = findMoved(siblings, { ...file, ino: Number.NaN });
  if (copy === undefined || !isUnread(copy)) return new Map();
  const later = siblings.slice(siblings.indexOf(copy) + 1).filter(isUnread);
  return new Map([[copy, saved], ...later.map((one) => [one, undefined] as const)]);
}
