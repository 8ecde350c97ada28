import { AppError } from '#base';
import { type EventTime, maxEventSeconds } from '../contract.ts';
import { daysFromCivil, offsetOfZone, systemOffset } from './zone.ts';

export interface TimeFormatOptions {
  /** Offset of times that name no zone, `+0900`. */
  readonly offset?: string;
  /** IANA zone of times that name no zone. */
  readonly zone?: string;
  /** Times that name no zone are in the machine's zone. */
  readonly systemZone?: boolean;
}

/** Reads times in one strptime format. */
export interface TimeFormat {
  /**
   * Undefined when the text does not fit. Text after what the format reads is allowed. A format
   * without a year takes the current one, or the last where that would be over a day ahead; one
   * without a date takes today, or yesterday where that would be over half a day ahead.
   */
  parse(text: string, nowMs: number): EventTime | undefined;
}

/** What the steps of a format fill in. */
interface Fields {
  year: number;
  hasYear: boolean;
  /** A month, a day or a day of the year was read. */
  hasDate: boolean;
  month: number;
  day: number;
  yearDay: number;
  hour: number;
  pm: number;
  minute: number;
  second: number;
  nanoseconds: number;
  /** Seconds east of UTC; NaN until the text names a zone. */
  offset: number;
  epoch: number;
}

/** Reads at `at`, returns where it ended, -1 when the text does not fit. */
type Step = (text: string, at: number, fields: Fields) => number;

/**
 * @param format strptime's conversions, and `%L` for a fraction of 1 to 9 digits
 * @throws {AppError} TIME_FORMAT_INVALID, TIME_ZONE_INVALID
 */
export function compileTimeFormat(format: string, options: TimeFormatOptions = {}): TimeFormat {
  const steps = compileSteps(format);
  const fixedOffset = options.offset === undefined ? undefined : parseOffset(options.offset);
  const zoneOffset = options.zone === undefined ? undefined : offsetOfZone(options.zone);
  const defaultOffset = (localSeconds: number): number =>
    fixedOffset ??
    zoneOffset?.(localSeconds) ??
    (options.systemZone === true ? systemOffset(localSeconds) : 0);
  return {
    parse: (text, nowMs) => {
      const fields: Fields = {
        year: 1970,
        hasYear: false,
        hasDate: false,
        month: 1,
        day: 1,
        yearDay: -1,
        hour: 0,
        pm: -1,
        minute: 0,
        second: 0,
        nanoseconds: 0,
        offset: Number.NaN,
        epoch: Number.NaN,
      };
      let at = 0;
      for (const step of steps) {
        at = step(text, at, fields);
        if (at < 0) return undefined;
      }
      return toTime(fields, nowMs, defaultOffset);
    },
  };
}

const daySeconds = 86_400;

function toTime(
  fields: Fields,
  nowMs: number,
  defaultOffset: (localSeconds: number) => number,
): EventTime | undefined {
  const { nanoseconds } = fields;
  if (!Number.isNaN(fields.epoch)) return { seconds: fields.epoch, nanoseconds };
  const hour = fields.pm < 0 ? fields.hour : (fields.hour % 12) + fields.pm * 12;
  const secondsIn = (year: number): number => {
    const days =
      fields.yearDay >= 0
        ? daysFromCivil(year, 1, 1) + fields.yearDay
        : daysFromCivil(year, fields.month, fields.day);
    const local = days * daySeconds + hour * 3600 + fields.minute * 60 + fields.second;
    return local - (Number.isNaN(fields.offset) ? defaultOffset(local) : fields.offset);
  };
  if (fields.hasYear) return { seconds: secondsIn(fields.year), nanoseconds };
  if (!fields.hasDate)
    return { seconds: secondsOfToday(fields, hour, nowMs, defaultOffset), nanoseconds };
  const thisYear = new Date(nowMs).getUTCFullYear();
  const seconds = secondsIn(thisYear);
  const dayAhead = nowMs / 1000 + daySeconds;
  return { seconds: seconds > dayAhead ? secondsIn(thisYear - 1) : seconds, nanoseconds };
}

/** A time of the day alone. What is read just after midnight may have been written just before it. */
function secondsOfToday(
  fields: Fields,
  hour: number,
  nowMs: number,
  defaultOffset: (localSeconds: number) => number,
): number {
  const nowSeconds = Math.floor(nowMs / 1000);
  const offset = Number.isNaN(fields.offset) ? defaultOffset(nowSeconds) : fields.offset;
  const today = Math.floor((nowSeconds + offset) / daySeconds) * daySeconds;
  const seconds = today + hour * 3600 + fields.minute * 60 + fields.second - offset;
  return seconds > nowSeconds + daySeconds / 2 ? seconds - daySeconds : seconds;
}

