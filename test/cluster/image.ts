import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from './cluster.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface LockFile {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>
  >;
}

/** Makes an image of this checkout and brings it to the cluster's node. */
export async function buildImage(cluster: Cluster, name: string, folder: string): Promise<void> {
  fillImageRoot(folder);
  await cluster.importImage(name, folder, ['busybox']);
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Fills a folder with what deploy/Dockerfile puts into an image: the program, its production packages
 * with the runtime among them, the built UI. There is no Docker where tests run; a shell and the
 * runtime's libraries come from the folder's maker.
 */
function fillImageRoot(folder: string): void {
  const app = join(folder, 'app');
  mkdirSync(app, { recursive: true });
  for (const path of ['package.json', 'src', join('web', 'dist'), join('deploy', 'nunchi')]) {
    if (!existsSync(join(root, path))) continue;
    cpSync(join(root, path), join(app, path), { recursive: true });
  }
  for (const path of productionPackages()) {
    const from = join(root, path);
    // Optional packages of other platforms are in the lock file and not on the disk.
    if (!existsSync(from)) continue;
    mkdirSync(dirname(join(app, path)), { recursive: true });
    cpSync(from, join(app, path), {
      recursive: true,
      dereference: false,
      // Those of a package within a package have entries of their own.
      filter: (source) => source === from || !source.slice(from.length).includes('/node_modules/'),
    });
  }
  copyLibraries(folder);
  // Images of the test cluster have no entry point: what the chart passes as arguments is the program.
  mkdirSync(join(folder, 'bin'), { recursive: true });
  for (const role of ['server', 'agent']) {
    const path = join(folder, 'bin', role);
    writeFileSync(path, `#!/bin/sh\nexec /app/deploy/nunchi ${role} "$@"\n`);
    chmodSync(path, 0o755);
  }
  for (const applet of ['sh', 'ls', 'cat', 'ps', 'kill']) {
    const path = join(folder, 'bin', applet);
    if (!existsSync(path)) symlinkSync('busybox', path);
  }
}

/** What the native modules link against; the packages bring no system libraries. */
function copyLibraries(folder: string): void {
  const modules = globSync('app/node_modules/**/*.node', { cwd: folder });
  for (const path of [...modules.map((name) => join(folder, name)), process.execPath]) {
    const { stdout } = spawnSync('ldd', [path], { encoding: 'utf8' });
    // What stands within a package comes with it.
    for (const [, library] of stdout.matchAll(/(?:=> |^\s)(\/lib\S+|\/usr\/lib\S+) \(/gm)) {
      if (library === undefined) continue;
      const target = join(folder, library);
      if (existsSync(target)) continue;
      mkdirSync(dirname(target), { recursive: true });
      // Behind its links: a copied link would point to nothing.
      copyFileSync(realpathSync(library), target);
    }
  }
}

function productionPackages(): string[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as LockFile;
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true && entry.devOptional !== true)
    .map(([path]) => path);
}
