import type { Clock, Logger } from '#base';
import type { Input, InputContext } from '../contract.ts';
import { FolderWatches } from '../tail/folder-watch.ts';
import { FileFollower } from '../tail/follower.ts';
import { importPositions } from '../tail/import-db.ts';
import type { TailOptions } from '../tail/options.ts';
import type { TailStats } from '../tail/stats.ts';
import { RecordHandler } from './record-handler.ts';

export interface TailInputDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stats: TailStats;
  readonly scratchFolder: string;
  readonly onCut: () => void;
}

const defaultBufferBytes = 32 * 1024;
const minSliceBytes = 128 * 1024;

/**
 * Bytes read whose events are not in the spool yet; reading waits above it. As events they take about
 * eight times as much. Not less than a frame: the intake closes one at 256 KiB.
 */
const maxUnspooledBytes = 256 * 1024;

/** The tail input in record mode. */
export class TailInput implements Input {
  readonly name: string;
  readonly follower: FileFollower;
  readonly #options: TailOptions;
  readonly #deps: TailInputDeps;
  readonly #filled = new Set<RecordHandler>();
  #unspooledBytes = 0;
  readonly #spoolWaiters: (() => void)[] = [];
  #failure: unknown;
  #wakeUp: (() => void) | undefined;

  constructor(options: TailOptions, deps: TailInputDeps) {
    this.name = options.name;
    this.#options = options;
    this.#deps = deps;
    const maxLineBytes = options.bufferMaxBytes ?? defaultBufferBytes;
    this.follower = new FileFollower(
      {
        name: options.name,
        paths: options.paths,
        excludePaths: options.excludePaths ?? [],
        fromHead: options.readFromHead ?? false,
        newFromHead: options.readNewlyDiscoveredFromHead ?? true,
        refreshIntervalMs: options.refreshIntervalMs ?? 60_000,
        rotateWaitMs: options.rotateWaitMs ?? 5000,
        maxLineBytes,
        longLines: longLinesOf(options),
        ignoreOlderMs: options.ignoreOlderMs ?? 0,
        sliceBytes: Math.max(maxLineBytes, minSliceBytes),
        maxOpenFiles: 1000,
        scratchFolder: deps.scratchFolder,
      },
      {
        clock: deps.clock,
        logger: deps.logger,
        stats: deps.stats,
        wake: () => this.#wakeUp?.(),
        handlerFor: (path) =>
          new RecordHandler(options, path, {
            nowMs: () => deps.clock.monotonicMs(),
            wallMs: () => deps.clock.nowMs(),
            onCut: deps.onCut,
            filled: this.#filled,
          }),
      },
    );
  }

  async run(context: InputContext, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const known = await context.checkpoints();
    const { importDb } = this.#options;
    this.follower.restore(
      known.length > 0 || importDb === undefined
        ? known
        : importPositions(this.name, importDb, this.#deps.logger),
    );
    let scanWanted = true;
    let nextScanMs = 0;
    using watches = new FolderWatches(this.#deps, (isNewName) => {
      scanWanted ||= isNewName;
      this.#wakeUp?.();
    });
    const onAbort = (): void => this.#wakeUp?.();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        const nowMs = clock.monotonicMs();
        if (scanWanted || nowMs >= nextScanMs) {
          scanWanted = false;
          this.follower.scan();
          watches.follow(this.follower);
          nextScanMs = nowMs + (this.#options.refreshIntervalMs ?? 60_000);
        }
        const nextMs = this.follower.poll();
        while (this.follower.hasReady && !signal.aborted) {
          const bytes = this.follower.readSlice();
          await this.#emit(context, bytes, signal);
        }
        this.follower.flushIdle();
        await this.#emit(context, 0, signal);
        if (this.#options.exitOnEof === true && this.follower.atEnd) break;
        if (!signal.aborted) await this.#wait(Math.min(nextMs, nextScanMs) - clock.monotonicMs());
      }
      if (this.#options.exitOnEof === true) {
        this.follower.finishHandlers();
        await this.#emit(context, 0, undefined);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.follower.close();
    }
  }

  /** Hands on what the handlers made; the positions go with the last of it. */
  async #emit(
    context: InputContext,
    bytes: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const filled = [...this.#filled];
    this.#filled.clear();
    const checkpoints = this.follower.takeCheckpoints();
    if (filled.length === 0 && checkpoints.length === 0) return;
    this.#unspooledBytes += bytes;
    const parts = filled.map((handler) => ({ tag: handler.tag, events: handler.takeEvents() }));
    const done = context
      .emitAll(parts, checkpoints)
      .then(
        () => {
          this.#unspooledBytes -= bytes;
        },
        (error: unknown) => {
          if (this.#failure === undefined) this.#failure = error;
        },
      )
      .then(() => {
        for (const wake of this.#spoolWaiters.splice(0)) wake();
      });
    if (signal === undefined) await done;
    else await new Promise<void>((resolve) => setImmediate(resolve));
    // Not for `done`: the latest events may wait for more of them until the flush time.
    while (this.#unspooledBytes > maxUnspooledBytes && this.#failure === undefined) {
      await new Promise<void>((resolve) => this.#spoolWaiters.push(resolve));
    }
    if (this.#failure !== undefined && signal?.aborted !== true) throw this.#failure;
  }

  #wait(ms: number): Promise<void> {
    if (ms <= 0) return new Promise((resolve) => setImmediate(resolve));
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

function longLinesOf(options: TailOptions): 'skip' | 'truncate' | 'stop' {
  if (options.truncateLongLines === true) return 'truncate';
  return options.skipLongLines === true ? 'skip' : 'stop';
}