/** `+0900`, `-09:30`, `Z` to seconds east of UTC. @throws {AppError} TIME_ZONE_INVALID */
export function parseOffset(text: string): number {
  const fields = { offset: Number.NaN } as Fields;
  if (readZone(text, 0, fields) !== text.length) {
    throw new AppError('TIME_ZONE_INVALID', `"${text}" is not a time offset`, {
      hint: 'Write ±HHMM, such as +0900',
    });
  }
  return fields.offset;
}

function compileSteps(format: string): readonly Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < format.length; at++) {
    const char = format[at]!;
    if (/\s/.test(char)) {
      steps.push(skipSpace);
      continue;
    }
    if (char !== '%') {
      const beforeFraction = (char === '.' || char === ',') && format.startsWith('%L', at + 1);
      steps.push(beforeFraction ? optionalFraction(char) : literal(char));
      if (beforeFraction) at += 2;
      continue;
    }
    at++;
    // E and O ask for another locale's digits; there is only one here.
    if (format[at] === 'E' || format[at] === 'O') at++;
    const letter = format[at] ?? '';
    const composed = compositions[letter];
    if (composed !== undefined) {
      steps.push(...compileSteps(composed));
      continue;
    }
    const step = conversions[letter];
    if (step === undefined) {
      throw new AppError('TIME_FORMAT_INVALID', `"%${letter}" is not a conversion of Time_Format`, {
        hint: `In "${format}"; allowed: %${[...Object.keys(conversions), ...Object.keys(compositions)].join(' %')}`,
      });
    }
    steps.push(step);
  }
  return steps;
}

const compositions: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  r: '%I:%M:%S %p',
  R: '%H:%M',
  T: '%H:%M:%S',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
};

const skipSpace: Step = (text, at) => {
  let end = at;
  while (isSpace(text.charCodeAt(end))) end++;
  return end;
};

const literal =
  (char: string): Step =>
  (text, at) =>
    text[at] === char ? at + 1 : -1;

/** Go's runtimes leave a fraction out when it is zero, with its dot. */
const optionalFraction =
  (separator: string): Step =>
  (text, at, fields) =>
    text[at] === separator ? readFraction(text, at + 1, fields) : at;

function readFraction(text: string, start: number, fields: Fields): number {
  let at = start;
  let value = 0;
  let scale = 100_000_000;
  for (;;) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9) || at - start >= 9) break;
    value += digit * scale;
    scale = Math.floor(scale / 10);
    at++;
  }
  if (at === start) return -1;
  fields.nanoseconds = value;
  return at;
}

function number(
  maxDigits: number,
  min: number,
  max: number,
  put: (fields: Fields, value: number) => void,
): Step {
  return (text, start, fields) => {
    let at = start;
    // strptime lets white space stand before a number: `Mar  5`.
    while (isSpace(text.charCodeAt(at))) at++;
    const first = at;
    let value = 0;
    while (at - first < maxDigits) {
      const digit = text.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
      at++;
    }
    if (at === first || value < min || value > max) return -1;
    put(fields, value);
    return at;
  };
}

function name(names: readonly string[], put: (fields: Fields, index: number) => void): Step {
  return (text, at, fields) => {
    const short = text.slice(at, at + 3).toLowerCase();
    const index = names.findIndex((candidate) => candidate.startsWith(short) && short.length === 3);
    if (index === -1) return -1;
    put(fields, index);
    const full = names[index]!;
    return text.slice(at, at + full.length).toLowerCase() === full ? at + full.length : at + 3;
  };
}

