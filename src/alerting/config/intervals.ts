import { type Field, list, section, text } from '#metrics/config';
import { parsed } from './placed.ts';
import {
  localTime,
  type NumberRange,
  parseDaysOfMonth,
  parseMonths,
  parseTimeOfDay,
  parseWeekdays,
  parseYears,
  type TimeInterval,
} from './time-interval.ts';

const nowhere: NumberRange = { from: 0, to: 0 };

interface Clock {
  readonly startTime: number;
  readonly endTime: number;
}

const timeOfDay = parsed('a time of day, HH:MM up to 24:00', -1, parseTimeOfDay);

const times: Field<Clock> = section<Clock>(
  { startTime: timeOfDay, endTime: timeOfDay },
  ({ startTime, endTime }) =>
    startTime < 0 || endTime < 0
      ? 'both start and end times must be provided'
      : startTime >= endTime
        ? 'start time cannot be equal or greater than end time'
        : undefined,
);

interface WrittenInterval extends Omit<TimeInterval, 'times'> {
  readonly times: readonly Clock[];
}

const written: Field<WrittenInterval> = section<WrittenInterval>({
  times: list(times),
  weekdays: list(parsed('a weekday or a range, monday:friday', nowhere, parseWeekdays)),
  daysOfMonth: list(parsed('a day or a range, 1:5, -3:-1', nowhere, parseDaysOfMonth)),
  months: list(parsed('a month or a range, january:march, 1:3', nowhere, parseMonths)),
  years: list(parsed('a year or a range, 2026:2028', nowhere, parseYears)),
  location: parsed('a time zone such as Asia/Seoul, Local', 'UTC', (name) => {
    const zone =
      name === 'Local' ? new Intl.DateTimeFormat('en').resolvedOptions().timeZone : name || 'UTC';
    try {
      localTime(0, zone);
    } catch {
      throw new TypeError(`unknown time zone ${name}`);
    }
    return zone;
  }),
});

const interval: Field<TimeInterval> = {
  absent: () => ({ ...written.absent(), times: [] }),
  read: (node, reader, at) => {
    const value = written.read(node, reader, at);
    return {
      ...value,
      times: value.times.map(({ startTime, endTime }) => ({ from: startTime, to: endTime })),
    };
  },
};

export interface NamedIntervals {
  readonly name: string;
  readonly timeIntervals: readonly TimeInterval[];
}

export const namedIntervals: Field<NamedIntervals> = section<NamedIntervals>(
  { name: text(), timeIntervals: list(interval) },
  ({ name }) => (name === '' ? 'missing name in time interval' : undefined),
);
