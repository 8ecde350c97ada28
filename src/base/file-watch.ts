import { type FSWatcher, watch } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Logger } from './logging.ts';

/**
 * Calls `onChange` when one of the files may have changed, also by being replaced or by a swap of links as
 * Kubernetes does it. Keeps no process alive. A folder that cannot be watched is logged.
 */
export function watchFiles(
  files: readonly string[],
  onChange: () => void,
  log: Logger,
): Disposable {
  // The folder, for a file may be replaced by another.
  const folders = new Set(files.map((file) => dirname(resolve(file))));
  const names = new Set(files.map((file) => resolve(file)));
  const problem = (folder: string, err: unknown): void =>
    log.warn('Cannot watch the configuration, SIGHUP still works', { folder, err });
  const watchers = [...folders].flatMap((folder): FSWatcher[] => {
    try {
      const watcher = watch(folder, (_, changed) => {
        // `..data` is the link that Kubernetes swaps.
        const isOurs =
          changed === null || changed.startsWith('..') || names.has(resolve(folder, changed));
        if (isOurs) onChange();
      });
      watcher.on('error', (error) => problem(folder, error));
      watcher.unref();
      return [watcher];
    } catch (error) {
      problem(folder, error);
      return [];
    }
  });
  return {
    [Symbol.dispose]: () => {
      for (const watcher of watchers) watcher.close();
    },
  };
}
