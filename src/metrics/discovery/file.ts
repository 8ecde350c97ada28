import { type FSWatcher, globSync, watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describeError } from '#base';
import type { FileSdConfig } from '#metrics/config';
import type { Discoverer, DiscoveryDeps, TargetGroup } from './contract.ts';
import { parseGroups } from './group-file.ts';

const maxFileBytes = 64 * 1024 * 1024;
/** Writers change a file in several steps: read once they are done. */
const settleMs = 100;

/**
 * Files with lists of `{targets, labels}`, watched, and read again every `refresh_interval` for file
 * systems that do not tell. A file that cannot be read or is wrong keeps its old groups.
 */
export function fileDiscoverer(
  config: FileSdConfig,
  { clock, log: parent, metrics }: DiscoveryDeps,
): Discoverer {
  const log = parent.child('metrics/discovery');
  const failures = metrics.counter(
    'prometheus_sd_file_read_errors_total',
    'The number of File-SD read errors',
  );
  /** How many groups each file gave. */
  const groupCounts = new Map<string, number>();
  const problems = new Map<string, string>();

  const readOne = async (file: string): Promise<TargetGroup[]> => {
    const { size } = await stat(file);
    if (size > maxFileBytes) throw new TypeError(`larger than ${maxFileBytes} bytes`);
    const text = await readFile(file, 'utf8');
    return parseGroups(text, !/\.json$/i.test(file)).map(({ targets, labels }, index) => ({
      source: `${file}:${index}`,
      targets: targets.map((address) => ({ __address__: address })),
      labels: { ...labels, __meta_filepath: file },
    }));
  };

  const refresh = async (emit: (groups: readonly TargetGroup[]) => void): Promise<void> => {
    const files = new Set(config.files.flatMap((pattern) => globSync(pattern)).sort());
    const groups: TargetGroup[] = [];
    const removed = (file: string, from: number): void => {
      for (let index = from; index < (groupCounts.get(file) ?? 0); index++) {
        groups.push({ source: `${file}:${index}`, targets: [], labels: {} });
      }
    };
    for (const file of files) {
      try {
        const found = await readOne(file);
        groups.push(...found);
        removed(file, found.length);
        groupCounts.set(file, found.length);
        problems.delete(file);
      } catch (error) {
        failures.add(1);
        const reason = describeError(error);
        if (problems.get(file) !== reason) {
          log.error('Cannot read a file with targets, its last good ones stay', { file, reason });
        }
        problems.set(file, reason);
      }
    }
    for (const file of [...groupCounts.keys()]) {
      if (files.has(file)) continue;
      removed(file, 0);
      groupCounts.delete(file);
    }
    emit(groups);
  };

  return {
    run: async (emit, signal) => {
      let wake = Promise.withResolvers<void>();
      const watchers = watchFolders(config.files, () => wake.resolve());
      signal.addEventListener('abort', () => wake.resolve(), { once: true });
      try {
        while (!signal.aborted) {
          wake = Promise.withResolvers<void>();
          await refresh(emit);
          const stop = new AbortController();
          const isNews = await Promise.race([
            wake.promise.then(() => true),
            clock.sleep(config.refreshIntervalMs, AbortSignal.any([signal, stop.signal])).then(
              () => false,
              () => false,
            ),
          ]);
          stop.abort();
          if (isNews && !signal.aborted) await clock.sleep(settleMs, signal).catch(() => {});
        }
      } finally {
        for (const watcher of watchers) watcher.close();
      }
    },
  };
}

function watchFolders(patterns: readonly string[], onChange: () => void): FSWatcher[] {
  const folders = new Set(patterns.map((pattern) => dirname(resolve(pattern))));
  return [...folders].flatMap((folder) => {
    try {
      const watcher = watch(folder, (_, name) => {
        // `..data` is the link that Kubernetes swaps under a ConfigMap.
        if (name === null || name.startsWith('..') || /\.(json|ya?ml)$/i.test(join(folder, name))) {
          onChange();
        }
      });
      watcher.on('error', () => {});
      watcher.unref();
      return [watcher];
    } catch {
      return []; // No such folder yet: the refresh will find it.
    }
  });
}
