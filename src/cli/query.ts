import { AppError } from '#base';
import {
  type ClientFlags,
  callServer,
  expandGroups,
  parseWhen,
  serverSentEvents,
} from './client.ts';
import { formatTable } from './table.ts';

export interface QueryFlags extends ClientFlags {
  readonly group: readonly string[];
  readonly since: string;
  readonly until: string;
  readonly format: 'table' | 'json' | 'csv';
  readonly sql: boolean;
}

type Cell = string | number | boolean | null;

interface Rows {
  /** By column; empty until the server has told. */
  readonly kinds?: readonly string[];
  readonly columnNames: readonly string[];
  readonly columns: readonly (readonly Cell[])[];
  readonly rowCount: number;
}

/** What the server sends while a query runs; fields that are not printed are left out. */
type QueryEvent =
  | { readonly type: 'columns'; readonly columns: readonly { readonly kind: string }[] }
  | { readonly type: 'rows' | 'replace'; readonly rows: Rows }
  | {
      readonly type: 'progress';
      readonly statistics: { readonly recordsScanned: number; readonly recordsTotal: number };
    }
  | { readonly type: 'end'; readonly status: string; readonly message?: string };

/** Runs a query on the server and prints its rows. Ctrl-C stops the query on the server too. */
export async function runQuery(text: string, flags: QueryFlags): Promise<void> {
  const nowMs = Date.now();
  const hasSource = /^\s*SOURCE\b/i.test(text);
  const groups =
    hasSource && flags.group.length === 0 ? [] : await expandGroups(flags, flags.group);
  const started = await callServer(flags, '/nunchi/logs/queries', {
    method: 'POST',
    body: {
      text,
      language: flags.sql ? 'SQL' : 'CWLI',
      groups,
      fromMs: parseWhen(flags.since, nowMs),
      toMs: parseWhen(flags.until, nowMs),
    },
  });
  const { id } = (await started.json()) as { id: string };
  const path = `/nunchi/logs/queries/${encodeURIComponent(id)}`;
  const interrupted = new AbortController();
  const onInterrupt = (): void => interrupted.abort(new DOMException('Interrupted', 'AbortError'));
  process.once('SIGINT', onInterrupt);
  try {
    const response = await callServer(flags, `${path}/events`, {
      accept: 'text/event-stream',
      signal: interrupted.signal,
    });
    const rows = await followQuery(response);
    printRows(rows, flags.format);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    await callServer(flags, path, { method: 'DELETE' });
    throw new AppError('CANCELLED', 'The query was stopped');
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** @throws {AppError} QUERY_FAILED */
async function followQuery(response: Response): Promise<Rows> {
  let rows: Rows = { columnNames: [], columns: [], rowCount: 0 };
  let kinds: readonly string[] = [];
  const showsProgress = process.stderr.isTTY;
  for await (const data of serverSentEvents(response)) {
    const event = JSON.parse(data) as QueryEvent;
    if (event.type === 'columns') kinds = event.columns.map((column) => column.kind);
    else if (event.type === 'replace') rows = event.rows;
    else if (event.type === 'rows') rows = appendRows(rows, event.rows);
    else if (event.type === 'progress' && showsProgress) {
      const { recordsScanned, recordsTotal } = event.statistics;
      process.stderr.write(`\r\u001b[K${recordsScanned} of ${recordsTotal} records`);
    } else if (event.type === 'end') {
      if (showsProgress) process.stderr.write('\r\u001b[K');
      if (event.status === 'Complete') return { ...rows, kinds };
      throw new AppError('QUERY_FAILED', event.message ?? `The query ended as ${event.status}`);
    }
  }
  throw new AppError('QUERY_FAILED', 'The server ended the answer before the query ended');
}

function appendRows(rows: Rows, more: Rows): Rows {
  if (rows.rowCount === 0) return more;
  return {
    columnNames: rows.columnNames,
    columns: rows.columns.map((column, index) => column.concat(more.columns[index] ?? [])),
    rowCount: rows.rowCount + more.rowCount,
  };
}

function printRows(rows: Rows, format: QueryFlags['format']): void {
  const lines = Array.from({ length: rows.rowCount }, (_, row) =>
    rows.columns.map((column, index) => readable(column[row] ?? null, rows.kinds?.[index])),
  );
  if (format === 'json') {
    for (const line of lines) {
      const record = Object.fromEntries(rows.columnNames.map((name, i) => [name, line[i]]));
      process.stdout.write(`${JSON.stringify(record)}\n`);
    }
  } else if (format === 'csv') {
    for (const line of [rows.columnNames, ...lines]) {
      process.stdout.write(`${line.map(csvCell).join(',')}\r\n`);
    }
  } else {
    process.stdout.write(
      formatTable(
        rows.columnNames,
        lines.map((line) => line.map(tableCell)),
      ),
    );
  }
}

/** Times come as Unix ms. */
function readable(value: Cell, kind: string | undefined): Cell {
  return kind === 'timestamp' && typeof value === 'number' ? new Date(value).toISOString() : value;
}

/** RFC 4180. */
export function csvCell(value: Cell): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function tableCell(value: Cell): string {
  return value === null ? '' : printable(String(value)).trimEnd();
}

/** Logs are strangers' text: what would steer the terminal is shown, not obeyed. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the subject
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, (char) =>
    char === '\n' ? '⏎' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
