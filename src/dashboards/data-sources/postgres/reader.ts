import { connect } from 'node:net';
import type { FieldDef, Pool, PoolClient, QueryConfig } from 'pg';
import { describeError } from '#base';
import { dataError } from '../errors.ts';

/** Rows asked for at once: what is beyond a limit is hardly fetched. */
const fetchRows = 5000;
const cancelTimeoutMs = 5000;
/** How long a query may wait for a lock: it only reads, nobody may wait for it in turn. */
const lockTimeoutMs = 5000;
/** A query that the server ended: its own timeout, or ours. */
const queryCanceled = '57014';
const cursorPrefix = 'DECLARE nunchi NO SCROLL CURSOR WITHOUT HOLD FOR ';

export interface ReadRequest {
  /** One statement that only reads. */
  readonly sql: string;
  /** Of `$1`, `$2`, … */
  readonly parameters: readonly string[];
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ReadRows {
  readonly fields: readonly Pick<FieldDef, 'name' | 'dataTypeID'>[];
  /** As texts, in the server's ISO style; null: NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** There were more rows than were wanted. */
  readonly isCut: boolean;
}

const asText = { getTypeParser: () => (value: string | Buffer) => String(value) };

/**
 * Reads rows in a read-only transaction, through a cursor: a cursor takes nothing but a query, the
 * extended protocol nothing but one statement, and rows beyond the limit stay in the database. What a
 * query does to its session (settings, advisory locks) ends with it.
 * @throws {AppError} DATA_QUERY_INVALID with the server's words, DATA_QUERY_TIMEOUT, DATA_QUERY_TOO_LARGE,
 *   DATA_SOURCE_FAILED (no connection)
 */
export async function readRows(pool: Pool, request: ReadRequest): Promise<ReadRows> {
  const { signal } = request;
  signal.throwIfAborted();
  const client = await connected(pool);
  const cancel = (): void => cancelQuery(client, pool);
  signal.addEventListener('abort', cancel, { once: true });
  let isSound = false;
  try {
    const rows = await readWith(client, request);
    isSound = !signal.aborted;
    return rows;
  } catch (error) {
    // A refused statement leaves a connection that can be used again; what else went wrong may not.
    isSound = !signal.aborted && isServerError(error);
    signal.throwIfAborted();
    throw told(error, request);
  } finally {
    signal.removeEventListener('abort', cancel);
    await giveBack(client, isSound);
  }
}

async function connected(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw dataError(
      'DATA_SOURCE_FAILED',
      `The database cannot be reached: ${describeError(error)}`,
      {
        cause: error,
      },
    );
  }
}

async function readWith(client: PoolClient, request: ReadRequest): Promise<ReadRows> {
  const { sql, parameters, maxRows, maxBytes, timeoutMs } = request;
  const timeout = Math.ceil(timeoutMs);
  await client.query(
    `BEGIN READ ONLY;
     SET LOCAL statement_timeout = ${timeout};
     SET LOCAL lock_timeout = ${Math.min(timeout, lockTimeoutMs)};
     SET LOCAL idle_in_transaction_session_timeout = ${timeout};
     SET LOCAL standard_conforming_strings = on;
     SET LOCAL datestyle = 'ISO, YMD';
     SET LOCAL cursor_tuple_fraction = 1`,
  );
  // The simple protocol would take several statements.
  const declare: QueryConfig & { queryMode: 'extended' } = {
    text: cursorPrefix + sql,
    values: [...parameters],
    queryMode: 'extended',
  };
  await client.query(declare);
  const rows: (string | null)[][] = [];
  let bytes = 0;
  for (;;) {
    const wanted = Math.min(fetchRows, maxRows + 1 - rows.length);
    const page = await client.query<(string | null)[]>({
      text: `FETCH FORWARD ${wanted} FROM nunchi`,
      rowMode: 'array',
      types: asText,
    });
    for (const row of page.rows) {
      for (const cell of row) bytes += cell?.length ?? 0;
      rows.push(row);
    }
    if (bytes > maxBytes) {
      throw dataError('DATA_QUERY_TOO_LARGE', `The rows have more than ${maxBytes} bytes`, {
        hint: 'Select less, or raise dashboards.dataSources.maxAnswer',
      });
    }
    if (page.rows.length < wanted || rows.length > maxRows) {
      const isCut = rows.length > maxRows;
      return { fields: page.fields, rows: isCut ? rows.slice(0, maxRows) : rows, isCut };
    }
  }
}

async function giveBack(client: PoolClient, isSound: boolean): Promise<void> {
  if (isSound) {
    try {
      await client.query('ROLLBACK');
      await client.query('DISCARD ALL');
      client.release();
      return;
    } catch {
      // The connection is of no use any more.
    }
  }
  client.release(true);
}

/** The protocol's own request to cancel, on a connection of its own: it needs no login. */
function cancelQuery(client: PoolClient, pool: Pool): void {
  const { processID, secretKey } = client as unknown as {
    processID?: number | null;
    secretKey?: number | null;
  };
  const { host, port } = pool.options;
  if (typeof processID !== 'number' || typeof secretKey !== 'number' || host === undefined) return;
  const packet = Buffer.alloc(16);
  packet.writeInt32BE(16, 0);
  packet.writeInt32BE(80_877_102, 4);
  packet.writeInt32BE(processID, 8);
  packet.writeInt32BE(secretKey, 12);
  const socket = connect({ host, port: port ?? 5432, timeout: cancelTimeoutMs }, () =>
    socket.end(packet),
  );
  socket.unref();
  socket.on('timeout', () => socket.destroy());
  // The server ends the query by its own timeout all the same.
  socket.on('error', () => socket.destroy());
}

interface ServerError extends Error {
  readonly code: string;
  readonly severity: string;
  readonly position?: string;
  readonly hint?: string;
  readonly detail?: string;
}

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'severity' in error && 'code' in error;
}

function told(error: unknown, { sql, timeoutMs }: ReadRequest): unknown {
  if (!isServerError(error)) {
    if (error instanceof Error && error.name !== 'AppError' && 'code' in error) {
      return dataError('DATA_SOURCE_FAILED', `The connection broke: ${error.message}`, {
        cause: error,
      });
    }
    return error;
  }
  if (error.code === queryCanceled && /statement timeout/.test(error.message)) {
    return dataError('DATA_QUERY_TIMEOUT', `The query took longer than ${timeoutMs / 1000} s`, {
      cause: error,
    });
  }
  const offset = Number(error.position ?? 0) - 1 - cursorPrefix.length;
  const line = offset < 0 ? undefined : sql.slice(0, offset).split('\n').length;
  const place = line === undefined ? '' : ` (line ${line})`;
  const detail = error.detail === undefined ? '' : `: ${error.detail}`;
  return dataError('DATA_QUERY_INVALID', `${error.message}${detail}${place}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: { code: error.code },
  });
}
