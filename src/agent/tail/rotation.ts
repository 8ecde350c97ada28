import {
  closeSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Fingerprint, gzipMatches, markerAt, matchesFingerprint } from './identity.ts';

/** How often a folder whose files are just being renamed is looked at again. */
const maxLooks = 10;

/** A file beside the current one that earlier went by its name. */
export interface Sibling {
  readonly path: string;
  readonly stats: Stats;
  readonly gzip: boolean;
}

/**
 * The files into which `realPath` rotates or rotated: `app.log.1`, `app.log-20240325`,
 * `0.log.20240325-114159.gz`, and the numbered logs of earlier runs of a container (`0.log` beside
 * `1.log`). Oldest first; without `realPath` itself.
 */
export function siblingsOf(realPath: string): readonly Sibling[] {
  for (let looks = 1; ; looks++) {
    const { siblings, isWhole } = lookAtSiblings(realPath);
    if (isWhole || looks === maxLooks) return siblings;
  }
}

/**
 * What `ask` makes of the siblings. Files are compressed and renamed meanwhile: it is asked again
 * until what it was given is still there afterwards.
 */
export function askSiblings<T>(realPath: string, ask: (siblings: readonly Sibling[]) => T): T {
  for (let looks = 1; ; looks++) {
    const siblings = siblingsOf(realPath);
    const answer = ask(siblings);
    if (looks === maxLooks || siblings.every(isStillThere)) return answer;
  }
}

function isStillThere({ path, stats }: Sibling): boolean {
  try {
    const now = statSync(path, { throwIfNoEntry: false });
    return now?.ino === stats.ino && now.dev === stats.dev;
  } catch {
    return false;
  }
}

function lookAtSiblings(realPath: string): { siblings: readonly Sibling[]; isWhole: boolean } {
  const folder = dirname(realPath);
  const base = basename(realPath);
  const stem = base.replace(/\.[^.]+$/, '');
  const numbered = /^\d+\.log$/.test(base);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return { siblings: [], isWhole: true };
  }
  let isWhole = true;
  const found: Sibling[] = [];
  for (const name of names) {
    if (name === base || name.endsWith('.tmp')) continue;
    const rest = name.startsWith(base) ? name.slice(base.length) : undefined;
    const stemRest = name.startsWith(`${stem}-`) ? name.slice(stem.length) : undefined;
    const rotated =
      (rest !== undefined && /^[.-](\d|old)/.test(rest)) ||
      (stemRest !== undefined && /^-\d/.test(stemRest)) ||
      (numbered && /^\d+\.log(\.|$)/.test(name));
    if (!rotated) continue;
    const path = join(folder, name);
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined) isWhole = false;
      else if (stats.isFile()) found.push({ path, stats, gzip: name.endsWith('.gz') });
    } catch {
      // Not ours to read.
    }
  }
  // While a file is being replaced by its compressed copy, both are there.
  const paths = new Set(found.map(({ path }) => path));
  const siblings = found
    .filter(({ path, gzip }) => !gzip || !paths.has(path.slice(0, -'.gz'.length)))
    .sort(compareRotated);
  return { siblings, isWhole };
}

const kubeletName = /^(\d+)\.log(?:\.(\d{8}-\d{6}))?(?:\.gz)?$/;

/** True for the log of a container as the kubelet names it: rotated ones bear their time. */
export const isKubeletLog = (path: string): boolean => kubeletName.test(basename(path));

/**
 * Older first. The kubelet's names tell the order; its compressed copies are younger than the file
 * that was rotated next, so their times do not. logrotate and gzip keep the modification time.
 */
export function compareRotated(a: Sibling, b: Sibling): number {
  const left = kubeletName.exec(basename(a.path));
  const right = kubeletName.exec(basename(b.path));
  if (left !== null && right !== null) {
    const runs = Number(left[1]) - Number(right[1]);
    if (runs !== 0) return runs;
    // The one without a time is still written to.
    const [leftTime, rightTime] = [left[2] ?? '~', right[2] ?? '~'];
    if (leftTime !== rightTime) return leftTime < rightTime ? -1 : 1;
  }
  return a.stats.mtimeMs - b.stats.mtimeMs || (a.path < b.path ? -1 : 1);
}

/** Name under which a rotated file was known before it was compressed. */
export const rotatedName = (path: string): string => basename(path).replace(/\.gz$/, '');

/** Was the file rotated after the one of that name? The names are a kubelet's. */
export const isRotatedAfter = (sibling: Sibling, name: string): boolean =>
  name === '' ||
  (rotatedName(sibling.path) !== name && compareRotated(sibling, { ...sibling, path: name }) > 0);

export interface MovedFile {
  readonly dev: number;
  readonly ino: number;
  readonly fingerprint: Fingerprint;
  readonly offset: number;
  readonly marker: number | undefined;
}

/** Where the file with this identity is now: under another name, compressed, or copied. */
export function findMoved(siblings: readonly Sibling[], file: MovedFile): Sibling | undefined {
  for (const sibling of siblings) {
    if (sibling.stats.ino !== file.ino || sibling.stats.dev !== file.dev) continue;
    if (beginsWith(sibling.path, file.fingerprint)) return sibling;
  }
  return (
    siblings.find((s) => s.gzip && gzipMatches(s.path, file.fingerprint)) ??
    siblings.find((s) => !s.gzip && isCopyOf(s.path, file))
  );
}

/** Copy-and-truncate leaves a copy with the same bytes around the position. */
function isCopyOf(path: string, { fingerprint, offset, marker }: MovedFile): boolean {
  if (fingerprint.length === 0 || marker === undefined) return false;
  return withFile(
    path,
    (fd) => matchesFingerprint(fd, fingerprint) && markerAt(fd, offset) === marker,
  );
}

/** Links that lead to links, in a row. */
const maxLinks = 16;

/**
 * Where a path leads, through all links, also while nothing is there: between the renaming of a log
 * and the opening of the next, its siblings are still beside that place.
 */
export function realPathOf(path: string): string {
  let at = path;
  for (let links = 0; links < maxLinks; links++) {
    try {
      return realpathSync(at);
    } catch {
      try {
        at = resolve(dirname(at), readlinkSync(at));
      } catch {
        // No link: its folder may be one.
        break;
      }
    }
  }
  try {
    return join(realpathSync(dirname(at)), basename(at));
  } catch {
    return at;
  }
}

/** Does the file at the path begin with what the fingerprint was made of? */
export function beginsWith(path: string, fingerprint: Fingerprint): boolean {
  return withFile(path, (fd) => matchesFingerprint(fd, fingerprint));
}

/** False where the file cannot be opened. */
function withFile(path: string, ask: (fd: number) => boolean): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return false;
  }
  try {
    return ask(fd);
  } finally {
    closeSync(fd);
  }
}
