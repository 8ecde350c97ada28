import { TimestampReader } from '../container/timestamp.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const syslogHead = /^(?:<\d{1,3}>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)\b/;
const dayMs = 86_400_000;

/** Enough for a priority and any of the times. */
const headBytes = 48;

/**
 * The time at the head of a plain log line: RFC 3339 (also with a space, `2026-11-24 10:00:00`; UTC
 * or this machine's zone), or syslog's `Nov 24 10:00:00` in this machine's zone and without a year.
 */
export class TextTime {
  readonly #reader = new TimestampReader();
  #lastHead = '';
  #lastMs = Number.NaN;

  /** Milliseconds since the epoch, NaN when the line begins with no time. */
  read(bytes: Buffer, start: number, end: number, nowMs: number): number {
    const first = bytes[start]!;
    if (first >= 0x30 && first <= 0x39) {
      const ms = this.#reader.read(bytes, start, end);
      if (!Number.isNaN(ms)) return ms;
      return this.#withoutZone(bytes.toString('latin1', start, Math.min(end, start + headBytes)));
    }
    if (first !== 0x3c && (first < 0x41 || first > 0x5a)) return Number.NaN;
    return this.#syslog(bytes.toString('latin1', start, Math.min(end, start + headBytes)), nowMs);
  }

  #withoutZone(head: string): number {
    const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,3}))?/.exec(head);
    if (match === null) return Number.NaN;
    const [, year, month, day, hour, minute, second, fraction] = match;
    const date = new Date(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
      Number((fraction ?? '0').padEnd(3, '0')),
    );
    return date.getTime();
  }

  #syslog(head: string, nowMs: number): number {
    const match = syslogHead.exec(head);
    if (match === null) return Number.NaN;
    if (match[0] === this.#lastHead) return this.#lastMs;
    const month = months.indexOf(match[1]!);
    if (month < 0) return Number.NaN;
    const year = new Date(nowMs).getFullYear();
    const at = (inYear: number): number =>
      new Date(
        inYear,
        month,
        Number(match[2]),
        Number(match[3]),
        Number(match[4]),
        Number(match[5]),
      ).getTime();
    let ms = at(year);
    // Lines of last December, read in January.
    if (ms > nowMs + dayMs) ms = at(year - 1);
    this.#lastHead = match[0];
    this.#lastMs = ms;
    return ms;
  }
}

const jsonTime =
  /"(?:time|timestamp|@timestamp|ts)"\s*:\s*(?:"([^"\\]{10,40})"|(\d{9,19}(?:\.\d{1,9})?))/;

/** A field that holds the time stands near the beginning. */
const jsonHeadBytes = 2048;

/**
 * Milliseconds out of the first `time`, `timestamp`, `@timestamp` or `ts` of a JSON line: text, or
 * Unix seconds, milliseconds, microseconds or nanoseconds by their size. NaN when there is none.
 */
export function jsonTimeMs(bytes: Buffer, start: number, end: number): number {
  const head = bytes.toString('latin1', start, Math.min(end, start + jsonHeadBytes));
  const match = jsonTime.exec(head);
  if (match === null) return Number.NaN;
  if (match[1] !== undefined) return Date.parse(match[1]);
  const number = Number(match[2]);
  if (number < 1e11) return Math.floor(number * 1000);
  if (number < 1e14) return Math.floor(number);
  return Math.floor(number < 1e17 ? number / 1e3 : number / 1e6);
}
