import { mkdirSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { AppError, describeError, type Logger } from '#base';
import type { Checkpoint } from '../contract.ts';

/**
 * What of the agent outlives its spool frames: the positions of everything acknowledged, who we are
 * to the server, and the numbers used last. Updated in one transaction per acknowledgement.
 */
export class AgentState implements Disposable {
  readonly #db: DatabaseSync;
  readonly #getMeta: StatementSync;
  readonly #setMeta: StatementSync;
  readonly #setCheckpoint: StatementSync;
  readonly #deleteCheckpoint: StatementSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
    // Held for our life: a second agent on this folder would mix up the spool of both.
    // The pages in use are few; the default cache of 2 MB is for nothing.
    db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -256;
      PRAGMA busy_timeout = 1000;
      CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS checkpoints (
        input TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (input, key)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS deliveries (
        frame INTEGER NOT NULL, output TEXT NOT NULL, PRIMARY KEY (frame, output)
      ) WITHOUT ROWID;
      BEGIN IMMEDIATE; COMMIT;`);
    this.#getMeta = db.prepare('SELECT value FROM meta WHERE key = ?');
    this.#setMeta = db.prepare(
      'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#setCheckpoint = db.prepare(
      `INSERT INTO checkpoints VALUES (?, ?, ?)
       ON CONFLICT (input, key) DO UPDATE SET value = excluded.value`,
    );
    this.#deleteCheckpoint = db.prepare('DELETE FROM checkpoints WHERE input = ? AND key = ?');
  }

  /**
   * A damaged database is set aside and a new one begun: positions are lost then (files are read
   * from where the options say), the agent works.
   * @throws {AppError} AGENT_FOLDER_IN_USE, AGENT_STATE_UNUSABLE (no permission, disk full)
   */
  static async open(folder: string, logger: Logger): Promise<AgentState> {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'state.db');
    try {
      return openChecked(path);
    } catch (error) {
      if (!isDamage(error)) throw unusable(folder, error);
      const aside = `${path}.damaged-${Date.now()}`;
      logger.error('The state database is damaged and was set aside', {
        path,
        aside,
        err: describeError(error),
      });
      await rename(path, aside);
      for (const suffix of ['-wal', '-shm']) {
        await rename(path + suffix, aside + suffix).catch(() => {});
      }
      return openChecked(path);
    }
    function openChecked(file: string): AgentState {
      const db = new DatabaseSync(file);
      try {
        const state = new AgentState(db);
        const check = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
        if (check.quick_check !== 'ok') throw new DamagedError(check.quick_check);
        return state;
      } catch (error) {
        db.close();
        throw error;
      }
    }
  }

  meta(key: string): string | undefined {
    const row = this.#getMeta.get(key) as { value: string } | undefined;
    return row?.value;
  }

  setMeta(key: string, value: string): void {
    this.#setMeta.run(key, value);
  }

  checkpoints(): Checkpoint[] {
    const rows = this.#db.prepare('SELECT input, key, value FROM checkpoints').all() as {
      input: string;
      key: string;
      value: string;
    }[];
    return rows.map(({ input, key, value }) => ({ input, key, value: JSON.parse(value) }));
  }

  /** All or nothing. A checkpoint whose value is null is deleted. */
  commit(change: {
    readonly checkpoints: readonly Checkpoint[];
    readonly meta: Readonly<Record<string, string>>;
    /** Deliveries of frames up to this one are forgotten. */
    readonly deliveredUpTo?: number;
  }): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      for (const { input, key, value } of change.checkpoints) {
        if (value === null || value === undefined) this.#deleteCheckpoint.run(input, key);
        else this.#setCheckpoint.run(input, key, JSON.stringify(value));
      }
      for (const [key, value] of Object.entries(change.meta)) this.#setMeta.run(key, value);
      if (change.deliveredUpTo !== undefined) {
        this.#db.prepare('DELETE FROM deliveries WHERE frame <= ?').run(change.deliveredUpTo);
      }
      this.#db.exec('COMMIT');
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** One of a frame's outputs has it. */
  delivered(frame: number, output: string): void {
    this.#db.prepare('INSERT OR IGNORE INTO deliveries VALUES (?, ?)').run(frame, output);
  }

  deliveries(): { readonly frame: number; readonly output: string }[] {
    return this.#db.prepare('SELECT frame, output FROM deliveries').all() as {
      frame: number;
      output: string;
    }[];
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

class DamagedError extends Error {}

/** SQLITE_CORRUPT and SQLITE_NOTADB: nothing else is a reason to begin anew. */
function isDamage(error: unknown): boolean {
  if (error instanceof DamagedError) return true;
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' && ((code & 0xff) === 11 || (code & 0xff) === 26);
}

/** SQLITE_BUSY and SQLITE_LOCKED: somebody else has the database. */
function unusable(folder: string, cause: unknown): AppError {
  const code = Number((cause as { errcode?: unknown }).errcode) & 0xff;
  if (code === 5 || code === 6) {
    return new AppError('AGENT_FOLDER_IN_USE', `Another agent works in ${folder}`, {
      hint: 'Stop it, or give each agent a data folder of its own',
      cause,
    });
  }
  return new AppError('AGENT_STATE_UNUSABLE', `Cannot open the state database in ${folder}`, {
    cause,
  });
}
