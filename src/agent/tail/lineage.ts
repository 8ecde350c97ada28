import { fileKey, type TailFile } from './file.ts';
import { isNameless, movedFile, type SavedFile } from './positions.ts';
import { findMoved, isRotatedAfter, type Sibling } from './rotation.ts';

/** Which of the files beside a path have gone through it, and which of their lines are unread. */

export interface LineageAnswers {
  /**
   * The kubelet removes the oldest first: what it has left is younger than what is gone. Of others
   * nothing is known.
   */
  readonly isKubelet: boolean;
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
  // Of all that is known nothing may be left: then what was written to after this time is unread.
  let sinceMs = Number.POSITIVE_INFINITY;
  for (const saved of wanted) {
    if (isNameless(saved)) continue;
    const left = siblings.filter((sibling) => !found.has(sibling));
    const sibling = findMoved(left, movedFile(saved));
    if (sibling !== undefined) found.set(sibling, saved);
    else if (saved.id === current?.key) {
      // Emptied in its place, perhaps: what was rotated before has been read.
      sinceMs = Math.min(sinceMs, saved.mtime);
    } else sinceMs = Number.NEGATIVE_INFINITY;
  }
  if (options.isSameCurrent) return found;
  if (found.size === 0 && sinceMs === Number.POSITIVE_INFINITY) {
    const after = wanted.find((saved) => saved.after !== undefined)?.after;
    if (after !== undefined) {
      const isLater = (sibling: Sibling): boolean => isRotatedAfter(sibling, after);
      const later = siblings.filter((one) => isLater(one) && options.isUnread(one));
      return new Map(later.map((sibling) => [sibling, undefined]));
    }
    // Nothing but inodes is known of what there was.
    for (const saved of wanted) {
      const sibling = siblings.find((one) => keyOf(one) === saved.id);
      if (sibling !== undefined) found.set(sibling, saved);
    }
  }
  if (found.size > 0) sinceMs = Number.NEGATIVE_INFINITY;
  else if (!options.isKubelet) return found;
  const newest = siblings.findLastIndex((sibling) => found.has(sibling));
  for (const sibling of siblings.slice(newest + 1)) {
    if (sibling.stats.mtimeMs > sinceMs && options.isUnread(sibling)) found.set(sibling, undefined);
  }
  return new Map(siblings.filter((one) => found.has(one)).map((one) => [one, found.get(one)]));
}

/** Files that were at the path after those of the source and are not any more, oldest first. */
export function passedBy(
  all: readonly Sibling[],
  files: readonly TailFile[],
  options: LineageAnswers & {
    readonly currentKey: string;
    /** When the last known file was written to; tells what is younger when none of them is left. */
    readonly sinceMs: number;
  },
): readonly Sibling[] {
  const siblings = all.filter((sibling) => keyOf(sibling) !== options.currentKey);
  const own = new Set(
    files
      .filter((file) => file.fd >= 0 || file.fingerprint.length > 0)
      .map((file) => findMoved(siblings, file)),
  );
  const newest = siblings.findLastIndex((sibling) => own.has(sibling));
  return siblings.slice(newest + 1).filter((sibling) => {
    if (!options.isUnread(sibling)) return false;
    const isLater = sibling.stats.mtimeMs > options.sinceMs;
    return newest >= 0 || (isLater && (!sibling.gzip || options.isKubelet));
  });
}

/**
 * What the file at the path was before it was emptied, or replaced under its inode, and what came and
 * went since, oldest first. Empty where that is not to be found.
 */
export function copiesOf(
  all: readonly Sibling[],
  file: TailFile,
  isUnread: LineageAnswers['isUnread'],
): readonly Sibling[] {
  const siblings = all.filter((sibling) => keyOf(sibling) !== file.key);
  const copy = findMoved(siblings, { ...file, ino: Number.NaN });
  if (copy === undefined || !isUnread(copy)) return [];
  return [copy, ...siblings.slice(siblings.indexOf(copy) + 1).filter(isUnread)];
}
