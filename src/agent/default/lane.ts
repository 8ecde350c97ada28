import { constants, zstdCompressSync } from 'node:zlib';
import { backoffMs, type Clock, describeError, isAbortError, type Logger } from '#base';
import type { Checkpoint, InputContext } from '../contract.ts';
import type { BatchWriter } from '../ship/batch-writer.ts';
import type { Spool } from '../spool/spool.ts';
import { FolderWatches } from '../tail/folder-watch.ts';
import type { FileFollower } from '../tail/follower.ts';
import type { RecordSource } from './run.ts';

export interface LaneOptions {
  readonly flushMs: number;
  readonly refreshIntervalMs: number;
  readonly graceMs: number;
}

export interface LaneDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly spool: Spool;
  readonly writer: BatchWriter;
  /** Something that reading new files should wait for, a moment; undefined for nothing. */
  readonly settled?: () => Promise<void> | undefined;
}

/** Large enough that a frame's overhead is nothing, small enough to stay in the processor's cache. */
const sealBytes = 768 * 1024;

/** Many short lines of a pod with many labels become much where they are stored: less at a time. */
const sealExpandedBytes = 8 * 1024 * 1024;

/** The event loop has its turn (acknowledgements, metrics) after this much reading. */
const yieldBytes = 1024 * 1024;

const inputBackoff = { baseMs: 1000, maxMs: 60_000 };

/** Names of groups and streams kept as bytes. */
const maxNames = 1000;

/** The output of a batch fits one chunk nearly always: no pieces to put together. */
const level1 = {
  chunkSize: 192 * 1024,
  params: { [constants.ZSTD_c_compressionLevel]: 1 },
};

/**
 * Turns what followers read into batches in the spool: one loop over polling, reading and sealing.
 * Memory is bounded: one batch is being filled, and while the spool makes the loop wait nothing is
 * read.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #deps: LaneDeps;
  readonly #followers: readonly FileFollower[];
  #wakeUp: (() => void) | undefined;
  #scanWanted = false;
  #batchSinceMs: number | undefined;
  readonly #recordCheckpoints: Checkpoint[] = [];
  readonly #sealWaiters: { readonly resolve: () => void; readonly reject: (e: unknown) => void }[] =
    [];
  readonly #names = new Map<string, Uint8Array>();

  constructor(options: LaneOptions, deps: LaneDeps, followers: readonly FileFollower[]) {
    this.#options = options;
    this.#deps = deps;
    this.#followers = followers;
  }

  /**
   * Runs an input of records beside the files: its events go into the same batches, its positions
   * into the same frames. An input that fails is started again after a while.
   */
  async runRecords(
    { input, place, message }: RecordSource,
    saved: readonly Checkpoint[],
    signal: AbortSignal,
  ): Promise<void> {
    const { writer, clock, logger } = this.#deps;
    let checkpoints = saved;
    const context: InputContext = {
      checkpoints: async () => checkpoints,
      emit: (tag, events, changed) => context.emitAll([{ tag, events }], changed),
      emitAll: async (parts, changed = []) => {
        for (const { tag, events } of parts) {
          for (const event of events) {
            const { group, stream } = place(tag, event);
            const { seconds, nanoseconds } = event.time;
            const timestampMs = seconds * 1000 + Math.floor(nanoseconds / 1e6);
            writer.begin(this.#bytesOf(group), this.#bytesOf(stream));
            writer.add(timestampMs, Buffer.from(message(event)));
          }
        }
        if (changed.length > 0) {
          this.#recordCheckpoints.push(...changed);
          checkpoints = changed;
        }
        const sealed = new Promise<void>((resolve, reject) => {
          this.#sealWaiters.push({ resolve, reject });
        });
        this.wake();
        await sealed;
      },
    };
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await input.run(context, signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        logger.warn('An input failed and is started again', {
          input: input.name,
          err: describeError(error),
        });
        await clock.sleep(backoffMs(attempt, inputBackoff), signal).catch(() => {});
      }
    }
  }

  /** Ends a wait of the loop: something is there to do. */
  wake(): void {
    this.#wakeUp?.();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    let nextScanMs = 0;
    using watches = new FolderWatches(this.#deps, (isNewName) => {
      this.#scanWanted ||= isNewName;
      this.wake();
    });
    const onAbort = (): void => this.wake();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        const nowMs = clock.monotonicMs();
        if (this.#scanWanted || nowMs >= nextScanMs) {
          this.#scanWanted = false;
          for (const follower of this.#followers) {
            follower.scan();
            watches.follow(follower);
          }
          nextScanMs = nowMs + this.#options.refreshIntervalMs;
        }
        let nextMs = nextScanMs;
        for (const follower of this.#followers) nextMs = Math.min(nextMs, follower.poll());
        const settled = this.#deps.settled?.();
        if (settled !== undefined) await settled;
        await this.#readAll(signal);
        for (const follower of this.#followers) follower.flushIdle();
        const dueMs = await this.#sealIfDue(signal);
        const waitMs = Math.min(nextMs, dueMs) - clock.monotonicMs();
        if (waitMs > 0 && !signal.aborted) await this.#wait(waitMs);
      }
      // What is held back goes out with its state, so that the next run continues in the middle.
      await this.#seal(AbortSignal.timeout(this.#options.graceMs)).catch((error: unknown) => {
        // The spool stayed full: what was read is read again by the next run.
        if (!isAbortError(error)) throw error;
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    const { writer, clock } = this.#deps;
    let sinceYield = 0;
    for (const follower of this.#followers) {
      while (follower.hasReady && !signal.aborted) {
        sinceYield += follower.readSlice();
        if (writer.events > 0) this.#batchSinceMs ??= clock.monotonicMs();
        if (writer.bytes >= sealBytes || writer.expandedBytes >= sealExpandedBytes) {
          await this.#seal(signal);
        }
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
    checkpoints.push(...this.#recordCheckpoints.splice(0));
    const waiters = this.#sealWaiters.splice(0);
    const { events } = writer;
    if (events === 0 && checkpoints.length === 0) {
      for (const waiter of waiters) waiter.resolve();
      return;
    }
    const batch = writer.finish();
    const payload = events === 0 ? new Uint8Array(0) : zstdCompressSync(batch, level1);
    const rawBytes = batch.length;
    writer.reset();
    try {
      await spool.append({ payload, events, rawBytes, checkpoints }, signal);
      for (const waiter of waiters) waiter.resolve();
    } catch (error) {
      for (const waiter of waiters) waiter.reject(error);
      throw error;
    }
  }

  /** The same array for the same name: the writer goes on with a section while they are the same. */
  #bytesOf(name: string): Uint8Array {
    let bytes = this.#names.get(name);
    if (bytes === undefined) {
      if (this.#names.size >= maxNames) this.#names.clear();
      bytes = Buffer.from(name);
      this.#names.set(name, bytes);
    }
    return bytes;
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
}
