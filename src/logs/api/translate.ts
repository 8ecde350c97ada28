import { encodePointer } from '#logs/insights';
import type { QueryEvent, QueryRows, QueryRun } from '#logs/queries';
import type { EventPosition, LogEvent, LogGroup, LogStream, SqlValue } from '#logs/store';
import { positionInvalid } from './errors.ts';
import type {
  WireEvent,
  WireGroup,
  WireQuery,
  WireQueryEvent,
  WireRows,
  WireStream,
  WireValue,
} from './wire.ts';

/** From the contracts' types to those of the wire; nothing else. */

export const wireEvent = (event: LogEvent): WireEvent => ({
  pointer: encodePointer(event),
  group: event.group,
  stream: event.stream,
  timestampMs: event.timestampMs,
  ingestionMs: event.ingestionMs,
  message: event.message,
});

export const wireGroup = (
  group: LogGroup,
  rate: { readonly events: number; readonly bytes: number } | undefined,
  rates: readonly (number | null)[] = [],
): WireGroup => ({
  name: group.name,
  createdMs: group.createdMs,
  retentionDays: group.retentionDays ?? null,
  tags: group.tags,
  class: group.class,
  deletionProtection: group.deletionProtection,
  storedBytes: group.storedBytes,
  messageBytes: group.messageBytes,
  events: group.events,
  streams: group.streams,
  firstEventMs: group.firstEventMs ?? null,
  lastEventMs: group.lastEventMs ?? null,
  lastIngestionMs: group.lastIngestionMs ?? null,
  eventsPerSecond: rate?.events ?? 0,
  bytesPerSecond: rate?.bytes ?? 0,
  rates,
});

export const wireStream = (stream: LogStream): WireStream => ({
  name: stream.name,
  createdMs: stream.createdMs,
  firstEventMs: stream.firstEventMs ?? null,
  lastEventMs: stream.lastEventMs ?? null,
  lastIngestionMs: stream.lastIngestionMs ?? null,
});

export const positionText = (position: EventPosition): string =>
  `${position.timestampMs}:${position.sequence}`;

/** @throws {AppError} POSITION_INVALID */
export function parsePosition(text: string): EventPosition {
  const match = /^(-?\d{1,16}):(-?\d{1,16})$/.exec(text);
  if (match === null) throw positionInvalid();
  return { timestampMs: Number(match[1]), sequence: Number(match[2]) };
}

const wireValue = (value: SqlValue): WireValue =>
  typeof value === 'bigint' ? value.toString() : value;

export const wireRows = (rows: QueryRows): WireRows => ({
  columnNames: rows.columnNames,
  columns: rows.columns.map((column) =>
    column.some((value) => typeof value === 'bigint')
      ? column.map(wireValue)
      : (column as readonly WireValue[]),
  ),
  rowCount: rows.rowCount,
  pointers: rows.pointers ?? null,
});

export const wireQuery = (run: QueryRun): WireQuery => ({
  id: run.id,
  text: run.request.text,
  language: run.request.language,
  groups: run.request.groups,
  fromMs: run.request.fromMs,
  toMs: run.request.toMs,
  createdMs: run.createdMs,
  endedMs: run.endedMs ?? null,
  status: run.status,
  statistics: run.statistics,
  rowCount: run.rowCount,
  diagnostics: run.diagnostics,
  error: run.error ?? null,
});

export function wireQueryEvent(event: QueryEvent): WireQueryEvent {
  switch (event.type) {
    case 'rows':
    case 'replace':
      return { type: event.type, rows: wireRows(event.rows) };
    case 'progress':
      return { ...event, histogram: event.histogram ?? null };
    default:
      return event;
  }
}
