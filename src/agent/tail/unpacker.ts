import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { describeError } from '#base';
import { randomId } from '../spool/random-id.ts';
import { closeTailFile, type TailFile, type TailSource } from './file.ts';
import type { FollowerDeps, FollowerOptions } from './follower-options.ts';

/** A rotated file unpacks to at most this. */
const maxUnpackedBytes = 4 * 1024 * 1024 * 1024;
const unpackRetryMs = 5000;

/** Unpacks compressed files beside the reading, so that they can be read like any other. */
export class Unpacker {
  readonly #options: FollowerOptions;
  readonly #deps: FollowerDeps;
  readonly #onUnpacked: (source: TailSource) => void;
  #closed = false;

  /** `onUnpacked`: the source may have something to read. */
  constructor(
    options: FollowerOptions,
    deps: FollowerDeps,
    onUnpacked: (source: TailSource) => void,
  ) {
    this.#options = options;
    this.#deps = deps;
    this.#onUnpacked = onUnpacked;
  }

  /**
   * From the compressed file at `from` into a copy of our own, which becomes the file's path. What is
   * damaged or gone is given up and counted; where there is no room it is tried again.
   */
  start(source: TailSource, file: TailFile, from: string): void {
    file.unpacking = true;
    // Followers share the folder.
    const to = join(this.#options.scratchFolder, `unpacked-${randomId()}`);
    const done = (): void => {
      file.unpacking = false;
      source.nextPollMs = 0;
      if (!file.packed) file.leftMs ??= this.#deps.clock.monotonicMs();
      this.#onUnpacked(source);
      this.#deps.wake();
    };
    unpack(from, to, maxUnpackedBytes).then(
      () => {
        if (this.#closed) {
          void rm(to, { force: true });
          return;
        }
        closeTailFile(file);
        file.path = to;
        file.temporary = true;
        file.size = statSync(to).size;
        done();
      },
      (error: unknown) => {
        void rm(to, { force: true });
        const isLost = isDamagedGzip(error) || !existsSync(from);
        this.#deps.logger.error('Cannot unpack a rotated log file', {
          path: from,
          isTriedAgain: !isLost,
          err: describeError(error),
        });
        if (!isLost) {
          // No room, no descriptor: what the file holds is not given up for that.
          void this.#deps.clock.sleep(unpackRetryMs).then(() => {
            if (!this.#closed) this.start(source, file, from);
          });
          return;
        }
        this.#deps.stats.filesLost++;
        file.done = file.packed;
        file.size = file.offset;
        file.seenSize = file.offset;
        done();
      },
    );
  }

  /** What is being unpacked is removed when it is there. */
  close(): void {
    this.#closed = true;
  }
}

async function unpack(from: string, to: string, maxBytes: number): Promise<void> {
  let bytes = 0;
  await pipeline(
    createReadStream(from),
    createGunzip(),
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw new Error(`The file unpacks to more than ${maxBytes} bytes`);
        yield chunk;
      }
    },
    createWriteStream(to),
  );
}

/** zlib's own errors; those of the disk have other codes. */
function isDamagedGzip(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === undefined || code.startsWith('Z_');
}
