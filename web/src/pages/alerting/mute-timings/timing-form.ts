import type { WireMuteTiming, WireTimeInterval } from '../../../api/grafana-alerting.ts';

/** What the form of an interval holds: texts. */
export interface IntervalForm {
  readonly times: string;
  /** 0: Sunday. Empty: every day. */
  readonly weekdays: readonly number[];
  readonly daysOfMonth: string;
  readonly months: string;
  readonly years: string;
  readonly location: string;
}

export interface TimingForm {
  readonly name: string;
  readonly intervals: readonly IntervalForm[];
}

export const emptyInterval: IntervalForm = {
  times: '',
  weekdays: [],
  daysOfMonth: '',
  months: '',
  years: '',
  location: '',
};

const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

export const timingFormOf = ({ name, time_intervals: intervals }: WireMuteTiming): TimingForm => ({
  name,
  intervals: intervals.map((interval) => ({
    times: (interval.times ?? [])
      .map(({ start_time: from, end_time: to }) => `${from}-${to}`)
      .join(', '),
    weekdays: (interval.weekdays ?? []).flatMap(daysOf),
    daysOfMonth: (interval.days_of_month ?? []).join(', '),
    months: (interval.months ?? []).join(', '),
    years: (interval.years ?? []).join(', '),
    location: interval.location ?? '',
  })),
});

function daysOf(text: string): readonly number[] {
  const [from = '', to = from] = text.split(':');
  const first = dayNames.indexOf(from.trim().toLowerCase());
  const last = dayNames.indexOf(to.trim().toLowerCase());
  if (first < 0 || last < first) return [];
  return Array.from({ length: last - first + 1 }, (_, step) => first + step);
}

const items = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const timePattern = /^([01]?\d|2[0-4]):([0-5]\d)\s*[-–~]\s*([01]?\d|2[0-4]):([0-5]\d)$/;

/** Undefined: something in it is no time, or ends before it begins. */
export function timesOf(text: string): WireTimeInterval['times'] | undefined {
  const found: { start_time: string; end_time: string }[] = [];
  for (const item of items(text)) {
    const match = timePattern.exec(item);
    if (match === null) return undefined;
    const [, h1 = '', m1 = '', h2 = '', m2 = ''] = match;
    const from = `${h1.padStart(2, '0')}:${m1}`;
    const to = `${h2.padStart(2, '0')}:${m2}`;
    if (from >= to || to > '24:00') return undefined;
    found.push({ start_time: from, end_time: to });
  }
  return found;
}

export function timingOf(form: TimingForm): WireMuteTiming {
  return {
    name: form.name.trim(),
    time_intervals: form.intervals.map((one): WireTimeInterval => {
      const times = timesOf(one.times) ?? [];
      const [days, months, years] = [one.daysOfMonth, one.months, one.years].map(items);
      return {
        ...(times.length === 0 ? {} : { times }),
        ...(one.weekdays.length === 0
          ? {}
          : { weekdays: one.weekdays.toSorted().map((day) => dayNames[day] ?? '') }),
        ...(days?.length ? { days_of_month: days } : {}),
        ...(months?.length ? { months } : {}),
        ...(years?.length ? { years } : {}),
        ...(one.location.trim() === '' ? {} : { location: one.location.trim() }),
      };
    }),
  };
}