const months = [
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
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

const setYear = (fields: Fields, year: number): void => {
  fields.year = year;
  fields.hasYear = true;
};
const setMonth = (fields: Fields, month: number): void => {
  fields.month = month;
  fields.hasDate = true;
};
const monthName = name(months, (fields, index) => setMonth(fields, index + 1));
const weekdayName = name(weekdays, () => {});
const dayOfMonth = number(2, 1, 31, (fields, value) => {
  fields.day = value;
  fields.hasDate = true;
});
const hour24 = number(2, 0, 23, (fields, value) => {
  fields.hour = value;
});
const hour12 = number(2, 1, 12, (fields, value) => {
  fields.hour = value;
});

const conversions: Readonly<Record<string, Step>> = {
  a: weekdayName,
  A: weekdayName,
  b: monthName,
  B: monthName,
  h: monthName,
  d: dayOfMonth,
  e: dayOfMonth,
  H: hour24,
  k: hour24,
  I: hour12,
  l: hour12,
  j: number(3, 1, 366, (fields, value) => {
    fields.yearDay = value - 1;
    fields.hasDate = true;
  }),
  m: number(2, 1, 12, setMonth),
  M: number(2, 0, 59, (fields, value) => {
    fields.minute = value;
  }),
  n: skipSpace,
  t: skipSpace,
  p: (text, at, fields) => {
    const half = text.slice(at, at + 2).toLowerCase();
    if (half !== 'am' && half !== 'pm') return -1;
    fields.pm = half === 'pm' ? 1 : 0;
    return at + 2;
  },
  s: (text, at, fields) => {
    const digits = /\d{1,15}/y;
    digits.lastIndex = at;
    const seconds = Number(digits.exec(text)?.[0] ?? Number.NaN);
    // Milliseconds, most likely: an event of the year 50000 no output could write.
    if (!(seconds <= maxEventSeconds)) return -1;
    fields.epoch = seconds;
    return digits.lastIndex;
  },
  // 60 and 61: leap seconds.
  S: number(2, 0, 61, (fields, value) => {
    fields.second = value;
  }),
  L: readFraction,
  u: number(1, 1, 7, () => {}),
  w: number(1, 0, 6, () => {}),
  U: number(2, 0, 53, () => {}),
  W: number(2, 0, 53, () => {}),
  V: number(2, 1, 53, () => {}),
  y: number(2, 0, 99, (fields, value) => setYear(fields, value < 69 ? 2000 + value : 1900 + value)),
  Y: number(4, 0, 9999, setYear),
  G: number(4, 0, 9999, setYear),
  z: readZone,
  Z: readZoneName,
  '%': literal('%'),
};

function readZone(text: string, start: number, fields: Fields): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at++;
  const sign = text[at];
  if (sign === 'Z' || sign === 'z') {
    fields.offset = 0;
    return at + 1;
  }
  if (sign !== '+' && sign !== '-') return readZoneName(text, at, fields);
  const match = /(\d\d):?(\d\d)?/y;
  match.lastIndex = at + 1;
  const digits = match.exec(text);
  if (digits === null) return -1;
  const seconds = Number(digits[1]) * 3600 + Number(digits[2] ?? 0) * 60;
  fields.offset = sign === '-' ? -seconds : seconds;
  return match.lastIndex;
}

/**
 * Hours east of UTC of zone names. Some name several zones (CST, IST): they mean what they mean
 * to Fluent Bit, whose files are read here. Single letters are the military's.
 */
const zoneHours: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  UT: 0,
  Z: 0,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
  AKST: -9,
  AKDT: -8,
  HST: -10,
  HADT: -9,
  AST: -4,
  ADT: -3,
  NST: -3.5,
  NDT: -2.5,
  WET: 0,
  WEST: 1,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  ART: -3,
  BRT: -3,
  BRST: -2,
  CLT: -4,
  CLST: -3,
  AEST: 10,
  AEDT: 11,
  ACST: 9.5,
  ACDT: 10.5,
  AWST: 8,
  NZST: 12,
  NZDT: 13,
  JST: 9,
  KST: 9,
  SGT: 8,
  IST: 5.5,
  GST: 4,
  ICT: 7,
  WIB: 7,
  WITA: 8,
  WIT: 9,
  MYT: 8,
  BDT: 6,
  NPT: 5.75,
  WAT: 1,
  CAT: 2,
  EAT: 3,
  SAST: 2,
  A: 1,
  B: 2,
  C: 3,
  D: 4,
  E: 5,
  F: 6,
  G: 7,
  H: 8,
  I: 9,
  K: 10,
  L: 11,
  M: 12,
  N: -1,
  O: -2,
  P: -3,
  Q: -4,
  R: -5,
  S: -6,
  T: -7,
  U: -8,
  V: -9,
  W: -10,
  X: -11,
  Y: -12,
};

function readZoneName(text: string, at: number, fields: Fields): number {
  const letters = /[A-Za-z]{1,5}/y;
  letters.lastIndex = at;
  const match = letters.exec(text);
  if (match === null) return -1;
  const hours = zoneHours[match[0].toUpperCase()];
  if (hours !== undefined) fields.offset = hours * 3600;
  return letters.lastIndex;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
