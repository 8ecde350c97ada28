import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Logger } from '#base';

/** A folder whose watch speaks more often than this per second is only polled for a while. */
const maxEventsPerSecond = 200;
const pauseMs = 30_000;
const maxWatches = 256;

/** What is told of changes; the follower of files. */
export interface FolderListener {
  readonly folders: readonly string[];
  /** True when the path is one that is followed already. */
  touch(path: string): boolean;
}

/**
 * Watches the folders in which files may appear, so that a new container is seen at once; growth and
 * rotation are found by polling, a little later even where no watch can be had.
 */
export class FolderWatches implements Disposable {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onChange: (isNewName: boolean) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #pausedUntilMs = new Map<string, number>();

  /** `onChange`: something followed changed, or (true) a name that is not followed yet. */
  constructor(
    deps: { readonly clock: Clock; readonly logger: Logger },
    onChange: (isNewName: boolean) => void,
  ) {
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#onChange = onChange;
  }

  /** Begins to watch the listener's folders that are not watched yet. */
  follow(listener: FolderListener): void {
    const nowMs = this.#clock.monotonicMs();
    for (const folder of listener.folders) {
      if (this.#watchers.has(folder) || this.#watchers.size >= maxWatches) continue;
      if ((this.#pausedUntilMs.get(folder) ?? 0) > nowMs) continue;
      this.#pausedUntilMs.delete(folder);
      this.#watch(folder, listener);
    }
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string, listener: FolderListener): void {
    let events = 0;
    let sinceMs = this.#clock.monotonicMs();
    const stop = (): void => {
      this.#watchers.get(folder)?.close();
      this.#watchers.delete(folder);
    };
    try {
      const watcher = watch(folder, (_event, name) => {
        const nowMs = this.#clock.monotonicMs();
        if (nowMs - sinceMs > 1000) {
          sinceMs = nowMs;
          events = 0;
        }
        if (++events > maxEventsPerSecond) {
          this.#pausedUntilMs.set(folder, nowMs + pauseMs);
          stop();
          return;
        }
        this.#onChange(name === null || !listener.touch(join(folder, name)));
      });
      watcher.on('error', stop);
      watcher.unref();
      this.#watchers.set(folder, watcher);
    } catch (error) {
      // No watches left on this machine, or the folder is gone: polling does it.
      this.#logger.debug('Cannot watch a folder', { folder, err: error });
    }
  }
}
