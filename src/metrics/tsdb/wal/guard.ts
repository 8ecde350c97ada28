import { statfs } from 'node:fs/promises';
import { AppError, formatBytes } from '#base';
import type { Settings } from '../options.ts';

/** How long a reading of the free space is good for, ms. */
const freshForMs = 1000;
/** Codes that mean "no room": the disk, a quota, or a file size limit. */
const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

export const isFullDisk = (error: unknown): boolean =>
  fullCodes.has((error as { code?: string }).code ?? '');

/** Refuses samples while the disk is nearly full, and lets them through again when it is not. */
export class DiskGuard {
  readonly #settings: Settings;
  #freeBytes: number | undefined;
  #readMs = Number.NEGATIVE_INFINITY;
  #isWritable = true;
  #reading: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
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
   * Undefined: there is room as far as is known, and the reading goes on beside.
   * @returns else a promise that rejects with STORE_FULL when there is still none
   */
  check(): Promise<void> | undefined {
    const isOld = this.#settings.clock.monotonicMs() - this.#readMs > freshForMs;
    if (this.#isWritable) {
      if (isOld) void this.refresh();
      return undefined;
    }
    return this.#checkFull(isOld);
  }

  /** What a failed write means to the caller. */
  onWriteError(error: unknown): AppError {
    if (isFullDisk(error)) {
      this.#close();
      return this.#full(error);
    }
    return new AppError('STORE_WRITE_FAILED', 'The metric store cannot write', {
      hint: `Check the disk that holds ${this.#settings.directory}`,
      cause: error,
    });
  }

  async #checkFull(isOld: boolean): Promise<void> {
    if (isOld) await this.refresh();
    if (!this.#isWritable) throw this.#full();
  }

  #full(cause?: unknown): AppError {
    const free = this.#freeBytes === undefined ? 'little' : formatBytes(this.#freeBytes);
    return new AppError('STORE_FULL', `The disk of the metric store is full: ${free} left`, {
      hint: `Make room on the disk of ${this.#settings.directory}, or set a retention size; samples are taken again by themselves`,
      ...(cause === undefined ? {} : { cause }),
    });
  }

  #close(): void {
    if (!this.#isWritable) return;
    this.#isWritable = false;
    this.#readMs = this.#settings.clock.monotonicMs();
    this.#settings.log.error('The disk is full: samples are refused until there is room', {
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
    else if (!this.#isWritable) {
      this.#isWritable = true;
      log.info('There is room on the disk again: samples are taken', {
        freeBytes: this.#freeBytes,
      });
    }
  }
}

async function freeBytesOf(directory: string): Promise<number> {
  const stats = await statfs(directory);
  return stats.bavail * stats.bsize;
}
