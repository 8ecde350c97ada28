import { wallClockOf } from '#time';

/** A range of whole numbers, both ends included. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** All parts that are given must hold; in each, one range is enough. */
export interface TimeInterval {
  /** Minutes of the day, the end not included. */
  readonly times: readonly NumberRange[];
  /** 0: Sunday. */
  readonly weekdays: readonly NumberRange[];
  /** Negative: from the month's end. */
  readonly daysOfMonth: readonly NumberRange[];
  /** 1: January. */
  readonly months: readonly NumberRange[];
  readonly years: readonly NumberRange[];
  /** IANA name. */
  readonly location: string;
}

const weekdayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const monthNames = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/** `09:30`, `24:00` to minutes. @throws {TypeError} */
export function parseTimeOfDay(text: string): number {
  const match = /^(?:([01]?\d|2[0-3]):([0-5]\d)|24:00)$/.exec(text);
  if (match === null) throw new TypeError(`couldn't parse timestamp ${text}, invalid format`);
  return match[1] === undefined ? 24 * 60 : Number(match[1]) * 60 + Number(match[2]);
}

/** @throws {TypeError} */
export function parseWeekdays(text: string): NumberRange {
  return namedRange(text, (name) => {
    const at = weekdayNames.indexOf(name);
    return at < 0 ? undefined : at;
  });
}

/** @throws {TypeError} */
export function parseMonths(text: string): NumberRange {
  return namedRange(text, (name) => {
    const at = monthNames.indexOf(name);
    if (at >= 0) return at + 1;
    const number = wholeNumber(name);
    return number !== undefined && number >= 1 && number <= 12 ? number : undefined;
  });
}

/** @throws {TypeError} */
export function parseDaysOfMonth(text: string): NumberRange {
  const range = namedRange(
    text,
    (name) => {
      const day = wholeNumber(name);
      return day !== undefined && day !== 0 && Math.abs(day) <= 31 ? day : undefined;
    },
    true,
  );
  if (range.from < 0 && range.to > 0) {
    throw new TypeError('end day must be negative if start day is negative');
  }
  return range;
}

/** @throws {TypeError} */
export const parseYears = (text: string): NumberRange =>
  namedRange(text, (name) => {
    const year = wholeNumber(name);
    return year !== undefined && year >= 0 ? year : undefined;
  });

const wholeNumber = (text: string): number | undefined =>
  /^-?\d{1,6}$/.test(text) ? Number(text) : undefined;

function namedRange(
  text: string,
  numberOf: (name: string) => number | undefined,
  mayMixSigns = false,
): NumberRange {
  const parts = text.toLowerCase().split(':');
  const values = parts.map((part) => numberOf(part.trim()));
  const [from, to = from] = values;
  if (parts.length > 2 || from === undefined || to === undefined || values.includes(undefined)) {
    throw new TypeError(`"${text}" is not a value or a range of values`);
  }
  const isMixed = mayMixSigns && from > 0 && to < 0;
  if (from > to && !isMixed) throw new TypeError('start of a range cannot be after its end');
  return { from, to };
}

/** Whether a moment lies within one of the intervals. */
export function isWithin(intervals: readonly TimeInterval[], nowMs: number): boolean {
  return intervals.some((interval) => holds(interval, nowMs));
}

function holds(interval: TimeInterval, nowMs: number): boolean {
  const now = localTime(nowMs, interval.location);
  const has = (ranges: readonly NumberRange[], value: number): boolean =>
    ranges.length === 0 || ranges.some(({ from, to }) => from <= value && value <= to);
  return (
    (interval.times.length === 0 ||
      interval.times.some(({ from, to }) => from <= now.minute && now.minute < to)) &&
    (interval.daysOfMonth.length === 0 ||
      interval.daysOfMonth.some((range) => hasDay(range, now.day, now.daysInMonth))) &&
    has(interval.months, now.month) &&
    has(interval.weekdays, now.weekday) &&
    has(interval.years, now.year)
  );
}

/** `-1` is the month's last day; ends beyond the month are its ends. */
function hasDay({ from, to }: NumberRange, day: number, daysInMonth: number): boolean {
  const place = (value: number): number => (value < 0 ? daysInMonth + value + 1 : value);
  const first = Math.max(1, place(from));
  const last = Math.min(daysInMonth, place(to));
  return first <= day && day <= last;
}

/** What a clock and a calendar show there. @throws {RangeError} for an unknown location */
export function localTime(
  nowMs: number,
  location: string,
): {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly minute: number;
  readonly weekday: number;
  readonly daysInMonth: number;
} {
  const { year, month, day, hour, minute } = wallClockOf(location, nowMs);
  return {
    year,
    month,
    day,
    minute: hour * 60 + minute,
    weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
    daysInMonth: new Date(Date.UTC(year, month, 0)).getUTCDate(),
  };
}
