import type { WireWrittenWindow } from '../../api/maintenance.ts';
import { parseTime } from '../../time/range.ts';
import { type Matcher, matcherText } from '../alerting/matcher.ts';
import { durationMs } from '../alerting/rules/rule-model.ts';

export type Recurrence = 'once' | 'weekly' | 'cron';

/** What the form holds: texts as they are typed. */
export interface WindowForm {
  readonly name: string;
  readonly comment: string;
  readonly matchers: readonly Matcher[];
  readonly recurrence: Recurrence;
  /** Of `once`. */
  readonly from: string;
  readonly to: string;
  /** Of `weekly`: 0 is Sunday. */
  readonly days: readonly number[];
  /** Of `weekly`: `02:00`. */
  readonly time: string;
  /** Of `cron`. */
  readonly schedule: string;
  /** Of both: `2h`. */
  readonly lasts: string;
  readonly timeZone: string;
}

export const newWindowForm = (timeZone: string): WindowForm => ({
  name: '',
  comment: '',
  matchers: [],
  recurrence: 'once',
  from: 'now',
  to: 'now+2h',
  days: [6],
  time: '02:00',
  schedule: '0 2 * * SAT',
  lasts: '2h',
  timeZone,
});

export interface WindowProblems {
  readonly name?: true;
  readonly from?: true;
  readonly to?: true;
  readonly days?: true;
  readonly time?: true;
  readonly lasts?: true;
}

const dayWords = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;
const timeOfDay = /^([01]?\d|2[0-3]):([0-5]\d)$/;

/** `0 2 * * MON,SAT`; undefined: the time is none. */
export function weeklySchedule(days: readonly number[], time: string): string | undefined {
  const match = timeOfDay.exec(time.trim());
  if (match === null) return undefined;
  const names = [...days].sort((a, b) => a - b).map((day) => dayWords[day]);
  const [, hour, minute] = match;
  return `${Number(minute)} ${Number(hour)} * * ${names.join(',')}`;
}

/** What is missing of a form, or the window that it means. */
export function checkWindow(
  form: WindowForm,
  context: { readonly nowMs: number; readonly zone: string },
): { readonly problems: WindowProblems; readonly window: WireWrittenWindow | undefined } {
  const { name, comment, recurrence, timeZone, days } = form;
  const matchers = form.matchers.filter((one) => one.name.trim() !== '').map(matcherText);
  const common = { name: name.trim(), comment, matchers };
  const problems: { -readonly [K in keyof WindowProblems]: WindowProblems[K] } = {};
  if (common.name === '') problems.name = true;
  const done = (
    window: WireWrittenWindow,
  ): { readonly problems: WindowProblems; readonly window: WireWrittenWindow | undefined } => ({
    problems,
    window: Object.keys(problems).length === 0 ? window : undefined,
  });
  if (recurrence === 'once') {
    const start = parseTime(form.from, { ...context, edge: 'from' });
    const end = parseTime(form.to, { ...context, edge: 'to' });
    if (start === undefined) problems.from = true;
    if (end === undefined || end <= Math.max(start ?? 0, context.nowMs)) problems.to = true;
    return done({ ...common, start: start ?? 0, end: end ?? 0, timeZone: 'UTC' });
  }
  const lasts = durationMs(form.lasts.trim());
  if (lasts === undefined || lasts < 60_000) problems.lasts = true;
  const weekly = weeklySchedule(days, form.time);
  if (recurrence === 'weekly' && days.length === 0) problems.days = true;
  if (recurrence === 'weekly' && weekly === undefined) problems.time = true;
  const schedule = recurrence === 'weekly' ? (weekly ?? '') : form.schedule;
  return done({ ...common, schedule, lasts: lasts ?? 0, timeZone });
}
