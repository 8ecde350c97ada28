import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { describeError } from '#base';
import { uidOf } from '#dashboards/store';
import type { FolderChoice, Provided, ProvisioningProblem } from './contract.ts';
import { parseDashboardText } from './json-text.ts';
import type { Provider } from './providers.ts';

const maxFiles = 10_000;
const maxDepth = 16;

/** What was read of a file, while it stays as it is. */
interface KnownFile {
  readonly stamp: string;
  readonly result:
    | { readonly checksum: string; readonly uid: string | undefined }
    | { readonly problem: string; readonly line: number | undefined };
}

export interface ScanResult {
  readonly provided: readonly Provided[];
  readonly problems: readonly ProvisioningProblem[];
  readonly isUnreadable: (externalId: string) => boolean;
  /** The folder itself cannot be read: nothing is known about what is in it. */
  readonly isMissing: boolean;
}

/** Reads the files of one provider; those that have not changed since are not read again. */
export class Scanner {
  readonly #maxSizeBytes: number;
  #known = new Map<string, KnownFile>();

  constructor(maxSizeBytes: number) {
    this.#maxSizeBytes = maxSizeBytes;
  }

  async scan(provider: Provider): Promise<ScanResult> {
    const problems: ProvisioningProblem[] = [];
    const provided: Provided[] = [];
    const unreadable = new Set<string>();
    const files: string[] = [];
    try {
      await this.#walk(provider.path, files, problems, unreadable);
    } catch (error) {
      const message = `cannot be read: ${describeError(error)}`;
      const problem = { place: provider.path, message };
      return { provided, problems: [problem], isUnreadable: () => true, isMissing: true };
    }
    const known = new Map<string, KnownFile>();
    for (const path of files.sort()) {
      const externalId = externalIdOf(provider.path, path);
      const file = await this.#read(path);
      if (file === undefined) continue;
      known.set(path, file);
      if ('problem' in file.result) {
        const { line, problem } = file.result;
        problems.push({ place: line === undefined ? path : `${path}:${line}`, message: problem });
        unreadable.add(externalId);
        continue;
      }
      provided.push({
        externalId,
        checksum: file.result.checksum,
        uid: file.result.uid ?? uidOf('file', provider.name, externalId),
        folder: folderOf(provider, externalId),
        load: async () => {
          const parsed = parseDashboardText(await readFile(path, 'utf8'), this.#maxSizeBytes);
          if ('problem' in parsed) throw new Error(parsed.problem);
          return parsed.document;
        },
      });
    }
    this.#known = known;
    const isUnreadable = (externalId: string): boolean =>
      unreadable.has(externalId) ||
      [...unreadable].some((folder) => externalId.startsWith(`${folder}/`));
    return { provided, problems, isUnreadable, isMissing: false };
  }

  async #walk(
    root: string,
    files: string[],
    problems: ProvisioningProblem[],
    unreadable: Set<string>,
  ): Promise<void> {
    // A link may lead back to a folder above.
    const seen = new Set<string>();
    const visit = async (folder: string, depth: number): Promise<void> => {
      const real = await realpath(folder);
      if (seen.has(real)) return;
      seen.add(real);
      for (const name of (await readdir(folder)).sort()) {
        // `..data` of a mounted ConfigMap is what its other links lead to.
        if (name.startsWith('.')) continue;
        const path = join(folder, name);
        const found = await stat(path).catch(() => undefined);
        if (found?.isDirectory() === true && depth < maxDepth) {
          await visit(path, depth + 1).catch((error: unknown) => {
            problems.push({ place: path, message: `cannot be read: ${describeError(error)}` });
            // What came from there is not gone.
            unreadable.add(externalIdOf(root, path));
          });
        } else if (found?.isFile() === true && /\.json$/i.test(name)) {
          if (files.length < maxFiles) files.push(path);
          else if (files.length === maxFiles) {
            problems.push({ place: path, message: `more than ${maxFiles} files: left out` });
            return;
          }
        }
      }
    };
    await visit(root, 0);
  }

  async #read(path: string): Promise<KnownFile | undefined> {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      const known = this.#known.get(path);
      if (known?.stamp === stamp) return known;
      if (size > this.#maxSizeBytes) {
        const problem = `has ${size} bytes, at most ${this.#maxSizeBytes} are allowed (dashboards.maxSize)`;
        return { stamp, result: { problem, line: undefined } };
      }
      const parsed = parseDashboardText(await readFile(path, 'utf8'), this.#maxSizeBytes);
      if ('problem' in parsed) return { stamp, result: parsed };
      const { uid } = parsed.document;
      const own = typeof uid === 'string' && uid !== '' ? uid : undefined;
      return { stamp, result: { checksum: parsed.checksum, uid: own } };
    } catch (error) {
      // It went between the listing and now.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      const problem = `cannot be read: ${describeError(error)}`;
      return { stamp: '', result: { problem, line: undefined } };
    }
  }
}

const externalIdOf = (root: string, path: string): string =>
  relative(root, path).split(sep).join('/');

function folderOf(provider: Provider, externalId: string): FolderChoice {
  if (provider.folderUid !== '') {
    return { uid: provider.folderUid, title: provider.folder || provider.folderUid };
  }
  if (provider.foldersFromFilesStructure) return { path: externalId.split('/').slice(0, -1) };
  return { path: provider.folder === '' ? [] : [provider.folder] };
}
