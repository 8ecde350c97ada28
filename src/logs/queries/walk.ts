import type { LogScan, ScanPart, SqlRows } from '#logs/store';
import { concatRows, estimateBytes, resultTooLarge } from './result.ts';

/** The first rows come from little data, so that they come at once; later steps are larger. */
const firstStepBytes = 64 * 1024 * 1024;
/** Where the store skips what cannot match, a step reads far less than its parts hold. */
const firstFilteredStepBytes = 512 * 1024 * 1024;
const growth = 8;
const maxStepBytes = 1024 * 1024 * 1024;

/** Parts in the order of reading, in steps that grow. */
export function stepsOf(parts: readonly ScanPart[], isFiltered: boolean): ScanPart[][] {
  const steps: ScanPart[][] = [];
  let wanted = isFiltered ? firstFilteredStepBytes : firstStepBytes;
  let step: ScanPart[] = [];
  let bytes = 0;
  for (const part of parts) {
    step.push(part);
    bytes += part.messageBytes;
    if (bytes < wanted) continue;
    steps.push(step);
    step = [];
    bytes = 0;
    wanted = Math.min(maxStepBytes, wanted * growth);
  }
  if (step.length > 0) steps.push(step);
  return steps;
}

export interface WalkOptions {
  readonly scan: LogScan;
  readonly descending: boolean;
  readonly maxRows: number;
  /** Memory that the rows of one step may take. */
  readonly maxBytes: number;
  /** True when the scan was opened with texts that every match holds. */
  readonly isFiltered: boolean;
  /** SQL of the newest (or oldest) `limit` rows of a relation, in order; ts_ms and seq at the end. */
  readonly sqlOf: (relation: string, limit: number) => string;
  readonly signal: AbortSignal;
}

export interface WalkStep {
  /** Rows whose place is now certain, in order. */
  readonly rows: SqlRows;
  /** All matching rows of the step's parts, when none was cut off by the limit. */
  readonly complete: SqlRows | undefined;
  readonly parts: readonly ScanPart[];
}

/**
 * Rows in order of time, reading no more parts than needed: a row is certain once no unread part
 * can hold an earlier one. Holds at most `maxRows` rows back.
 * @throws {AppError} QUERY_RESULT_TOO_LARGE after the rows that fit
 */
export async function* walkByTime(options: WalkOptions): AsyncGenerator<WalkStep> {
  const { scan, descending, maxRows, signal } = options;
  const parts = scan.parts.toSorted((a, b) => (descending ? b.maxMs - a.maxMs : a.minMs - b.minMs));
  const steps = stepsOf(parts, options.isFiltered);
  let held: Row[] = [];
  let given = 0;
  let names: readonly string[] = [];
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at]!;
    const limit = maxRows - given;
    const chunks: SqlRows[] = [];
    const sql = options.sqlOf(scan.relationOf(step), limit);
    let bytes = 0;
    for await (const chunk of scan.run(sql, { signal })) {
      chunks.push(chunk);
      bytes += estimateBytes(chunk);
      if (bytes > options.maxBytes) break;
    }
    const isCut = bytes > options.maxBytes;
    const found = concatRows(chunks);
    if (found.columnNames.length > 0) names = found.columnNames;
    const before = descending ? compareDescending : compareAscending;
    held = held.length === 0 ? rowsOf(found) : [...held, ...rowsOf(found)].toSorted(before);
    held.length = Math.min(held.length, limit);
    const next = steps[at + 1]?.[0];
    const certain =
      next === undefined
        ? held.length
        : countWhile(held, (row) => (descending ? row.ms > next.maxMs : row.ms < next.minMs));
    const ready = held.slice(0, certain);
    held = held.slice(certain);
    given += ready.length;
    yield {
      rows: fromRows(ready, names),
      complete: found.rowCount < limit && !isCut ? found : undefined,
      parts: step,
    };
    if (isCut) throw resultTooLarge(options.maxBytes);
    if (given >= maxRows) return;
  }
}

interface Row {
  readonly ms: number;
  readonly sequence: number;
  readonly source: SqlRows;
  readonly index: number;
}

function rowsOf(rows: SqlRows): Row[] {
  const width = rows.columns.length;
  const times = rows.columns[width - 2] ?? [];
  const sequences = rows.columns[width - 1] ?? [];
  return Array.from({ length: rows.rowCount }, (_, index) => ({
    ms: Number(times[index]),
    sequence: Number(sequences[index]),
    source: rows,
    index,
  }));
}

function fromRows(rows: readonly Row[], names: readonly string[]): SqlRows {
  return {
    columnNames: names,
    columns: names.map((_, column) => rows.map((row) => row.source.columns[column]![row.index]!)),
    rowCount: rows.length,
  };
}

const compareDescending = (a: Row, b: Row): number => b.ms - a.ms || b.sequence - a.sequence;
const compareAscending = (a: Row, b: Row): number => a.ms - b.ms || a.sequence - b.sequence;

function countWhile(rows: readonly Row[], test: (row: Row) => boolean): number {
  const end = rows.findIndex((row) => !test(row));
  return end === -1 ? rows.length : end;
}
