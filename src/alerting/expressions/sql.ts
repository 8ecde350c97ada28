import { setImmediate } from 'node:timers/promises';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { Slots } from '#base';
import type { FieldType, Frame } from '#dashboards/data-sources';
import { maxCells, type SqlType, tableOf, withStandardQuotes } from './sql-tables.ts';

type DuckDb = typeof import('@duckdb/node-api');

/** One query may take so long, loading its tables included. */
export const sqlTimeoutMs = 10_000;
const memoryLimit = '256MiB';
const interruptEveryMs = 50;
/** Rows and columns of an answer, multiplied. */
const maxAnswerCells = 100_000;

/** Engines at once: each has its own memory. */
const slots = new Slots(2);

/** What MySQL has and people write; the rest of its everyday functions are there under the same names. */
const macros = [
  'CREATE MACRO unix_timestamp(t) AS epoch(t)',
  'CREATE MACRO from_unixtime(x) AS make_timestamp((x * 1000000)::BIGINT)',
  "CREATE MACRO date_format(t, f) AS strftime(t, replace(replace(f, '%i', '%M'), '%s', '%S'))",
];

/**
 * Asks SQL (DuckDB's) over answers of queries, in an engine of its own that sees nothing else: no files,
 * no network, no settings; it is gone afterwards.
 * @param tables frames by the name of their table
 * @throws {RangeError} with what is wrong with the query, or what is too much
 */
export async function runSql(
  sql: string,
  tables: ReadonlyMap<string, readonly Frame[]>,
): Promise<Frame> {
  using _slot = await slots.take(AbortSignal.timeout(sqlTimeoutMs));
  const duckdb = await import('@duckdb/node-api');
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: memoryLimit,
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const deadlineMs = performance.now() + sqlTimeoutMs;
  let timer: NodeJS.Timeout | undefined;
  const limit = setTimeout(() => {
    connection.interrupt();
    // An interrupt between two calls is lost.
    timer = setInterval(() => connection.interrupt(), interruptEveryMs);
  }, sqlTimeoutMs);
  try {
    for (const macro of macros) await connection.run(macro);
    await loadTables(duckdb, connection, tables);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    return await ask(duckdb, connection, withStandardQuotes(sql));
  } catch (error) {
    if (error instanceof RangeError) throw error;
    if (performance.now() >= deadlineMs) {
      throw new RangeError(`the SQL took longer than ${sqlTimeoutMs / 1000} s`);
    }
    throw new RangeError(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(limit);
    clearInterval(timer);
    connection.disconnectSync();
    instance.closeSync();
  }
}

async function loadTables(
  duckdb: DuckDb,
  connection: DuckDBConnection,
  tables: ReadonlyMap<string, readonly Frame[]>,
): Promise<void> {
  let cells = 0;
  for (const [name, frames] of tables) {
    const columns = tableOf(frames);
    const rows = columns[0]?.values.length ?? 0;
    cells += columns.length * rows;
    if (cells > maxCells) {
      throw new RangeError(
        `the tables have more than ${maxCells} cells; ask for less, or aggregate in the queries`,
      );
    }
    const list = columns.map((column) => `${quote(column.name)} ${column.type}`);
    // An answer without data has no columns to tell of; its rows can be counted all the same.
    await connection.run(`CREATE TABLE ${quote(name)} (${list.join(', ') || '"value" DOUBLE'})`);
    const appender = await connection.createAppender(name);
    for (let row = 0; row < rows; row++) {
      for (const column of columns) append(duckdb, appender, column.type, column.values[row]);
      appender.endRow();
      if (row % rowsAtOnce === rowsAtOnce - 1) await setImmediate();
    }
    appender.closeSync();
  }
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function append(duckdb: DuckDb, appender: DuckDBAppender, type: SqlType, value: unknown): void {
  if (value === null || value === undefined) appender.appendNull();
  else if (type === 'DOUBLE') appender.appendDouble(Number(value));
  else if (type === 'BOOLEAN') appender.appendBoolean(value === true);
  else if (type === 'VARCHAR') {
    appender.appendVarchar(typeof value === 'object' ? JSON.stringify(value) : String(value));
  } else {
    const micros = BigInt(Math.round(Number(value) * microsecondsPerMs));
    appender.appendTimestamp(new duckdb.DuckDBTimestampValue(micros));
  }
}

async function ask(duckdb: DuckDb, connection: DuckDBConnection, sql: string): Promise<Frame> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) throw new RangeError('exactly one SELECT is needed');
  const prepared = await statements.prepare(0);
  if (prepared.statementType !== duckdb.StatementType.SELECT) {
    throw new RangeError('only SELECT is allowed');
  }
  const result = await prepared.stream();
  const names = result.deduplicatedColumnNames();
  const columns = names.map((): unknown[] => []);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    for (const [at, column] of columns.entries()) column.push(...chunk.getColumnValues(at));
    if (columns.length * columns[0]!.length > maxAnswerCells) {
      throw new RangeError(
        `the answer has more than ${maxAnswerCells} cells; add a LIMIT or fewer columns`,
      );
    }
  }
  return { fields: names.map((name, at) => fieldOf(name, columns[at]!)) };
}

/** Types are those of the values: what is empty is a column of numbers. */
function fieldOf(name: string, values: readonly unknown[]): Frame['fields'][number] {
  const plain = values.map(plainValue);
  const sample = plain.find((value) => value !== null);
  if (sample instanceof Date) {
    const times = plain.map((value) => (value instanceof Date ? value.getTime() : null));
    return { name, type: 'time', values: times };
  }
  const type = { string: 'string', boolean: 'boolean' }[typeof sample as string] ?? 'number';
  return { name, type: type as FieldType, values: plain };
}

function plainValue(value: unknown): string | number | boolean | Date | null {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return Number(value);
    case 'undefined':
      return null;
  }
  if (value === null) return null;
  if (typeof value === 'object') {
    if ('micros' in value && typeof value.micros === 'bigint' && !('months' in value)) {
      return new Date(Number(value.micros / BigInt(microsecondsPerMs)));
    }
    if ('days' in value && typeof value.days === 'number' && !('months' in value)) {
      return new Date(value.days * msPerDay);
    }
    if ('toDouble' in value && typeof value.toDouble === 'function')
      return Number(value.toDouble());
  }
  return String(value);
}

const microsecondsPerMs = 1000;
const msPerDay = 86_400_000;
/** Then others have a turn. */
const rowsAtOnce = 5000;
