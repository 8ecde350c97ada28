import { mkdirSync, rmSync } from 'node:fs';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { AppError, describeError, type Logger, Slots } from '#base';
import type { SqlRows, SqlValue } from './contract.ts';

export interface EngineOptions {
  /** Folders the engine may read and write. */
  readonly directories: readonly string[];
  readonly temporaryDirectory: string;
  readonly memoryBytes: number;
  readonly threads: number;
  /** Native calls at once. Each holds a thread of Node's pool, which file writes need too. */
  readonly maxCalls: number;
  /** Connections at once, and callers that may wait for one. */
  readonly maxConnections: number;
  readonly maxWaiting: number;
  readonly log: Logger;
}

/** While a call is under way after an abort, the engine is told to stop this often, ms. */
const interruptEveryMs = 20;
const closeWaitMs = 5;
const maxCloseWaits = 6000;

/**
 * DuckDB, loaded at the first query: an idle server does not pay its memory. One instance; after a
 * fatal error the next connection gets a new one.
 */
export class QueryEngine {
  readonly #options: EngineOptions;
  readonly #connections: Slots;
  readonly #calls: Slots;
  #instance: Promise<DuckDBInstance> | undefined;
  readonly #inUse = new Set<EngineConnection>();
  readonly #closing = new AbortController();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#connections = new Slots(options.maxConnections);
    this.#calls = new Slots(options.maxCalls);
  }

  get running(): number {
    return this.#connections.taken;
  }

  get queued(): number {
    return this.#connections.waiting;
  }

  async connect(signal: AbortSignal): Promise<EngineConnection> {
    const { waiting, isFull } = this.#connections;
    if (isFull && waiting >= this.#options.maxWaiting) {
      throw new AppError('QUERY_QUEUE_FULL', `${waiting} queries are waiting already`, {
        hint: 'Try again when some of them have ended',
      });
    }
    const slot = await this.#connections.take(signal);
    try {
      this.#instance ??= this.#open();
      const instance = await this.#instance;
      const connection = await instance.connect();
      const made: EngineConnection = new EngineConnection(connection, this.#calls, {
        closing: this.#closing.signal,
        onClose: () => {
          this.#inUse.delete(made);
          slot[Symbol.dispose]();
        },
        onFatal: () => {
          this.#options.log.error('The query engine failed and is started again');
          this.#instance = undefined;
        },
      });
      this.#inUse.add(made);
      return made;
    } catch (error) {
      this.#instance = undefined;
      slot[Symbol.dispose]();
      // Whatever failed, it did so because the engine was closed under it.
      if (this.#closing.signal.aborted) throw this.#closing.signal.reason;
      throw new AppError('QUERY_FAILED', 'The query engine does not start', { cause: error });
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new AppError('STORE_CLOSED', 'The log store is closed'));
    // Interrupted calls end within milliseconds, later on a busy machine. An engine that is closed under
    // them takes the process down: one whose calls do not end is left to the end of the process.
    for (let i = 0; i < maxCloseWaits && this.#calls.taken > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, closeWaitMs));
    }
    if (this.#calls.taken > 0) {
      this.#options.log.warn('The query engine closes without its last calls', {
        calls: this.#calls.taken,
      });
      return;
    }
    for (const connection of [...this.#inUse]) connection.close();
    const instance = await this.#instance?.catch(() => undefined);
    instance?.closeSync();
    rmSync(this.#options.temporaryDirectory, { recursive: true, force: true });
  }

  async #open(): Promise<DuckDBInstance> {
    if (this.#closing.signal.aborted) throw new AppError('STORE_CLOSED', 'The log store is closed');
    const { directories, memoryBytes, temporaryDirectory, threads } = this.#options;
    mkdirSync(temporaryDirectory, { recursive: true });
    const duckdb = await import('@duckdb/node-api');
    const instance = await duckdb.DuckDBInstance.create(':memory:', {
      threads: String(threads),
      memory_limit: `${Math.round(memoryBytes / 1024 / 1024)}MiB`,
      temp_directory: temporaryDirectory,
      preserve_insertion_order: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    const list = [...directories, temporaryDirectory]
      .map((directory) => `'${directory.replaceAll("'", "''")}/'`)
      .join(', ');
    await connection.run(`SET allowed_directories = [${list}]`);
    await connection.run('SET enable_external_access = false');
    // Segments never change: their footers are read once.
    await connection.run('SET parquet_metadata_cache = true');
    await connection.run('SET lock_configuration = true');
    connection.disconnectSync();
    return instance;
  }
}

interface ConnectionHooks {
  /** Aborts when the engine closes. */
  readonly closing: AbortSignal;
  readonly onClose: () => void;
  readonly onFatal: () => void;
}

/** One connection of the engine: one statement at a time. */
export class EngineConnection {
  readonly #connection: DuckDBConnection;
  readonly #calls: Slots;
  readonly #hooks: ConnectionHooks;
  #closed = false;

  constructor(connection: DuckDBConnection, calls: Slots, hooks: ConnectionHooks) {
    this.#connection = connection;
    this.#calls = calls;
    this.#hooks = hooks;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.disconnectSync();
    this.#hooks.onClose();
  }

  /** @throws {AppError} QUERY_FAILED, QUERY_OUT_OF_MEMORY; the signal's reason when aborted */
  async *run(
    sql: string,
    params: readonly SqlValue[],
    signal: AbortSignal,
  ): AsyncGenerator<SqlRows, void, undefined> {
    const prepared = await this.#call(signal, () => this.#connection.prepare(sql));
    try {
      params.forEach((value, index) => {
        bind(prepared, index + 1, value);
      });
      const result = await this.#call(signal, () => prepared.stream());
      const columnNames = result.deduplicatedColumnNames();
      for (;;) {
        const chunk = await this.#call(signal, () => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        const columns: SqlValue[][] = [];
        for (let i = 0; i < chunk.columnCount; i++) {
          columns.push(toSqlValues(chunk.getColumnValues(i)));
        }
        yield { columnNames, columns, rowCount: chunk.rowCount };
      }
    } finally {
      prepared.destroySync();
    }
  }

  async #call<T>(caller: AbortSignal, work: () => Promise<T>): Promise<T> {
    const signal = AbortSignal.any([caller, this.#hooks.closing]);
    using _slot = await this.#calls.take(signal);
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      this.#connection.interrupt();
      // An interrupt before the work begins is lost: it is repeated until the call ends.
      timer = setInterval(() => this.#connection.interrupt(), interruptEveryMs);
    };
    try {
      signal.throwIfAborted();
      signal.addEventListener('abort', onAbort, { once: true });
      return await work();
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw this.#wrap(error);
    } finally {
      signal.removeEventListener('abort', onAbort);
      clearInterval(timer);
    }
  }

  #wrap(error: unknown): AppError {
    const message = describeError(error);
    if (/database has been invalidated|FATAL Error|INTERNAL Error/.test(message)) {
      this.#hooks.onFatal();
    }
    if (/^Out of Memory/.test(message)) {
      return new AppError('QUERY_OUT_OF_MEMORY', message, {
        hint: 'Narrow the time range or the groups, or raise the memory that queries may use',
        cause: error,
      });
    }
    return new AppError('QUERY_FAILED', message, { cause: error });
  }
}

interface Bindable {
  bindNull(index: number): void;
  bindVarchar(index: number, value: string): void;
  bindDouble(index: number, value: number): void;
  bindBigInt(index: number, value: bigint): void;
  bindBoolean(index: number, value: boolean): void;
}

function bind(statement: Bindable, index: number, value: SqlValue): void {
  if (value === null) statement.bindNull(index);
  else if (typeof value === 'string') statement.bindVarchar(index, value);
  else if (typeof value === 'boolean') statement.bindBoolean(index, value);
  else if (typeof value === 'bigint') statement.bindBigInt(index, value);
  else if (Number.isSafeInteger(value)) statement.bindBigInt(index, BigInt(value));
  else statement.bindDouble(index, value);
}

const safe = BigInt(Number.MAX_SAFE_INTEGER);

function toSqlValues(values: DuckDBValue[]): SqlValue[] {
  const out = values as SqlValue[];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    switch (typeof value) {
      case 'string':
      case 'number':
      case 'boolean':
        break;
      case 'bigint':
        if (value <= safe && value >= -safe) out[i] = Number(value);
        break;
      default:
        // Lists, structs, decimals, timestamps: as the engine prints them.
        out[i] = value === null || value === undefined ? null : String(value);
    }
  }
  return out;
}
