/** Schedules that people pick, and the five fields of cron that they are kept as. */
export type Cadence = 'daily' | 'weekdays' | 'weekly' | 'monthly' | 'cron';

export interface Timing {
  readonly cadence: Cadence;
  /** `09:00` */
  readonly time: string;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 1 to 28: every month has it. */
  readonly day: number;
  readonly cron: string;
}

export const defaultTiming: Timing = {
  cadence: 'weekdays',
  time: '09:00',
  weekday: 1,
  day: 1,
  cron: '0 9 * * MON-FRI',
};

const names = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

export function cronOf({ cadence, time, weekday, day, cron }: Timing): string {
  const [hour = '9', minute = '0'] = time.split(':').map((part) => String(Number(part)));
  switch (cadence) {
    case 'daily':
      return `${minute} ${hour} * * *`;
    case 'weekdays':
      return `${minute} ${hour} * * MON-FRI`;
    case 'weekly':
      return `${minute} ${hour} * * ${names[weekday]}`;
    case 'monthly':
      return `${minute} ${hour} ${day} * *`;
    default:
      return cron.trim();
  }
}

/** What the form shows of a schedule; one that fits no simple form is shown as cron. */
export function timingOf(cron: string): Timing {
  const other: Timing = { ...defaultTiming, cadence: 'cron', cron };
  const [minute = '', hour = '', day = '', month = '', weekday = '', rest] = cron
    .trim()
    .split(/\s+/);
  if (rest !== undefined || !/^\d{1,2}$/.test(minute) || !/^\d{1,2}$/.test(hour)) return other;
  if (Number(minute) > 59 || Number(hour) > 23 || month !== '*') return other;
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  const known = { ...other, time };
  if (day === '*' && weekday === '*') return { ...known, cadence: 'daily' };
  if (day === '*' && /^(MON-FRI|1-5)$/i.test(weekday)) return { ...known, cadence: 'weekdays' };
  const named = names.indexOf(weekday.toUpperCase());
  const at = named >= 0 ? named : /^[0-6]$/.test(weekday) ? Number(weekday) : -1;
  if (day === '*' && at >= 0) return { ...known, cadence: 'weekly', weekday: at };
  if (weekday === '*' && /^\d{1,2}$/.test(day) && Number(day) >= 1 && Number(day) <= 28) {
    return { ...known, cadence: 'monthly', day: Number(day) };
  }
  return other;
}
