import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoreCore } from '../core.ts';
import type { Settings } from '../options.ts';
import { type Checkpoint, writeCheckpoint } from './checkpoint.ts';
import { numberedPath } from './files.ts';
import type { SampleLog } from './log.ts';
import type { Restored } from './restore.ts';

/** When the head is written, and what of the log and of the head before is not needed after it. */
export class Checkpoints {
  readonly #settings: Settings;
  readonly #core: StoreCore;
  readonly #log: SampleLog;
  /** Files of the log that are being followed, by their numbers. */
  readonly #followed: () => Iterable<number>;
  #last: Checkpoint | undefined;
  #nextNumber = 1;
  #written = 0;
  #logBytes = 0;

  constructor(parts: {
    readonly settings: Settings;
    readonly core: StoreCore;
    readonly log: SampleLog;
    readonly followed: () => Iterable<number>;
  }) {
    this.#settings = parts.settings;
    this.#core = parts.core;
    this.#log = parts.log;
    this.#followed = parts.followed;
  }

  /** Goes on from what was found on disk. */
  resume({ checkpoint, nextCheckpoint }: Restored): void {
    this.#last = checkpoint;
    this.#nextNumber = nextCheckpoint;
  }

  /** Since the start. */
  get written(): number {
    return this.#written;
  }

  get diskBytes(): number {
    const files = this.#last?.info.chunkFiles ?? [];
    return files.reduce((sum, file) => sum + file.bytes, this.#last?.bytes ?? 0);
  }

  get isDue(): boolean {
    const { checkpointBytes, retentionBytes } = this.#settings;
    const grown = this.#log.writtenBytes - this.#logBytes;
    // A large head is written less often: what is written stays a share of what comes.
    const most = Math.max(checkpointBytes, 2 * (this.#last?.bytes ?? 0));
    return grown > Math.min(most, (retentionBytes ?? Number.POSITIVE_INFINITY) / 8);
  }

  async write(): Promise<void> {
    const { head } = this.#core;
    const logBytes = this.#log.writtenBytes;
    const logFrom = await this.#log.rotate();
    const number = this.#nextNumber++;
    const old = this.#last;
    const files = (old?.info.chunkFiles ?? []).filter((file) => file.maxTimeMs >= head.minTimeMs);
    const directory = join(this.#settings.directory, 'head');
    this.#last = await writeCheckpoint(directory, this.#core, number, logFrom, files);
    this.#written++;
    this.#logBytes = logBytes;
    if (old !== undefined) await removeOld(directory, this.#last, old);
    await this.#log.removeBefore(this.#keptFrom(logFrom));
  }

  /** Files of the log that followers still need, up to a bound. */
  #keptFrom(logFrom: number): number {
    const wanted = Math.min(logFrom, ...this.#followed());
    let bytes = 0;
    let from = logFrom;
    for (const number of [...this.#log.sizes.keys()].sort((a, b) => b - a)) {
      if (number >= logFrom) continue;
      bytes += this.#log.sizes.get(number)!;
      if (number < wanted || bytes > this.#settings.maxFollowBytes) break;
      from = number;
    }
    return from;
  }
}

async function removeOld(directory: string, now: Checkpoint, old: Checkpoint): Promise<void> {
  await rm(numberedPath(directory, old.number, 'state'), { force: true });
  const kept = new Set(now.info.chunkFiles.map((file) => file.number));
  for (const { number } of old.info.chunkFiles) {
    if (!kept.has(number)) await rm(numberedPath(directory, number, 'chunks'), { force: true });
  }
}
