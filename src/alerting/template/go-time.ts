import type { HasMethods, Printable } from '#go-template';
import { localTime } from '../config/time-interval.ts';

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Go's time.Duration as far as templates use it. */
export class GoDuration implements Printable, HasMethods {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  readonly templateMethods: HasMethods['templateMethods'] = {
    Seconds: (): number => this.ms / 1000,
    Minutes: (): number => this.ms / 60_000,
    Hours: (): number => this.ms / 3_600_000,
    Milliseconds: (): bigint => BigInt(Math.trunc(this.ms)),
    String: (): string => this.toTemplateText(),
  };

  toTemplateText(): string {
    const ms = Math.abs(this.ms);
    const sign = this.ms < 0 ? '-' : '';
    if (ms === 0) return '0s';
    if (ms < 1000) return `${sign}${ms}ms`;
    const hours = Math.floor(ms / 3_600_000);
    const minutes = Math.floor(ms / 60_000) % 60;
    const seconds = `${Number(((ms % 60_000) / 1000).toFixed(3))}s`;
    if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
    return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
  }
}

/** The moment that Go's zero time is, ms. */
const zeroTimeMs = -62_135_596_800_000;

/** Go's time.Time as far as templates use it. Undefined: the zero time. */
export class GoTime implements Printable, HasMethods {
  readonly ms: number;
  readonly location: string;

  constructor(ms: number | undefined, location = 'UTC') {
    this.ms = ms ?? zeroTimeMs;
    this.location = location;
  }

  readonly templateMethods: HasMethods['templateMethods'] = {
    Format: (layout: unknown): string => formatGoTime(this, String(layout)),
    UTC: (): GoTime => new GoTime(this.ms),
    Local: (): GoTime =>
      new GoTime(this.ms, new Intl.DateTimeFormat('en').resolvedOptions().timeZone),
    Unix: (): bigint => BigInt(Math.floor(this.ms / 1000)),
    UnixMilli: (): bigint => BigInt(Math.floor(this.ms)),
    UnixNano: (): bigint => BigInt(Math.floor(this.ms)) * 1_000_000n,
    IsZero: (): boolean => this.ms === zeroTimeMs,
    Add: (by: unknown): GoTime => new GoTime(this.ms + durationMs(by), this.location),
    Sub: (other: unknown): GoDuration => new GoDuration(this.ms - timeOf(other).ms),
    Before: (other: unknown): boolean => this.ms < timeOf(other).ms,
    After: (other: unknown): boolean => this.ms > timeOf(other).ms,
    Equal: (other: unknown): boolean => this.ms === timeOf(other).ms,
    Year: (): bigint => BigInt(this.parts().year),
    Month: (): string => months[this.parts().month - 1] ?? '',
    Day: (): bigint => BigInt(this.parts().day),
    Hour: (): bigint => BigInt(Math.floor(this.parts().minute / 60)),
    Minute: (): bigint => BigInt(this.parts().minute % 60),
    Second: (): bigint => BigInt(Math.floor(this.ms / 1000) % 60),
    Weekday: (): string => days[this.parts().weekday] ?? '',
    String: (): string => this.toTemplateText(),
  };

  parts(): ReturnType<typeof localTime> {
    return localTime(this.ms, this.location);
  }

  toTemplateText(): string {
    return formatGoTime(this, '2006-01-02 15:04:05.999999999 -0700 MST');
  }
}

export function timeOf(value: unknown): GoTime {
  if (value instanceof GoTime) return value;
  throw new Error('not a time');
}

const durationMs = (value: unknown): number => {
  if (value instanceof GoDuration) return value.ms;
  // A plain number is one of nanoseconds.
  if (typeof value === 'bigint') return Number(value) / 1e6;
  throw new Error('not a duration');
};

/** What a layout of Go is made of: longer pieces first, so that `2006` is no `2`. */
const layoutPieces =
  /January|Jan|Monday|Mon|MST|2006|Z07:00|Z0700|-07:00|-0700|-07|[.,]0+(?!\d)|[.,]9+(?!\d)|__2|002|01|02|03|04|05|06|15|PM|pm|_2|1|2|3|4|5/g;

/** A time in a layout such as `2006-01-02 15:04 MST`. */
export function formatGoTime(time: GoTime, layout: string): string {
  const { year, month, day, minute, weekday } = time.parts();
  const hour = Math.floor(minute / 60);
  const offset = offsetMinutes(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const twelve = hour % 12 === 0 ? 12 : hour % 12;
  const second = ((Math.floor(time.ms / 1000) % 60) + 60) % 60;
  const millis = ((Math.floor(time.ms) % 1000) + 1000) % 1000;
  const yearDay = (): number =>
    Math.round((Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 86_400_000) + 1;
  const zone = (colon: string): string => {
    const size = Math.abs(offset);
    return `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${colon}${two(size % 60)}`;
  };
  const values: Readonly<Record<string, () => string>> = {
    January: () => months[month - 1] ?? '',
    Jan: () => (months[month - 1] ?? '').slice(0, 3),
    Monday: () => days[weekday] ?? '',
    Mon: () => (days[weekday] ?? '').slice(0, 3),
    MST: () => zoneName(time),
    '2006': () => String(year).padStart(4, '0'),
    '06': () => two(year % 100),
    '01': () => two(month),
    '1': () => String(month),
    '02': () => two(day),
    '2': () => String(day),
    _2: () => String(day).padStart(2, ' '),
    '002': () => String(yearDay()).padStart(3, '0'),
    __2: () => String(yearDay()).padStart(3, ' '),
    '15': () => two(hour),
    '03': () => two(twelve),
    '3': () => String(twelve),
    '04': () => two(minute % 60),
    '4': () => String(minute % 60),
    '05': () => two(second),
    '5': () => String(second),
    PM: () => (hour < 12 ? 'AM' : 'PM'),
    pm: () => (hour < 12 ? 'am' : 'pm'),
    'Z07:00': () => (offset === 0 ? 'Z' : zone(':')),
    Z0700: () => (offset === 0 ? 'Z' : zone('')),
    '-07:00': () => zone(':'),
    '-0700': () => zone(''),
    '-07': () => zone('').slice(0, 3),
  };
  return layout.replace(layoutPieces, (piece) => {
    const value = values[piece];
    if (value !== undefined) return value();
    // A fraction: with zeros of that width, with nines as far as there is one.
    const digits = `${String(millis).padStart(3, '0')}000000`.slice(0, piece.length - 1);
    if (piece[1] === '0') return `${piece[0]}${digits}`;
    const short = digits.replace(/0+$/, '');
    return short === '' ? '' : `${piece[0]}${short}`;
  });
}

function offsetMinutes(time: GoTime): number {
  if (time.location === 'UTC') return 0;
  const { year, month, day, minute } = time.parts();
  const local = Date.UTC(year, month - 1, day, 0, minute);
  return Math.round((local - Math.floor(time.ms / 60_000) * 60_000) / 60_000);
}

const zoneFormats = new Map<string, Intl.DateTimeFormat>();

function zoneName(time: GoTime): string {
  if (time.location === 'UTC') return 'UTC';
  let format = zoneFormats.get(time.location);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: time.location,
      timeZoneName: 'short',
    });
    zoneFormats.set(time.location, format);
  }
  const part = format.formatToParts(time.ms).find(({ type }) => type === 'timeZoneName');
  return part?.value ?? time.location;
}
