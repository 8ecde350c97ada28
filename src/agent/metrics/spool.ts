import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface SpooledRequest {
  readonly name: string;
  /** Samples in it. */
  readonly samples: number;
  readonly bytes: number;
}

/** `NUMBER-SAMPLES.rw2`; numbers ascend over restarts. */
const named = /^(\d+)-(\d+)\.rw2$/;
const numberDigits = 14;
const temporary = '.tmp';

/**
 * Requests that wait for the server, one file each, oldest first. All go through it: what is sent
 * within a moment is deleted before the disk sees it, and a crash loses nothing that was written.
 * Files are not synced: a power failure may take the last ones.
 */
export class MetricSpool {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #waiting: SpooledRequest[] = [];
  #next = 1;
  #bytes = 0;
  #wake: (() => void)[] = [];

  private constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** Makes the folder where it is missing, and finds what an earlier run has left in it. */
  static open(folder: string, maxBytes: number): MetricSpool {
    mkdirSync(folder, { recursive: true });
    const spool = new MetricSpool(folder, maxBytes);
    for (const name of readdirSync(folder).sort()) {
      const [, number, samples] = named.exec(name) ?? [];
      if (number === undefined) {
        if (name.endsWith(temporary)) rmSync(join(folder, name), { force: true });
        continue;
      }
      const bytes = statSync(join(folder, name)).size;
      spool.#waiting.push({ name, samples: Number(samples), bytes });
      spool.#bytes += bytes;
      spool.#next = Number(number) + 1;
    }
    return spool;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get requests(): number {
    return this.#waiting.length;
  }

  /** The oldest; undefined: none waits. */
  head(): SpooledRequest | undefined {
    return this.#waiting[0];
  }

  /**
   * Puts a request behind the others. Returns the samples of the oldest ones that had to go for it.
   * @throws when the disk does not take it
   */
  async push(body: Uint8Array, samples: number): Promise<number> {
    let dropped = 0;
    while (this.#waiting.length > 0 && this.#bytes + body.length > this.#maxBytes) {
      const oldest = this.#waiting[0]!;
      await this.remove(oldest);
      dropped += oldest.samples;
    }
    const name = `${String(this.#next++).padStart(numberDigits, '0')}-${samples}.rw2`;
    const path = join(this.#folder, name);
    try {
      await writeFile(path + temporary, body);
      await rename(path + temporary, path);
    } catch (error) {
      await rm(path + temporary, { force: true }).catch(() => {});
      throw error;
    }
    this.#waiting.push({ name, samples, bytes: body.length });
    this.#bytes += body.length;
    this.#changed();
    return dropped;
  }

  read(request: SpooledRequest): Promise<Buffer> {
    return readFile(join(this.#folder, request.name));
  }

  /** Forgets a request and its file; again is harmless. False: it was gone. */
  async remove(request: SpooledRequest): Promise<boolean> {
    const at = this.#waiting.indexOf(request);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    this.#bytes -= request.bytes;
    await rm(join(this.#folder, request.name), { force: true });
    this.#changed();
    return true;
  }

  /** Resolves when something was put in or taken out, or the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        signal.removeEventListener('abort', done);
        this.#wake = this.#wake.filter((other) => other !== done);
        resolve();
      };
      this.#wake.push(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
