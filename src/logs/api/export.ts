import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { QueryRequest, QueryRows, QueryService } from '#logs/queries';
import type { SqlValue } from '#logs/store';

export type ExportFormat = 'csv' | 'json' | 'parquet';

export const exportTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

/** All rows of a query, without the wall on rows and without holding them in memory. */
export async function exportStream(
  queries: QueryService,
  request: QueryRequest,
  format: ExportFormat,
  signal: AbortSignal,
): Promise<Readable> {
  if (format === 'parquet') return await parquetStream(queries, request, signal);
  const rows = queries.export(request, signal);
  return Readable.from(format === 'csv' ? csvText(rows) : jsonText(rows), { objectMode: false });
}

/** DuckDB writes Parquet to a file only: it lives as long as it is being sent. */
async function parquetStream(
  queries: QueryService,
  request: QueryRequest,
  signal: AbortSignal,
): Promise<Readable> {
  const folder = await mkdtemp(join(tmpdir(), 'nunchi-export-'));
  const remove = (): void => void rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'rows.parquet');
    await queries.exportParquet(request, path, signal);
    return createReadStream(path).once('close', remove);
  } catch (error) {
    remove();
    throw error;
  }
}

export async function* csvText(chunks: AsyncIterable<QueryRows>): AsyncGenerator<string> {
  let hasHeader = false;
  for await (const chunk of chunks) {
    let text = '';
    if (!hasHeader) {
      text += `${chunk.columnNames.map(csvCell).join(',')}\r\n`;
      hasHeader = true;
    }
    for (let row = 0; row < chunk.rowCount; row++) {
      text += `${chunk.columns.map((column) => csvCell(column[row] ?? null)).join(',')}\r\n`;
    }
    yield text;
  }
}

/** RFC 4180. */
export function csvCell(value: SqlValue): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One object per line. Whole numbers beyond 2^53 are written as numbers, with all their digits. */
export async function* jsonText(chunks: AsyncIterable<QueryRows>): AsyncGenerator<string> {
  for await (const chunk of chunks) {
    const keys = chunk.columnNames.map((name) => JSON.stringify(name));
    let text = '';
    for (let row = 0; row < chunk.rowCount; row++) {
      const cells = chunk.columns.map(
        (column, index) => `${keys[index]}:${json(column[row] ?? null)}`,
      );
      text += `{${cells.join(',')}}\n`;
    }
    yield text;
  }
}

function json(value: SqlValue): string {
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}
