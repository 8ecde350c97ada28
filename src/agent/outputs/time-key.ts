import type { AgentEvent, EventTime, RecordMap, RecordValue } from '../contract.ts';
import type { Settings } from '../fluentbit/settings.ts';
import { floatNumber, printJsonRecord } from '../records/json-print.ts';

const formats = ['double', 'epoch', 'epoch_ms', 'iso8601', 'java_sql_timestamp'] as const;
export type DateFormat = (typeof formats)[number];

/** How JSON outputs write the time of an event into its record. */
export interface DateKey {
  /** Undefined: no date is written. */
  readonly key: string | undefined;
  readonly format: DateFormat;
}

/** Reads `json_date_key` and `json_date_format`. @throws {AppError} for an unknown format */
export function dateKeyOf(settings: Settings): DateKey {
  const key = settings.text('json_date_key', 'date');
  const format = settings.text('json_date_format', 'double').toLowerCase();
  const known = formats.find((name) => name === format);
  if (known === undefined) {
    throw settings.problem(
      `${settings.plugin}: json_date_format must be one of ${formats.join(', ')}`,
      'json_date_format',
    );
  }
  return { key: /^(?:false|off|no)$/i.test(key) ? undefined : key, format: known };
}

export function dateValue({ seconds, nanoseconds }: EventTime, format: DateFormat): RecordValue {
  switch (format) {
    case 'double':
      return floatNumber(seconds + nanoseconds / 1e9);
    case 'epoch':
      return seconds;
    case 'epoch_ms':
      return seconds * 1000 + Math.floor(nanoseconds / 1e6);
    case 'iso8601':
      return `${isoSeconds(seconds)}.${micros(nanoseconds)}Z`;
    case 'java_sql_timestamp':
      return `${isoSeconds(seconds).replace('T', ' ')}.${micros(nanoseconds)}`;
  }
}

/** The event as one JSON object, the date first. */
export function printDatedRecord(event: AgentEvent, date: DateKey, escapeUnicode: boolean): string {
  return printJsonRecord(datedRecord(event, date), { escapeUnicode });
}

export function datedRecord({ time, record }: AgentEvent, { key, format }: DateKey): RecordMap {
  return key === undefined ? record : new Map([[key, dateValue(time, format)], ...record]);
}

/** `json`, `json_lines` or `json_stream` of events. */
export function printJsonEvents(
  events: readonly AgentEvent[],
  format: 'json' | 'json_lines' | 'json_stream',
  date: DateKey,
  escapeUnicode: boolean,
): string {
  const texts = events.map((event) => printDatedRecord(event, date, escapeUnicode));
  if (format === 'json') return `[${texts.join(',')}]`;
  return format === 'json_stream' ? texts.join('') : texts.map((text) => `${text}\n`).join('');
}

export function isoSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

function micros(nanoseconds: number): string {
  return String(Math.floor(nanoseconds / 1000)).padStart(6, '0');
}
