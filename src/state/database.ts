import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { AppError, describeError } from '#base';

/** Another process (`nunchi user add`) holds the write lock for milliseconds at most. */
const busyTimeoutMs = 5000;

export type Row = Record<string, string | number | bigint | null | Uint8Array>;

/** One SQLite file with its statements kept prepared. Opens, migrates, closes; knows no tables. */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #isClosed = false;

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /**
   * @param migrations SQL scripts; script i brings the schema from version i to i + 1
   * @throws {AppError} STATE_UNREADABLE, STATE_TOO_NEW
   */
  static open(path: string, migrations: readonly string[]): Database {
    let db: DatabaseSync;
    try {
      db = new DatabaseSync(path, { timeout: busyTimeoutMs });
      // WAL with FULL: a commit is one append and one fsync, and survives power loss.
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
      // The defaults of 2 MB cache are plenty; state is small.
      db.exec('PRAGMA wal_autocheckpoint = 400; PRAGMA temp_store = MEMORY;');
    } catch (error) {
      throw new AppError('STATE_UNREADABLE', `Cannot open ${path}: ${describeError(error)}`, {
        hint: 'Check that the data directory is writable and the file is a Nunchi state file',
        details: { file: path },
        cause: error,
      });
    }
    const database = new Database(db);
    try {
      database.#migrate(path, migrations);
    } catch (error) {
      db.close();
      throw error;
    }
    return database;
  }

  all(sql: string, ...params: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...params) as Row[];
  }

  get(sql: string, ...params: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...params) as Row | undefined;
  }

  /** @returns the number of rows changed */
  run(sql: string, ...params: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...params).changes);
  }

  /** All or nothing; the write lock is taken at once, so that reads inside cannot go stale. */
  transaction<T>(work: () => T): T {
    this.#mustBeOpen();
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#statements.clear();
    this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    this.#mustBeOpen();
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new AppError('STATE_CLOSED', 'The state store is closed');
  }

  #migrate(path: string, migrations: readonly string[]): void {
    const version = (): number =>
      Number(this.#db.prepare('PRAGMA user_version').get()!.user_version);
    if (version() === migrations.length) return;
    // Two processes may start at once: only the one that gets the lock sees the old version.
    this.transaction(() => {
      const from = version();
      if (from > migrations.length) {
        throw new AppError('STATE_TOO_NEW', `${path} was written by a newer Nunchi`, {
          hint: 'Start the newer version again, or use another data directory',
          details: { file: path, schemaVersion: from, known: migrations.length },
        });
      }
      for (let step = from; step < migrations.length; step++) this.#db.exec(migrations[step]!);
      this.#db.exec(`PRAGMA user_version = ${migrations.length}`);
    });
  }
}
