import { instantOf, wallClockOf } from './zone.ts';

/** When something recurs: sets of what matches, in the words of cron. */
export interface CronSchedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>;
  /** Both kinds of days are limited: one of them is enough, as cron has it. */
  readonly isEitherDay: boolean;
}

const monthNames = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const dayNames = 'SUN MON TUE WED THU FRI SAT'.split(' ');

interface Part {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const parts: readonly [Part, Part, Part, Part, Part] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: monthNames },
  { name: 'day of week', min: 0, max: 7, names: dayNames },
];

const shortcuts: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** A leap day comes every four years, save one in a hundred. */
const maxDaysAhead = 8 * 366 + 1;
const dayMs = 86_400_000;

/**
 * Five fields (`0 9 * * MON-FRI`): lists, ranges, steps, names of months and days; or `@daily` and its kin.
 * @throws {TypeError} with what is wrong with which field
 */
export function parseCron(text: string): CronSchedule {
  const written = text.trim();
  const fields = (shortcuts[written.toLowerCase()] ?? written).split(/\s+/);
  if (fields.length !== parts.length) {
    throw new TypeError(
      `"${text}" has ${fields.length} fields: cron has five (minute, hour, day of month, month, day of week), or @daily and the like`,
    );
  }
  const [minutes, hours, daysOfMonth, months, days] = parts.map((part, at) =>
    valuesOf(fields[at] as string, part),
  ) as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>];
  // Sunday has two numbers.
  if (days.delete(7)) days.add(0);
  const isLimited = (at: number): boolean => !(fields[at] as string).startsWith('*');
  return {
    minutes,
    hours,
    daysOfMonth,
    months,
    daysOfWeek: days,
    isEitherDay: isLimited(2) && isLimited(4),
  };
}

function valuesOf(field: string, part: Part): Set<number> {
  const values = new Set<number>();
  for (const item of field.split(',')) {
    const match = /^(\*|[\w]+)(?:-(\w+))?(?:\/(\d{1,4}))?$/.exec(item);
    if (match === null) throw wrong(field, part, `"${item}" is not understood`);
    const [, first = '', last, stepText] = match;
    const step = stepText === undefined ? 1 : Number(stepText);
    if (step === 0) throw wrong(field, part, 'a step of 0 leads nowhere');
    const from = first === '*' ? part.min : numberOf(first, part);
    // `5/15` goes on to the end, `5` does not.
    const isOpen = first === '*' || stepText !== undefined;
    const to = last === undefined ? (isOpen ? part.max : from) : numberOf(last, part);
    if (from > to) throw wrong(field, part, `${first} comes after ${last}`);
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return values;
}

function numberOf(text: string, part: Part): number {
  const named = part.names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return named + part.min;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= part.min && value <= part.max) return value;
  throw wrong(text, part, `it goes from ${part.min} to ${part.max}`);
}

const wrong = (text: string, { name }: Part, why: string): TypeError =>
  new TypeError(`"${text}" is no ${name}: ${why}`);

/**
 * The first moment after `afterMs` at which the clock of the zone shows what the schedule says. Undefined:
 * there is none in years (`0 0 31 2 *`).
 * @param toInstant says when a clock shows a time; undefined: never. By default a time that the clock leaves
 * out comes an hour later, and one that it shows twice counts once.
 */
export function nextCronTime(
  schedule: CronSchedule,
  zone: string,
  afterMs: number,
  toInstant: (zone: string, wallMs: number) => number | undefined = instantOf,
): number | undefined {
  const { year, month, day } = wallClockOf(zone, afterMs);
  const minutes = [...schedule.minutes].sort((a, b) => a - b);
  const hours = [...schedule.hours].sort((a, b) => a - b);
  const todayMs = Date.UTC(year, month - 1, day);
  for (let ahead = 0; ahead <= maxDaysAhead; ahead++) {
    const date = new Date(todayMs + ahead * dayMs);
    if (!isDay(schedule, date)) continue;
    for (const hour of hours) {
      for (const minute of minutes) {
        const wallMs = date.getTime() + hour * 3_600_000 + minute * 60_000;
        const timeMs = toInstant(zone, wallMs);
        if (timeMs !== undefined && timeMs > afterMs) return timeMs;
      }
    }
  }
  return undefined;
}

function isDay(schedule: CronSchedule, date: Date): boolean {
  if (!schedule.months.has(date.getUTCMonth() + 1)) return false;
  const isOfMonth = schedule.daysOfMonth.has(date.getUTCDate());
  const isOfWeek = schedule.daysOfWeek.has(date.getUTCDay());
  return schedule.isEitherDay ? isOfMonth || isOfWeek : isOfMonth && isOfWeek;
}
