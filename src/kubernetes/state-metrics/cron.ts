/** A schedule of five fields as sets of allowed values, bit by bit where they are small. */
export interface Schedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Of day of month and day of week one has to fit when both are given, else both. */
  readonly isEitherDay: boolean;
  readonly timeZone: string;
  /** `@every 1h`: so long after the last run, whatever the clock says. */
  readonly everyMs?: number;
}

const macros: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const dayNames = 'sun mon tue wed thu fri sat'.split(' ');

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** 29 February comes back within eight years; a schedule without a date in ten has none. */
const maxDaysAhead = 3660;
/** Schedules that were read; a cluster has few different ones. */
const maxCached = 1000;
const cache = new Map<string, Schedule | undefined>();

/**
 * A cron schedule as CronJobs have it: five fields, names, ranges, steps, lists, macros, `TZ=` before
 * it. Without a time zone it is UTC, in which control planes run. Undefined: it cannot be read.
 */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule | undefined {
  const key = `${timeZone ?? ''} ${text}`;
  if (cache.has(key)) return cache.get(key);
  const schedule = readSchedule(text, timeZone);
  if (cache.size < maxCached) cache.set(key, schedule);
  return schedule;
}

function readSchedule(given: string, givenZone: string | undefined): Schedule | undefined {
  const prefix = /^(?:CRON_)?TZ=(\S+)\s+/.exec(given);
  if (prefix !== null && givenZone !== undefined) return undefined;
  const timeZone = givenZone ?? prefix?.[1] ?? 'UTC';
  if (!isTimeZone(timeZone)) return undefined;
  const text = prefix === null ? given : given.slice(prefix[0].length);
  const everyMs = everyOf(text);
  if (everyMs !== undefined) return { ...never, timeZone, everyMs };
  const fields = (macros[text.trim().toLowerCase()] ?? text).trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const minutes = field(minute, 0, 59);
  const hours = field(hour, 0, 23);
  const days = field(day, 1, 31);
  const months = field(month, 1, 12, monthNames, 1);
  const weekdays = field(weekday, 0, 7, dayNames, 0);
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  if (weekdays.has(7)) weekdays.add(0);
  const isAny = (each: string): boolean => each.startsWith('*') || each === '?';
  return {
    minutes,
    hours,
    days,
    months,
    weekdays,
    isEitherDay: !isAny(day) && !isAny(weekday),
    timeZone,
  };
}

const never: Omit<Schedule, 'timeZone'> = {
  minutes: new Set(),
  hours: new Set(),
  days: new Set(),
  months: new Set(),
  weekdays: new Set(),
  isEitherDay: false,
};

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: minuteMs, h: hourMs };

/** `@every 1h30m` in ms, at least a second and whole seconds; undefined: it is something else. */
function everyOf(text: string): number | undefined {
  const duration = /^@every\s+((?:\d+(?:\.\d+)?(?:ms|h|m|s))+)$/.exec(text.trim())?.[1];
  if (duration === undefined) return undefined;
  let ms = 0;
  for (const [, number, unit = ''] of duration.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) {
    ms += Number(number) * (unitMs[unit] ?? 0);
  }
  return Math.max(1000, Math.floor(ms / 1000) * 1000);
}

function field(
  text: string,
  min: number,
  max: number,
  names: readonly string[] = [],
  firstName = 0,
): Set<number> | undefined {
  const number = (word: string): number | undefined => {
    const named = names.indexOf(word.toLowerCase());
    if (named >= 0) return named + firstName;
    return /^\d{1,2}$/.test(word) ? Number(word) : undefined;
  };
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(?:(\*|\?)|(\w+)(?:-(\w+))?)(?:\/(\d{1,2}))?$/.exec(part);
    if (match === null) return undefined;
    const [, any, fromWord = '', toWord, stepText] = match;
    const from = any === undefined ? number(fromWord) : min;
    const single = any === undefined && toWord === undefined && stepText === undefined;
    const to = toWord !== undefined ? number(toWord) : single ? from : max;
    const step = stepText === undefined ? 1 : Number(stepText);
    if (from === undefined || to === undefined || from < min || to > max || from > to || step < 1) {
      return undefined;
    }
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return values;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The first time after `afterMs` that the schedule names, Unix ms; undefined: there is none. */
export function nextScheduleMs(schedule: Schedule, afterMs: number): number | undefined {
  const { timeZone, everyMs } = schedule;
  if (everyMs !== undefined) return Math.floor(afterMs / 1000) * 1000 + everyMs;
  const localAfter = afterMs + offsetMs(afterMs, timeZone);
  let dayStart = Math.floor(localAfter / dayMs) * dayMs;
  for (let ahead = 0; ahead <= maxDaysAhead; ahead++, dayStart += dayMs) {
    if (!fitsDay(schedule, new Date(dayStart))) continue;
    for (let hour = 0; hour < 24; hour++) {
      if (!schedule.hours.has(hour)) continue;
      for (let minute = 0; minute < 60; minute++) {
        if (!schedule.minutes.has(minute)) continue;
        const atMs = utcOfLocal(dayStart + hour * hourMs + minute * minuteMs, timeZone);
        if (atMs !== undefined && atMs > afterMs) return atMs;
      }
    }
  }
  return undefined;
}

function fitsDay({ days, months, weekdays, isEitherDay }: Schedule, date: Date): boolean {
  if (!months.has(date.getUTCMonth() + 1)) return false;
  const isDay = days.has(date.getUTCDate());
  const isWeekday = weekdays.has(date.getUTCDay());
  return isEitherDay ? isDay || isWeekday : isDay && isWeekday;
}

/** A local time in UTC; undefined where clocks are put forward over it. */
function utcOfLocal(localMs: number, timeZone: string): number | undefined {
  for (const guess of [
    localMs - offsetMs(localMs - dayMs, timeZone),
    localMs - offsetMs(localMs + dayMs, timeZone),
  ]) {
    if (guess + offsetMs(guess, timeZone) === localMs) return guess;
  }
  return undefined;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far a time zone is ahead of UTC at a moment. */
function offsetMs(atMs: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  const part = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const of = (type: string): number => part.get(type as Intl.DateTimeFormatPartTypes) ?? 0;
  const localMs = Date.UTC(
    of('year'),
    of('month') - 1,
    of('day'),
    of('hour'),
    of('minute'),
    of('second'),
  );
  return localMs - Math.floor(atMs / 1000) * 1000;
}
