import { type FileHandle, open, rm } from 'node:fs/promises';
import type { DiskGuard } from '#base';
import type { Settings } from '../options.ts';
import { numberedPath, syncDirectory, writeAll } from './files.ts';

/** Bytes that may wait to be written; further appends wait. */
const maxPendingBytes = 64 * 1024 * 1024;
/** One write takes at most about so much, so that an early append is not held up by later ones. */
const maxCommitBytes = 16 * 1024 * 1024;
const maxSegmentBytes = 64 * 1024 * 1024;

interface Pending {
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
  readonly durable: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Where in the log something ends. */
export interface LogPosition {
  readonly segment: number;
  readonly offset: number;
}

/**
 * The write-ahead log: numbered files of frames. Appends that arrive while one write is under way
 * share the next one. What could not be written is owed: it is written before anything else, for it
 * is in the head already.
 */
export class SampleLog {
  readonly #directory: string;
  readonly #settings: Settings;
  readonly #guard: DiskGuard;
  #segment = 1;
  #file: FileHandle | undefined;
  #offset = 0;
  #pending: Pending[] = [];
  #owed: Uint8Array[][] = [];
  #pendingBytes = 0;
  #running: Promise<void> | undefined;
  #room: (() => void)[] = [];
  #isDirty = false;
  #isClosed = false;
  /** Sizes of the segments that are there, the current one aside. */
  readonly sizes: Map<number, number> = new Map();
  /** Bytes written since the process began. */
  writtenBytes = 0;
  /** Called after each write. */
  readonly listeners: Set<() => void> = new Set();

  constructor(directory: string, settings: Settings, guard: DiskGuard) {
    this.#directory = directory;
    this.#settings = settings;
    this.#guard = guard;
  }

  /** Goes on behind a replay. @param sizes of the segments that are there @param next number of the next file */
  resume(sizes: ReadonlyMap<number, number>, next: number): void {
    for (const [number, size] of sizes) this.sizes.set(number, size);
    this.#segment = next;
  }

  get position(): LogPosition {
    return { segment: this.#segment, offset: this.#offset };
  }

  get diskBytes(): number {
    let bytes = this.#offset;
    for (const size of this.sizes.values()) bytes += size;
    return bytes;
  }

  get hasOwed(): boolean {
    return this.#owed.length > 0;
  }

  /** Undefined: there is room for more. */
  room(): Promise<void> | undefined {
    if (this.#pendingBytes < maxPendingBytes || this.#isClosed) return undefined;
    return new Promise((resolve) => this.#room.push(resolve));
  }

  /** Resolves when the pieces are written, with `durable` when they are on the disk. */
  append(pieces: readonly Uint8Array[], durable: boolean): Promise<void> {
    let bytes = 0;
    for (const piece of pieces) bytes += piece.length;
    return new Promise((resolve, reject) => {
      this.#pending.push({ pieces, bytes, durable, resolve, reject });
      this.#pendingBytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Writes what is owed. @throws {AppError} STORE_FULL */
  async payDebts(): Promise<void> {
    await this.#running;
    if (this.#owed.length > 0) await this.append([], false);
  }

  /** Goes on in a new file. @returns its number: what is appended from now on is in it or later */
  async rotate(): Promise<number> {
    while (this.#running !== undefined) await this.#running;
    this.#running = this.#closeFile().finally(() => {
      this.#running = undefined;
      if (this.#pending.length > 0) this.#running = this.#run();
    });
    await this.#running;
    return this.#segment;
  }

  /** Removes files before a number. */
  async removeBefore(segment: number): Promise<void> {
    for (const number of [...this.sizes.keys()]) {
      if (number >= segment) continue;
      await rm(numberedPath(this.#directory, number, 'wal'), { force: true });
      this.sizes.delete(number);
    }
  }

  /** Makes all that was written durable. */
  async sync(): Promise<void> {
    if (!this.#isDirty || this.#file === undefined) return;
    this.#isDirty = false;
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#running !== undefined) await this.#running;
    await this.#closeFile();
    this.#wakeRoom();
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    this.sizes.set(this.#segment, this.#offset);
    this.#segment++;
    this.#offset = 0;
    this.#isDirty = false;
    await file.datasync();
    await file.close();
  }

  async #run(): Promise<void> {
    // Appends that are made in the same tick share the first write.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      let count = 0;
      let bytes = 0;
      while (count < this.#pending.length && (count === 0 || bytes < maxCommitBytes)) {
        bytes += this.#pending[count]!.bytes;
        count++;
      }
      const commit = this.#pending.splice(0, count);
      try {
        await this.#write(commit);
      } catch (error) {
        const known = this.#guard.onWriteError(error);
        for (const each of commit) {
          // The batch's columns are the caller's again once it knows: what is owed is a copy.
          if (each.bytes > 0) this.#owed.push([Buffer.concat(each.pieces)]);
          each.reject(known);
        }
        this.#done(bytes);
        continue;
      }
      for (const each of commit) each.resolve();
      this.#done(bytes);
      for (const tell of this.listeners) tell();
      if (this.#offset >= maxSegmentBytes) {
        await this.#closeFile().catch((error: unknown) => {
          this.#settings.log.error('A file of the log cannot be closed', { err: error });
        });
      }
    }
    this.#running = undefined;
  }

  async #write(commit: readonly Pending[]): Promise<void> {
    if (this.#file === undefined) {
      this.#file = await open(numberedPath(this.#directory, this.#segment, 'wal'), 'w');
      syncDirectory(this.#directory);
      this.#offset = 0;
    }
    const file = this.#file;
    const start = this.#offset;
    const pieces = [...this.#owed.flat(), ...commit.flatMap((each) => each.pieces)];
    try {
      const end = await writeAll(file, pieces, start);
      this.#isDirty = true;
      if (commit.some((each) => each.durable)) {
        await file.datasync();
        this.#isDirty = false;
      }
      this.#offset = end;
      this.writtenBytes += end - start;
      this.#owed = [];
    } catch (error) {
      await file.truncate(start).catch(() => {
        this.#settings.log.warn('A half-written log cannot be cut; the next start will');
      });
      throw error;
    }
  }

  #done(bytes: number): void {
    this.#pendingBytes -= bytes;
    this.#wakeRoom();
  }

  #wakeRoom(): void {
    const room = this.#room;
    this.#room = [];
    for (const wake of room) wake();
  }
}
