import { statfs } from 'node:fs/promises';
import { AppError, formatBytes } from '#base';
import type { Settings } from './options.ts';

/** How long a reading of the free space is good for, ms. */
const freshForMs = 1000;
/** Codes that mean "no room": the disk, a quota, or a file size limit. */
const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** SQLITE_FULL, https://sqlite.org/rescode.html#full */
const sqliteFull = 13;

/** Refuses writes while the disk is nearly full, and lets them through again when it is not. */
export class DiskGuard {
  readonly #settings: Settings;
  #freeBytes: number | undefined;
  #readMs = Number.NEGATIVE_INFINITY;
  #writable = true;
  #reading: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get freeBytes(): number | undefined {
    return this.#freeBytes;
  }

  get writable(): boolean {
    return this.#writable;
  }

  /** Takes a new reading. Never throws. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** @throws {AppError} STORE_FULL */
  async mustHaveRoom(): Promise<void> {
    if (this.#settings.clock.monotonicMs() - this.#readMs > freshForMs) {
      // While writable the reading goes on beside the append; a full disk is looked at first.
      if (this.#writable) void this.refresh();
      else await this.refresh();
    }
    if (!this.#writable) throw this.#full();
  }

  /** What a failed write means to the caller. */
  onWriteError(error: unknown): AppError {
    const { code, errcode } = error as { code?: string; errcode?: number };
    if ((code !== undefined && fullCodes.has(code)) || errcode === sqliteFull) {
      this.#close();
      return this.#full(error);
    }
    return new AppError('STORE_WRITE_FAILED', 'The log store cannot write', {
      hint: `Check the disk that holds ${this.#settings.directory}`,
      cause: error,
    });
  }

  #full(cause?: unknown): AppError {
    const free = this.#freeBytes === undefined ? 'little' : formatBytes(this.#freeBytes);
    return new AppError('STORE_FULL', `The disk of the log store is full: ${free} left`, {
      hint: `Make room on the disk of ${this.#settings.directory}, or set a total size limit; batches are taken again by themselves`,
      cause,
    });
  }

  #close(): void {
    if (!this.#writable) return;
    this.#writable = false;
    this.#readMs = this.#settings.clock.monotonicMs();
    this.#settings.log.error('The disk is full: log batches are refused until there is room', {
      directory: this.#settings.directory,
      freeBytes: this.#freeBytes,
      reserveBytes: this.#settings.reserveBytes,
    });
  }

  async #read(): Promise<void> {
    const { directory, diskFreeBytes, reserveBytes, clock, log } = this.#settings;
    try {
      this.#freeBytes = await (diskFreeBytes ?? freeBytesOf)(directory);
    } catch (error) {
      log.warn('The free space of the disk cannot be read', { directory, err: error });
      return;
    }
    this.#readMs = clock.monotonicMs();
    if (this.#freeBytes < reserveBytes) this.#close();
    else if (!this.#writable) {
      this.#writable = true;
      log.info('There is room on the disk again: log batches are taken', {
        freeBytes: this.#freeBytes,
      });
    }
  }
}

async function freeBytesOf(directory: string): Promise<number> {
  const stats = await statfs(directory);
  return stats.bavail * stats.bsize;
}
