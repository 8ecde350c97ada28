import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, type Logger } from '#base';

/** A journal that is smaller is not worth rewriting. */
const minCompactBytes = 8 * 1024 * 1024;

/** One line: a table, a key, and its value from now on; null: it is gone. */
type Line = readonly [table: string, key: string, value: unknown];

/**
 * Tables of small JSON values that survive kill -9 and power loss: a file to which every change is
 * appended, rewritten when most of it is out of date. A line torn by a crash is the last one, and cut off.
 */
export class Journal implements AsyncDisposable {
  readonly #path: string;
  readonly #folder: string;
  readonly #log: Logger;
  readonly #tables = new Map<string, Map<string, unknown>>();
  #file: FileHandle | undefined;
  #fileBytes = 0;
  #bytesAfterCompaction = 0;
  #waiting: string[] = [];
  /** The write that will carry what waits. */
  #next: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isBroken = false;

  private constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#path = join(folder, 'journal.ndjson');
    this.#log = log;
  }

  static async open(folder: string, log: Logger): Promise<Journal> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const journal = new Journal(folder, log.child('alerting'));
    journal.#load();
    await journal.#compact();
    return journal;
  }

  /** What an earlier run left, by key. */
  table(name: string): ReadonlyMap<string, unknown> {
    return this.#tables.get(name) ?? new Map();
  }

  /** Sets, or with undefined forgets. Resolves when it is on disk. @throws when the disk refuses */
  set(table: string, key: string, value: unknown): Promise<void> {
    this.#apply([table, key, value ?? null]);
    this.#waiting.push(JSON.stringify([table, key, value ?? null] satisfies Line));
    this.#next ??= this.#writing = this.#writing.catch(() => {}).then(() => this.#write());
    return this.#next;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing.catch(() => {});
    await this.#file?.close();
    this.#file = undefined;
  }

  async #write(): Promise<void> {
    this.#next = undefined;
    const lines = this.#waiting;
    this.#waiting = [];
    const isGrown = this.#fileBytes > Math.max(minCompactBytes, 3 * this.#bytesAfterCompaction);
    // After a failed write the end of the file is unknown: it is written anew, with all that is known.
    if (isGrown || this.#isBroken) {
      await this.#compact();
      return;
    }
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    try {
      await this.#file?.appendFile(bytes);
      await this.#file?.datasync();
      this.#fileBytes += bytes.length;
    } catch (error) {
      this.#isBroken = true;
      this.#log.error('Cannot write the journal of alerts', { err: error });
      throw error;
    }
  }

  async #compact(): Promise<void> {
    const fresh = `${this.#path}.new`;
    const file = await open(fresh, 'w', 0o600);
    try {
      let bytes = 0;
      let part: string[] = [];
      const write = async (): Promise<void> => {
        const chunk = Buffer.from(part.map((line) => `${line}\n`).join(''));
        part = [];
        bytes += chunk.length;
        await file.appendFile(chunk);
      };
      for (const [table, entries] of this.#tables) {
        // Changes during the awaits are appended later: a copy is what this file holds.
        for (const [key, value] of [...entries]) {
          part.push(JSON.stringify([table, key, value] satisfies Line));
          if (part.length === 1000) await write();
        }
      }
      await write();
      await file.datasync();
      renameSync(fresh, this.#path);
      await syncFolder(this.#folder);
      await this.#file?.close();
      this.#file = file;
      this.#fileBytes = bytes;
      this.#bytesAfterCompaction = bytes;
      this.#isBroken = false;
    } catch (error) {
      this.#isBroken = true;
      await file.close().catch(() => {});
      throw error;
    }
  }

  #load(): void {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    const lines = text.split('\n');
    for (const [at, line] of lines.entries()) {
      if (line === '') continue;
      try {
        this.#apply(JSON.parse(line) as Line);
      } catch (error) {
        const isTorn = at === lines.length - 1;
        this.#log[isTorn ? 'info' : 'warn']('A line of the journal of alerts is not readable', {
          line: at + 1,
          reason: describeError(error),
        });
      }
    }
  }

  #apply([table, key, value]: Line): void {
    let entries = this.#tables.get(table);
    if (entries === undefined) {
      entries = new Map();
      this.#tables.set(table, entries);
    }
    if (value === null) entries.delete(key);
    else entries.set(key, value);
  }
}

/** A rename is durable once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
