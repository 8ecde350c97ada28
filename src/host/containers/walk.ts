import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from '../missing.ts';
import { cgroupName } from './names.ts';

/** Twenty services, a hundred pods with four containers each: 500. Beyond this none is looked at. */
export const maxCgroups = 2000;
/** `/kubelet.slice/kubelet-kubepods.slice/…-besteffort.slice/…-podUID.slice/cri-containerd-ID.scope`. */
const maxDepth = 6;

export interface FoundCgroups {
  /** `/` first, parents before children. */
  readonly paths: readonly string[];
  /** There are more than the bound. */
  readonly isCut: boolean;
}

/** The cgroups that have series of their own: the machine, slices, services, pods, containers. */
export function findCgroups(folder: string, max: number = maxCgroups): FoundCgroups {
  const paths: string[] = ['/'];
  let isCut = false;
  const walk = (path: string, depth: number): void => {
    for (const entry of foldersIn(join(folder, path))) {
      const child = path === '/' ? `/${entry}` : `${path}/${entry}`;
      const { containerId } = cgroupName(child);
      if (isWanted(child, depth)) {
        if (paths.length >= max) {
          isCut = true;
          return;
        }
        paths.push(child);
      }
      // What a container makes for itself is within its numbers.
      if (depth < maxDepth && containerId === undefined) walk(child, depth + 1);
    }
  };
  walk('/', 1);
  return { paths, isCut };
}

/** Containers and pods anywhere; slices; what stands in the root or right below a slice of the system. */
function isWanted(path: string, depth: number): boolean {
  if (depth === 1) return true;
  const { podUid, containerId } = cgroupName(path);
  if (containerId !== undefined) return true;
  if (podUid !== undefined) return /pod[0-9a-f_-]{32,36}(\.slice)?$/.test(path);
  if (path.startsWith('/user.slice/')) return depth === 2;
  if (/^\/(system|machine|runtime)\.slice\//.test(path)) return depth === 2;
  return path.endsWith('.slice') || /\/kubepods(\/(burstable|besteffort))?$/.test(path);
}

function foldersIn(path: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    // It ended while we looked.
    if (isMissing(error)) return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
