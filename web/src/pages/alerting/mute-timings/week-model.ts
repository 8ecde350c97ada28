import type { WireInterval, WireRange } from '../../../api/alertmanager.ts';

/** A part of a day of the week that lies in an interval. */
export interface WeekBlock {
  /** 0: Sunday. */
  readonly day: number;
  /** Minutes of the day. */
  readonly from: number;
  readonly to: number;
  /** Holds only on some days of the month, in some months or years. */
  readonly isSometimes: boolean;
}

const wholeDay: WireRange = { from: 0, to: 24 * 60 };
const wholeWeek: WireRange = { from: 0, to: 6 };

/** What intervals cover of a week, in the hours of their own zone. */
export function weekBlocks(intervals: readonly WireInterval[]): readonly WeekBlock[] {
  return intervals.flatMap(({ times, weekdays, daysOfMonth, months, years }) => {
    const isSometimes = daysOfMonth.length + months.length + years.length > 0;
    const days = (weekdays.length === 0 ? [wholeWeek] : weekdays).flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, step) => from + step),
    );
    const hours = times.length === 0 ? [wholeDay] : times;
    return days.flatMap((day) =>
      hours.map(({ from, to }): WeekBlock => ({ day, from, to, isSometimes })),
    );
  });
}

export const rangesText = (ranges: readonly WireRange[]): string =>
  ranges.map(({ from, to }) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
