import type { EventTime, ParsedText, RecordMap, RecordValue, TextParser } from '../contract.ts';

const criLine = /^([^ ]+) (stdout|stderr) ([FP])(?::[^ ]*)? ?([\s\S]*)$/;
const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(Z|z|[+-]\d\d:?\d\d)?$/;

/** `2024-03-25T11:41:59.633035943+09:00`; undefined when it is no such time. Without a zone: UTC. */
export function parseRfc3339(text: string): EventTime | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  let seconds =
    Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    ) / 1000;
  if (Number.isNaN(seconds)) return undefined;
  if (zone !== undefined && zone.length > 1) {
    const offset = Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(-2)) * 60;
    seconds += zone.startsWith('-') ? offset : -offset;
  }
  return { seconds, nanoseconds: Number((fraction ?? '').padEnd(9, '0')) };
}

/** CRI lines: the record `time, stream, _p, log`; the time stays in the record. */
export const criParser: TextParser = {
  name: 'cri',
  parse(text): ParsedText | undefined {
    const match = criLine.exec(text);
    if (match === null) return undefined;
    const time = parseRfc3339(match[1]!);
    if (time === undefined) return undefined;
    const record: RecordMap = new Map<string, RecordValue>([
      ['time', match[1]!],
      ['stream', match[2]!],
      ['_p', match[3]!],
      ['log', match[4]!],
    ]);
    return { record, time };
  },
};

/** docker's json-file lines: the object's keys in file order. */
export const dockerParser: TextParser = {
  name: 'docker',
  parse(text): ParsedText | undefined {
    if (!text.startsWith('{')) return undefined;
    let line: unknown;
    try {
      line = JSON.parse(text);
    } catch {
      return undefined;
    }
    if (typeof line !== 'object' || line === null) return undefined;
    const record = toRecord(line as Record<string, unknown>);
    if (typeof record.get('log') !== 'string') return undefined;
    const time = record.get('time');
    const parsed = typeof time === 'string' ? parseRfc3339(time) : undefined;
    return parsed === undefined ? { record } : { record, time: parsed };
  },
};

function toRecord(value: Record<string, unknown>): RecordMap {
  return new Map(Object.entries(value).map(([key, inner]) => [key, toValue(inner)]));
}

function toValue(value: unknown): RecordValue {
  if (Array.isArray(value)) return value.map(toValue);
  if (typeof value === 'object' && value !== null) {
    return toRecord(value as Record<string, unknown>);
  }
  return value as RecordValue;
}
