import type { LogScan, SqlRows } from '#logs/store';
import type { QueryRequest, QueryRows, ResultColumn } from './contract.ts';
import type { ExecuteDeps, Sink } from './execute.ts';
import { prepareSql } from './sql-language.ts';

/** Runs a statement over the request's groups and times, and tells the sink. */
export async function executeSql(
  request: QueryRequest,
  groups: readonly string[],
  deps: ExecuteDeps,
  sink: Sink,
): Promise<void> {
  await using scan = await open(request, groups, deps);
  const total = {
    totalEvents: scan.totalEvents,
    totalBytes: scan.totalBytes,
    histogram: undefined,
  };
  sink.progress({ ...total, scannedEvents: 0, scannedBytes: 0, matched: 0 });
  let columns: readonly ResultColumn[] | undefined;
  let matched = 0;
  const sql = await prepare(request, groups, scan, deps);
  for await (const chunk of scan.run(sql, { signal: deps.signal })) {
    if (columns === undefined) {
      columns = columnsOf(chunk);
      sink.columns(columns);
    }
    matched += chunk.rowCount;
    sink.append({ ...chunk, pointers: undefined });
  }
  if (columns === undefined) sink.columns(await describedColumns(sql, scan, deps.signal));
  const { totalEvents, totalBytes } = scan;
  sink.progress({ ...total, scannedEvents: totalEvents, scannedBytes: totalBytes, matched });
}

export async function* streamSql(
  request: QueryRequest,
  groups: readonly string[],
  deps: ExecuteDeps,
): AsyncGenerator<QueryRows> {
  await using scan = await open(request, groups, deps);
  for await (const chunk of run(request, groups, scan, deps))
    yield { ...chunk, pointers: undefined };
}

export async function sqlToParquet(
  request: QueryRequest,
  groups: readonly string[],
  path: string,
  deps: ExecuteDeps,
): Promise<void> {
  await using scan = await open(request, groups, deps);
  const sql = await prepare(request, groups, scan, deps);
  await scan.copyToParquet(sql, path, deps.signal);
}

function open(
  request: QueryRequest,
  groups: readonly string[],
  { store, signal }: ExecuteDeps,
): Promise<LogScan> {
  return store.openScan({ groups, fromMs: request.fromMs, toMs: request.toMs }, signal);
}

async function* run(
  request: QueryRequest,
  groups: readonly string[],
  scan: LogScan,
  deps: ExecuteDeps,
): AsyncGenerator<SqlRows> {
  yield* scan.run(await prepare(request, groups, scan, deps), { signal: deps.signal });
}

const prepare = (
  { text, maxRows }: QueryRequest,
  groups: readonly string[],
  scan: LogScan,
  { signal }: ExecuteDeps,
): Promise<string> => prepareSql(text, { scan, groups, maxRows, signal });

/** Columns of a statement that gave no rows to look at. */
async function describedColumns(
  sql: string,
  scan: LogScan,
  signal: AbortSignal,
): Promise<readonly ResultColumn[]> {
  const found: ResultColumn[] = [];
  const described = `SELECT column_name, column_type FROM (DESCRIBE ${sql})`;
  for await (const { columns } of scan.run(described, { signal })) {
    const [names = [], types = []] = columns;
    names.forEach((name, index) => {
      const type = String(types[index]);
      const isNumber = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/.test(
        type,
      );
      const kind = type === 'BOOLEAN' ? 'boolean' : isNumber ? 'number' : 'string';
      found.push({ name: String(name), kind, isTimeBin: false, isAggregate: false });
    });
  }
  return found;
}

/** The engine does not tell types: the first value of each column does. */
function columnsOf(rows: SqlRows): ResultColumn[] {
  return rows.columnNames.map((name, index) => {
    const value = rows.columns[index]?.find((one) => one !== null);
    const kind =
      typeof value === 'number' || typeof value === 'bigint'
        ? 'number'
        : typeof value === 'boolean'
          ? 'boolean'
          : 'string';
    return { name, kind, isTimeBin: false, isAggregate: false };
  });
}
