import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import type { Clock, Logger } from '#base';
import type { BatchWriter } from '../ship/batch-writer.ts';
import type { Spool } from '../spool/spool.ts';
import type { FileFollower } from '../tail/follower.ts';

export interface LaneOptions {
  readonly flushMs: number;
  readonly refreshIntervalMs: number;
}

export interface LaneDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly spool: Spool;
  readonly writer: BatchWriter;
}

/** Large enough that a frame's overhead is nothing, small enough to stay in the processor's cache. */
const sealBytes = 768 * 1024;

/** The event loop has its turn (acknowledgements, metrics) after this much reading. */
const yieldBytes = 1024 * 1024;

/** A folder whose watch speaks more often than this per second is only polled for a while. */
const maxWatchEventsPerSecond = 200;
const watchPauseMs = 30_000;
const maxWatches = 256;

const level1 = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * Turns what followers read into batches in the spool: one loop over polling, reading and sealing.
 * Memory is bounded: one batch is being filled, and while the spool makes the loop wait nothing is
 * read.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #deps: LaneDeps;
  readonly #followers: readonly FileFollower[];
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #pausedWatches = new Map<string, number>();
  #wakeUp: (() => void) | undefined;
  #scanWanted = false;
  #batchSinceMs: number | undefined;

  constructor(options: LaneOptions, deps: LaneDeps, followers: readonly FileFollower[]) {
    this.#options = options;
    this.#deps = deps;
    this.#followers = followers;
  }

  /** Ends a wait of the loop: something is there to do. */
  wake(): void {
    this.#wakeUp?.();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    let nextScanMs = 0;
    const onAbort = (): void => this.wake();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        const nowMs = clock.monotonicMs();
        if (this.#scanWanted || nowMs >= nextScanMs) {
          this.#scanWanted = false;
          for (const follower of this.#followers) follower.scan();
          this.#watchFolders();
          nextScanMs = nowMs + this.#options.refreshIntervalMs;
        }
        let nextMs = nextScanMs;
        for (const follower of this.#followers) nextMs = Math.min(nextMs, follower.poll());
        await this.#readAll(signal);
        for (const follower of this.#followers) follower.flushIdle();
        const dueMs = await this.#sealIfDue(signal);
        const waitMs = Math.min(nextMs, dueMs) - clock.monotonicMs();
        if (waitMs > 0 && !signal.aborted) await this.#wait(waitMs);
      }
      // What is held back goes out with its state, so that the next run continues in the middle.
      await this.#seal();
    } finally {
      signal.removeEventListener('abort', onAbort);
      for (const watcher of this.#watchers.values()) watcher.close();
      this.#watchers.clear();
    }
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    const { writer, clock } = this.#deps;
    let sinceYield = 0;
    for (const follower of this.#followers) {
      while (follower.hasReady && !signal.aborted) {
        sinceYield += follower.readSlice();
        if (writer.events > 0) this.#batchSinceMs ??= clock.monotonicMs();
        if (writer.bytes >= sealBytes) await this.#seal(signal);
        if (sinceYield >= yieldBytes) {
          sinceYield = 0;
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
      }
    }
  }

  async #sealIfDue(signal: AbortSignal): Promise<number> {
    const { writer, clock } = this.#deps;
    if (writer.events > 0) this.#batchSinceMs ??= clock.monotonicMs();
    if (this.#batchSinceMs === undefined) return Number.POSITIVE_INFINITY;
    const dueMs = this.#batchSinceMs + this.#options.flushMs;
    if (clock.monotonicMs() < dueMs) return dueMs;
    await this.#seal(signal);
    return Number.POSITIVE_INFINITY;
  }

  /** One frame: the events since the last one and the positions they end at. */
  async #seal(signal?: AbortSignal): Promise<void> {
    const { writer, spool } = this.#deps;
    this.#batchSinceMs = undefined;
    const checkpoints = this.#followers.flatMap((follower) => follower.takeCheckpoints());
    const { events } = writer;
    if (events === 0 && checkpoints.length === 0) return;
    const batch = writer.finish();
    const payload = events === 0 ? new Uint8Array(0) : zstdCompressSync(batch, level1);
    const rawBytes = batch.length;
    writer.reset();
    await spool.append({ payload, events, rawBytes, checkpoints }, signal);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wakeUp?.(), ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        this.#wakeUp = undefined;
        resolve();
      };
    });
  }

  /** Folders are watched for new names; polling finds growth, and new names a little later. */
  #watchFolders(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const follower of this.#followers) {
      for (const folder of follower.folders) {
        if (this.#watchers.has(folder) || this.#watchers.size >= maxWatches) continue;
        if ((this.#pausedWatches.get(folder) ?? 0) > nowMs) continue;
        this.#pausedWatches.delete(folder);
        this.#watch(folder, follower);
      }
    }
  }

  #watch(folder: string, follower: FileFollower): void {
    let events = 0;
    let sinceMs = this.#deps.clock.monotonicMs();
    const stop = (): void => {
      this.#watchers.get(folder)?.close();
      this.#watchers.delete(folder);
    };
    try {
      const watcher = watch(folder, (_event, name) => {
        const nowMs = this.#deps.clock.monotonicMs();
        if (nowMs - sinceMs > 1000) {
          sinceMs = nowMs;
          events = 0;
        }
        if (++events > maxWatchEventsPerSecond) {
          this.#pausedWatches.set(folder, nowMs + watchPauseMs);
          stop();
          return;
        }
        if (name === null || !follower.touch(join(folder, name))) this.#scanWanted = true;
        this.wake();
      });
      watcher.on('error', stop);
      watcher.unref();
      this.#watchers.set(folder, watcher);
    } catch (error) {
      // No watches left on this machine, or the folder is gone: polling does it.
      this.#deps.logger.debug('Cannot watch a folder', { folder, err: error });
    }
  }
}
