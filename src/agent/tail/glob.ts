import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Found names and the folders that were looked into, for watching them. */
export interface GlobResult {
  readonly paths: string[];
  readonly folders: string[];
}

/** A pattern that matches a whole tree of files must not fill the memory. */
const maxMatches = 100_000;

const hasWildcard = (text: string): boolean => /[*?[]/.test(text);

/**
 * Expands `*`, `?`, `[…]` and a leading `~`. Names that begin with a dot match only a pattern that
 * does. Results are sorted. Folders that cannot be read are skipped and reported through `onError`.
 */
export function expandGlob(
  pattern: string,
  onError?: (folder: string, error: unknown) => void,
): GlobResult {
  const absolute = resolve(pattern.startsWith('~/') ? join(homedir(), pattern.slice(2)) : pattern);
  const segments = absolute.split('/').slice(1);
  const folders: string[] = [];
  let level = ['/'];
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    const next: string[] = [];
    const regex = hasWildcard(segment) ? segmentRegex(segment) : undefined;
    for (const folder of level) {
      if (regex === undefined) {
        const path = join(folder, segment);
        if (last) {
          folders.push(folder);
          if (isThere(path)) next.push(path);
        } else next.push(path);
        continue;
      }
      folders.push(folder);
      let names: string[];
      try {
        names = readdirSync(folder);
      } catch (error) {
        if (!isMissing(error)) onError?.(folder, error);
        continue;
      }
      for (const name of names) {
        if (name.startsWith('.') && !segment.startsWith('.')) continue;
        if (regex.test(name) && next.length < maxMatches) next.push(join(folder, name));
      }
    }
    level = next;
  }
  return { paths: level.sort(), folders };
}

/** Does `expandGlob` of the pattern give this path, were it there? */
export function globRegex(pattern: string): RegExp {
  const absolute = resolve(pattern.startsWith('~/') ? join(homedir(), pattern.slice(2)) : pattern);
  const segments = absolute.split('/').slice(1);
  const parts = segments.map((segment) => {
    const hidden = segment.startsWith('.') || !hasWildcard(segment) ? '' : '(?!\\.)';
    return hidden + translate(segment, '[^/]*', '[^/]');
  });
  return new RegExp(`^/${parts.join('/')}$`);
}

/** For `Exclude_Path`: over the whole path, and `*` crosses `/`. */
export function excludeRegex(pattern: string): RegExp {
  return new RegExp(`^${translate(pattern, '[^]*', '[^]')}$`);
}

function segmentRegex(segment: string): RegExp {
  return new RegExp(`^${translate(segment, '[^/]*', '[^/]')}$`);
}

function translate(pattern: string, star: string, any: string): string {
  let regex = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === '*') {
      // Several stars say what one says; as a regex they would backtrack.
      while (pattern[i + 1] === '*') i++;
      regex += star;
    } else if (char === '?') regex += any;
    else if (char === '\\' && i + 1 < pattern.length) regex += RegExp.escape(pattern[++i]!);
    else if (char === '[') {
      const close = pattern.indexOf(']', i + 2);
      if (close < 0) {
        regex += '\\[';
        continue;
      }
      const inside = pattern
        .slice(i + 1, close)
        .replace(/[\\^[\]]/g, (c, at: number) => (c === '^' && at === 0 ? '^' : `\\${c}`));
      regex += `[${inside.startsWith('!') ? `^${inside.slice(1)}` : inside}]`;
      i = close;
    } else regex += RegExp.escape(char);
  }
  return regex;
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // Not permitted yet: the reader finds out and tells.
    return true;
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
