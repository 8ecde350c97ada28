import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What of a source is in the store already, so that an import that was broken off goes on. */
export interface ImportState {
  /** Blocks of Prometheus that are done. */
  done: string[];
  /** Bytes of a file that are done. */
  offset: number;
  samples: number;
}

/** Keeps the state of one source in a file of the store. */
export class ImportMemory {
  readonly #path: string;
  readonly state: ImportState;

  /** @param source what tells it from others: its path, and of a file its size */
  constructor(directory: string, source: string) {
    const folder = join(directory, 'imports');
    mkdirSync(folder, { recursive: true });
    const name = createHash('sha256').update(source).digest('hex').slice(0, 24);
    this.#path = join(folder, `${name}.json`);
    this.state = { done: [], offset: 0, samples: 0 };
    try {
      Object.assign(this.state, JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch {
      // None yet, or half a file: from the beginning. What is stored twice is served once.
    }
  }

  save(): void {
    writeFileSync(`${this.#path}.tmp`, JSON.stringify(this.state), { flush: true });
    renameSync(`${this.#path}.tmp`, this.#path);
  }

  forget(): void {
    rmSync(this.#path, { force: true });
  }
}
