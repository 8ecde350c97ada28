import {
  closeSync,
  createReadStream,
  createWriteStream,
  openSync,
  readdirSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Fingerprint, gzipMatches, matchesFingerprint } from './identity.ts';

/** A file beside the current one that earlier went by its name. */
export interface Sibling {
  readonly path: string;
  readonly stats: Stats;
  readonly gzip: boolean;
}

/**
 * The files into which `realPath` rotates or rotated: `app.log.1`, `app.log-20240325`,
 * `0.log.20240325-114159.gz`, and the numbered logs of earlier runs of a container (`0.log` beside
 * `1.log`). Oldest first by modification time; without `realPath` itself.
 */
export function siblingsOf(realPath: string): Sibling[] {
  const folder = dirname(realPath);
  const base = basename(realPath);
  const stem = base.replace(/\.[^.]+$/, '');
  const numbered = /^\d+\.log$/.test(base);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
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
      if (stats?.isFile()) found.push({ path, stats, gzip: name.endsWith('.gz') });
    } catch {
      // Not ours to read.
    }
  }
  // Compression keeps the modification time (gzip, logrotate, kubelet set none older).
  return found.sort((a, b) => a.stats.mtimeMs - b.stats.mtimeMs || (a.path < b.path ? -1 : 1));
}

/** Where the file with this identity is now: under another name, or compressed. */
export function findMoved(
  siblings: readonly Sibling[],
  identity: { readonly dev: number; readonly ino: number; readonly fingerprint: Fingerprint },
): Sibling | undefined {
  for (const sibling of siblings) {
    if (sibling.stats.ino !== identity.ino || sibling.stats.dev !== identity.dev) continue;
    if (beginsWith(sibling.path, identity.fingerprint)) return sibling;
  }
  return siblings.find((s) => s.gzip && gzipMatches(s.path, identity.fingerprint));
}

/** The target of a link, the path itself where it is none; undefined when it leads nowhere. */
export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Unpacks a rotated file so that it can be read like any other. */
export async function unpack(from: string, to: string, maxBytes: number): Promise<void> {
  let bytes = 0;
  await pipeline(
    createReadStream(from),
    createGunzip(),
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw new Error(`The file unpacks to more than ${maxBytes} bytes`);
        yield chunk;
      }
    },
    createWriteStream(to),
  );
}

function beginsWith(path: string, fingerprint: Fingerprint): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return false;
  }
  try {
    return matchesFingerprint(fd, fingerprint);
  } finally {
    closeSync(fd);
  }
}
