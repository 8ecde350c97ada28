import type {
  EventPage,
  EventPageRequest,
  EventPosition,
  LogEvent,
  LogScan,
  SqlRows,
} from './contract.ts';
import { sqlInteger, sqlText } from './sql.ts';

/** Rows fetched in one step at most; steps double from twice the page while little is accepted. */
const maxStepRows = 50_000;
const minTextWindowRows = 500_000;

/**
 * One page of events in (timestamp, sequence) order. Time is walked in windows sized by how many
 * events the parts hold, so that a page near one end never sorts the whole selection.
 */
export async function readPage(
  scan: LogScan,
  request: EventPageRequest,
  signal: AbortSignal,
): Promise<EventPage> {
  const forward = request.direction === 'forward';
  const events: LogEvent[] = [];
  let messageBytes = 0;
  let scanned = 0;
  let place = request.after;
  const scanLimit = request.maxScannedEvents ?? Number.POSITIVE_INFINITY;
  const minMs = Math.min(...scan.parts.map((part) => part.minMs));
  const maxMs = Math.max(...scan.parts.map((part) => part.maxMs));
  let fromMs = Math.max(request.fromMs, minMs);
  let toMs = Math.min(request.toMs, maxMs);
  if (place !== undefined) {
    if (forward) fromMs = Math.max(fromMs, place.timestampMs);
    else toMs = Math.min(toMs, place.timestampMs);
  }
  // A text is looked for natively, at a million events a second: small windows would only cost.
  const hasText = request.contains?.some((text) => text !== '') === true;
  let windowRows = hasText ? minTextWindowRows : request.maxEvents * 2 + 1;
  let acceptRows = Math.min(maxStepRows, request.maxEvents * 2 + 1);
  while (fromMs <= toMs) {
    const windowMs = windowFor(scan, { fromMs, toMs, forward, wantedRows: windowRows });
    const windowFrom = forward ? fromMs : Math.max(fromMs, toMs - windowMs);
    const windowTo = forward ? Math.min(toMs, fromMs + windowMs) : toMs;
    const inWindow = scan.parts.filter(
      (part) => part.maxMs >= windowFrom && part.minMs <= windowTo,
    );
    // Every row of the window is read in steps before the next window begins.
    for (;;) {
      if (inWindow.length === 0) break;
      const stepRows = Math.min(
        maxStepRows,
        request.accept === undefined ? request.maxEvents - events.length + 1 : acceptRows,
      );
      const sql = pageSql(scan.relationOf(inWindow), {
        windowFrom,
        windowTo,
        place,
        forward,
        contains: request.contains ?? [],
        limit: stepRows,
      });
      let rowsInStep = 0;
      for await (const rows of scan.run(sql, { signal })) {
        for (let row = 0; row < rows.rowCount; row++) {
          const event = eventAt(rows, row);
          const bytes = Buffer.byteLength(event.message);
          const accepted = request.accept?.(event.message) !== false;
          const full =
            events.length >= request.maxEvents ||
            (request.maxBytes !== undefined &&
              events.length > 0 &&
              messageBytes + bytes > request.maxBytes);
          if ((accepted && full) || scanned >= scanLimit) {
            return { events, next: place, scannedEvents: scanned };
          }
          scanned += 1;
          rowsInStep += 1;
          place = { timestampMs: event.timestampMs, sequence: event.sequence };
          if (!accepted) continue;
          events.push(event);
          messageBytes += bytes;
        }
      }
      if (rowsInStep < stepRows) break;
      acceptRows = Math.min(maxStepRows, acceptRows * 2);
    }
    if (forward) fromMs = windowTo + 1;
    else toMs = windowFrom - 1;
    windowRows *= 4;
  }
  return { events, next: undefined, scannedEvents: scanned };
}

/** The width of a window at the reading end that holds about `wantedRows` by the parts' density. */
function windowFor(
  scan: LogScan,
  range: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly forward: boolean;
    readonly wantedRows: number;
  },
): number {
  const { fromMs, toMs, forward, wantedRows } = range;
  let widthMs = 1000;
  while (widthMs < toMs - fromMs) {
    const low = forward ? fromMs : toMs - widthMs;
    const high = forward ? fromMs + widthMs : toMs;
    let rows = 0;
    for (const part of scan.parts) {
      const overlapMs = Math.min(part.maxMs, high) - Math.max(part.minMs, low) + 1;
      if (overlapMs > 0) rows += (part.events * overlapMs) / (part.maxMs - part.minMs + 1);
    }
    if (rows >= wantedRows) return widthMs;
    widthMs *= 2;
  }
  return Math.max(0, toMs - fromMs);
}

function pageSql(
  relation: string,
  page: {
    readonly windowFrom: number;
    readonly windowTo: number;
    readonly place: EventPosition | undefined;
    readonly forward: boolean;
    readonly contains: readonly string[];
    readonly limit: number;
  },
): string {
  const terms = [
    `ts_ms >= ${sqlInteger(page.windowFrom)}`,
    `ts_ms <= ${sqlInteger(page.windowTo)}`,
  ];
  if (page.place !== undefined) {
    const time = sqlInteger(page.place.timestampMs);
    const sequence = sqlInteger(page.place.sequence);
    const [beyond, op] = page.forward ? ['>', '>'] : ['<', '<'];
    terms.push(`(ts_ms ${beyond} ${time} OR (ts_ms = ${time} AND seq ${op} ${sequence}))`);
  }
  for (const text of page.contains) terms.push(`contains(message, ${sqlText(text)})`);
  const order = page.forward ? 'ASC' : 'DESC';
  return `SELECT log_group, log_stream, ts_ms, ingest_ms, seq, message FROM ${relation}
    WHERE ${terms.join(' AND ')} ORDER BY ts_ms ${order}, seq ${order} LIMIT ${page.limit}`;
}

export function eventAt(rows: SqlRows, row: number): LogEvent {
  const [groups, streams, times, ingests, sequences, messages] = rows.columns;
  return {
    group: groups![row] as string,
    stream: streams![row] as string,
    timestampMs: times![row] as number,
    ingestionMs: ingests![row] as number,
    sequence: sequences![row] as number,
    message: messages![row] as string,
  };
}
