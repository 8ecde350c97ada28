import { type DataFrame, type Field, FieldType } from '@grafana/data';
import type { LogRow } from '../../logs/log-row.ts';

export interface LogOptions {
  readonly isAscending: boolean;
  readonly dedup: 'none' | 'exact' | 'numbers' | 'signature';
  /** Shown in the place of the line; empty: the line. */
  readonly displayedFields: readonly string[];
}

/** More lines than anybody scrolls through; the query should ask for fewer. */
const maxLines = 50_000;

const bodyNames = ['@message', 'Line', 'line', 'body', 'message', 'msg'];
const ownNames = new Set(['@timestamp', '@logStream', '@log', '@ptr', 'id', 'tsNs', 'labelTypes']);

/** Lines out of frames of any data source, in the order that is asked for. */
export function logRows(frames: readonly DataFrame[], options: LogOptions): readonly LogRow[] {
  const rows = frames.flatMap((frame, at) => rowsOfFrame(frame, at)).slice(0, maxLines);
  rows.sort((a, b) =>
    options.isAscending ? a.timestampMs - b.timestampMs : b.timestampMs - a.timestampMs,
  );
  const shown = options.displayedFields.length === 0 ? rows : rows.map(onlyFields(options));
  return options.dedup === 'none' ? shown : deduplicated(shown, options.dedup);
}

function rowsOfFrame(frame: DataFrame, frameAt: number): LogRow[] {
  const time = frame.fields.find((field) => field.type === FieldType.time);
  const body =
    bodyNames
      .map((name) => frame.fields.find((field) => field.name === name))
      .find((field) => field !== undefined) ??
    frame.fields.find((field) => field.type === FieldType.string);
  if (body === undefined) return [];
  const named = (name: string): Field | undefined =>
    frame.fields.find((field) => field.name === name);
  const [stream, group, id] = [named('@logStream'), named('@log'), named('@ptr') ?? named('id')];
  const labels = named('labels');
  const others = frame.fields.filter(
    (field) => ![time, body, labels].includes(field) && !ownNames.has(field.name),
  );
  return Array.from({ length: frame.length }, (_, row): LogRow => {
    const key = id === undefined ? `${frameAt} ${row}` : String(id.values[row]);
    const streamName = textAt(stream, row);
    const groupName = textAt(group, row);
    const fields = [...labelsAt(labels, row), ...others.flatMap((field) => fieldAt(field, row))];
    return {
      key: `${frameAt} ${key}`,
      timestampMs: Number(time?.values[row] ?? 0),
      message: textAt(body, row) ?? '',
      ...(streamName === undefined ? {} : { stream: streamName }),
      ...(groupName === undefined ? {} : { group: groupName }),
      ...(fields.length === 0 ? {} : { fields }),
    };
  });
}

function onlyFields({ displayedFields }: LogOptions): (row: LogRow) => LogRow {
  return (row) => {
    const own = new Map(row.fields);
    const parts = displayedFields.flatMap((name) => own.get(name) ?? []);
    return parts.length === 0 ? row : { ...row, message: parts.join(' ') };
  };
}

function textAt(field: Field | undefined, row: number): string | undefined {
  const value: unknown = field?.values[row];
  return value === undefined || value === null ? undefined : String(value);
}

function fieldAt(field: Field, row: number): (readonly [string, string])[] {
  const text = textAt(field, row);
  return text === undefined || text === '' ? [] : [[field.name, text]];
}

function labelsAt(field: Field | undefined, row: number): (readonly [string, string])[] {
  const value: unknown = field?.values[row];
  return typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).map(([name, text]) => [name, String(text)]);
}

/** Of equal lines after each other only the first stays. */
function deduplicated(
  rows: readonly LogRow[],
  by: 'exact' | 'numbers' | 'signature',
): readonly LogRow[] {
  const sameOf = (message: string): string => {
    if (by === 'exact') return message;
    return by === 'numbers'
      ? message.replace(/\d+/g, '')
      : message.replace(/[^\p{P}\p{S}\s]+/gu, '');
  };
  let before: string | undefined;
  return rows.filter(({ message }) => {
    const same = sameOf(message);
    const isSame = same === before;
    before = same;
    return !isSame;
  });
}
