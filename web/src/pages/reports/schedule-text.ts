import { useCallback } from 'react';
import { useMessages } from '../../i18n/messages.ts';
import { timingOf } from './schedule.ts';
import { reportWords } from './words.ts';

/** A schedule in words: `Monday to Friday at 09:00, Asia/Seoul`. */
export function useScheduleText(): (cron: string, timeZone: string) => string {
  const m = useMessages(reportWords);
  return useCallback(
    (cron, timeZone) => {
      const { cadence, time, weekday, day } = timingOf(cron);
      const words = {
        daily: () => m.everyDay(time),
        weekdays: () => m.everyWorkday(time),
        weekly: () => m.everyWeek(m.weekdays.split(',')[weekday] ?? '', time),
        monthly: () => m.everyMonth(String(day), time),
        cron: () => cron,
      }[cadence]();
      return `${words}, ${timeZone}`;
    },
    [m],
  );
}
