import { statfs } from 'node:fs/promises';
import type { Clock } from './clock.ts';
import { AppError } from './errors.ts';
import type { Logger } from './logging.ts';
import { formatBytes } from './units.ts';

/** How long a reading of the free space is good for, ms. */
const freshForMs = 1000;
/** Codes that mean "no room": the disk, a quota, or a file size limit. */
const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
/** SQLITE_FULL, https://sqlite.org/rescode.html#full */
const sqliteFull = 13;

export interface DiskGuardOptions {
  readonly directory: string;
  /** Less room than this is none. */
  readonly reserveBytes: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Free bytes of the disk; tests have their own. */
  readonly diskFreeBytes?: ((directory: string) => Promise<number>) | undefined;
  /** Words for people. */
  readonly words: {
    /** `log store` */
    readonly store: string;
    /** What is refused, in the plural: `samples`. */
    readonly refused: string;
    /** The limit that keeps the disk from filling up: `a retention size`. */
    readonly limit: string;
  };
}

/** Refuses writes while the disk is nearly full, and lets them through again when it is not. */
export class DiskGuard {
  readonly #options: DiskGuardOptions;
  #freeBytes: number | undefined;
  #readMs = Number.NEGATIVE_INFINITY;
  #isWritable = true;
  #reading: Promise<void> | undefined;

  constructor(options: DiskGuardOptions) {
    this.#options = options;
  }

  /** As of the last reading; undefined before the first. */
  get freeBytes(): number | undefined {
    return this.#freeBytes;
  }

  get isWritable(): boolean {
    return this.#isWritable;
  }

  /** Takes a new reading. Never throws. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /**
   * Undefined: there is room as far as is known, and a reading that is due goes on beside.
   * @returns else a promise that rejects with STORE_FULL when there is still none
   */
  check(): Promise<void> | undefined {
    const isOld = this.#options.clock.monotonicMs() - this.#readMs > freshForMs;
    if (this.#isWritable) {
      if (isOld) void this.refresh();
      return undefined;
    }
    return this.#checkFull(isOld);
  }

  /** What a failed write means to the caller: STORE_FULL or STORE_WRITE_FAILED. */
  onWriteError(error: unknown): AppError {
    const { code, errcode } = error as { code?: string; errcode?: number };
    if ((code !== undefined && fullCodes.has(code)) || errcode === sqliteFull) {
      this.#close();
      return this.#full(error);
    }
    return new AppError('STORE_WRITE_FAILED', `The ${this.#options.words.store} cannot write`, {
      hint: `Check the disk that holds ${this.#options.directory}`,
      cause: error,
    });
  }

  async #checkFull(isOld: boolean): Promise<void> {
    if (isOld) await this.refresh();
    if (!this.#isWritable) throw this.#full();
  }

  #full(cause?: unknown): AppError {
    const { directory, words } = this.#options;
    const free = this.#freeBytes === undefined ? 'little' : formatBytes(this.#freeBytes);
    return new AppError('STORE_FULL', `The disk of the ${words.store} is full: ${free} left`, {
      hint: `Make room on the disk of ${directory}, or set ${words.limit}; ${words.refused} are taken again by themselves`,
      ...(cause === undefined ? {} : { cause }),
    });
  }

  #close(): void {
    if (!this.#isWritable) return;
    const { directory, reserveBytes, clock, log, words } = this.#options;
    this.#isWritable = false;
    this.#readMs = clock.monotonicMs();
    log.error(`The disk is full: ${words.refused} are refused until there is room`, {
      directory,
      freeBytes: this.#freeBytes,
      reserveBytes,
    });
  }

  async #read(): Promise<void> {
    const { directory, diskFreeBytes, reserveBytes, clock, log, words } = this.#options;
    try {
      this.#freeBytes = await (diskFreeBytes ?? freeBytesOf)(directory);
    } catch (error) {
      log.warn('The free space of the disk cannot be read', { directory, err: error });
      return;
    }
    this.#readMs = clock.monotonicMs();
    if (this.#freeBytes < reserveBytes) this.#close();
    else if (!this.#isWritable) {
      this.#isWritable = true;
      log.info(`There is room on the disk again: ${words.refused} are taken`, {
        freeBytes: this.#freeBytes,
      });
    }
  }
}

async function freeBytesOf(directory: string): Promise<number> {
  const stats = await statfs(directory);
  return stats.bavail * stats.bsize;
}
