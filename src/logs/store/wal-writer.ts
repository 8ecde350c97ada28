import { AppError } from '#base';
import { encodeFrame, type WalFrame } from './wal.ts';

/** Bytes that may wait for the disk; further appends wait until they are written. */
const maxPendingBytes = 64 * 1024 * 1024;
/** One group commit takes at most this much, so that an early append is not held up by later ones. */
const maxCommitBytes = 16 * 1024 * 1024;

interface Pending {
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
  readonly onDurable: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface CommitTarget {
  /** Writes and syncs; throws when nothing was kept. */
  write(pieces: readonly Uint8Array[]): Promise<void>;
  /** Runs after the frames of a commit are durable and handed on: rotation, statistics. */
  afterCommit(bytes: number, frames: number): Promise<void>;
}

/** Group commit: appends that arrive during one sync share the next. Keeps their order. */
export class WalWriter {
  readonly #target: CommitTarget;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #running: Promise<void> | undefined;
  #room: (() => void)[] = [];
  #closed = false;

  constructor(target: CommitTarget) {
    this.#target = target;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Resolves when there is room for another frame. Call before a sequence is given. */
  async room(): Promise<void> {
    while (this.#pendingBytes >= maxPendingBytes && !this.#closed) {
      await new Promise<void>((resolve) => this.#room.push(resolve));
    }
  }

  /** @param onDurable runs in the order of appends, before any of the commit's promises resolves */
  append(frame: WalFrame, onDurable: () => void): Promise<void> {
    const pieces = encodeFrame(frame);
    const bytes = pieces[0].length + pieces[1].length;
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new AppError('STORE_CLOSED', 'The log store is closed'));
        return;
      }
      this.#pending.push({ pieces, bytes, onDurable, resolve, reject });
      this.#pendingBytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Waits for what was appended; later appends are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#wakeRoom();
  }

  /** Runs `work` between two commits. */
  async between(work: () => Promise<void>): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    this.#running = this.#exclusive(work);
    await this.#running;
  }

  async #exclusive(work: () => Promise<void>): Promise<void> {
    // Appends of the same tick come after: `#running` is set before `work` begins.
    await Promise.resolve();
    try {
      await work();
    } finally {
      await this.#drain();
    }
  }

  async #run(): Promise<void> {
    // Appends that are made in the same tick share the first commit.
    await Promise.resolve();
    await this.#drain();
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      let count = 0;
      let bytes = 0;
      while (count < this.#pending.length && (count === 0 || bytes < maxCommitBytes)) {
        bytes += this.#pending[count]!.bytes;
        count += 1;
      }
      const commit = this.#pending.splice(0, count);
      try {
        await this.#target.write(commit.flatMap((each) => each.pieces));
      } catch (error) {
        for (const each of commit) each.reject(error);
        this.#done(bytes);
        continue;
      }
      for (const each of commit) each.onDurable();
      for (const each of commit) each.resolve();
      this.#done(bytes);
      await this.#target.afterCommit(bytes, count);
    }
    this.#running = undefined;
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
