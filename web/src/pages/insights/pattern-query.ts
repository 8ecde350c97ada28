import { commandsOf, eventPart, insertCommand } from './query-text.ts';
import type { ResultTable } from './run-store.ts';

/** One shape of messages among the events that a query chooses. */
export interface PatternRow {
  /** Texts with `<Kind-n>` where messages differ. */
  readonly pattern: string;
  readonly events: number;
  /** Of all events, 0 to 1. */
  readonly share: number;
  readonly severity: string;
  /** Counts in equal slices of the range, oldest first. */
  readonly slices: readonly number[];
}

/** More kinds of messages than this nobody reads. */
export const maxPatterns = 500;

/** Groups the events that a query chooses by the shape of their message. */
export function patternQuery(text: string): string {
  const part = eventPart(text);
  return [
    ...(part === '' ? [] : [part]),
    'pattern @message',
    'display @pattern, @sampleCount, @ratio, @severityLabel, @slices',
    `limit ${maxPatterns}`,
  ].join('\n| ');
}

export function patternsOf(table: ResultTable): readonly PatternRow[] {
  const values = (name: string): ResultTable['data'][number] =>
    table.data[table.columns.findIndex((column) => column.name === name)] ?? [];
  const [patterns, counts, ratios, severities, slices] = [
    '@pattern',
    '@sampleCount',
    '@ratio',
    '@severityLabel',
    '@slices',
  ].map(values);
  return Array.from({ length: table.rowCount }, (_, row) => ({
    pattern: String(patterns?.[row] ?? ''),
    events: Number(counts?.[row] ?? 0),
    share: Number(ratios?.[row] ?? 0),
    severity: String(severities?.[row] ?? 'UNKNOWN'),
    slices: JSON.parse(String(slices?.[row] ?? '[]')) as readonly number[],
  }));
}

/** What each kind of changing part may look like, wide enough for all that the server takes for it. */
const partPatterns: Readonly<Record<string, string>> = {
  UUID: '[0-9a-fA-F-]+',
  Date: '[0-9TZ:.,+ \\/-]+',
  Time: '[0-9:.,]+',
  IP: '[0-9.:]+',
  Hex: '[0-9a-fA-FxX]+',
  Number: '[0-9.]+',
  Token: '\\w+',
};

/** Of a long pattern, its beginning is enough to tell it from others. */
const maxRegexChars = 600;

/** A regular expression, without its slashes, for the messages of a pattern. */
export function patternRegex(pattern: string): string {
  let regex = '^';
  for (const piece of pattern.split(/(<(?:UUID|Date|Time|IP|Hex|Number|Token)-\d+>)/)) {
    const kind = /^<(\w+)-\d+>$/.exec(piece)?.[1];
    const text =
      (kind === undefined ? undefined : partPatterns[kind]) ??
      piece.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replaceAll('\n', '\\n');
    if (regex.length + text.length > maxRegexChars) {
      // A cut within an escape would be no expression.
      return kind === undefined
        ? regex + text.slice(0, maxRegexChars - regex.length).replace(/\\+$/, '')
        : regex;
    }
    regex += text;
  }
  return `${regex}$`;
}

/** The query over only the events of a pattern, or over all others. */
export function withPattern(text: string, pattern: string, mode: 'in' | 'out'): string {
  const command = `filter @message ${mode === 'in' ? 'like' : 'not like'} /${patternRegex(pattern)}/`;
  if (commandsOf(text).some(({ start, end }) => text.slice(start, end) === command)) return text;
  return insertCommand(text.trim() === '' ? 'fields @timestamp, @message' : text, command, 'event');
}
