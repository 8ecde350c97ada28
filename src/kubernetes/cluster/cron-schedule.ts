import { type CronSchedule, firstInstantOf, isZone, nextCronTime, parseCron } from '#time';

/** When a CronJob is due. */
export type Schedule =
  | { readonly cron: CronSchedule; readonly timeZone: string }
  /** `@every 1h`: so long after the last run, whatever the clock says. */
  | { readonly everyMs: number };

/** Schedules that were read; a cluster has few different ones. */
const maxCached = 1000;
const cache = new Map<string, Schedule | undefined>();

/**
 * A schedule as CronJobs have it: five fields, macros, `@every`, `TZ=` before it. Without a time zone it
 * is UTC, in which control planes run. Undefined: it cannot be read.
 */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule | undefined {
  const key = `${timeZone ?? ''} ${text}`;
  if (cache.has(key)) return cache.get(key);
  const schedule = readSchedule(text, timeZone);
  if (cache.size < maxCached) cache.set(key, schedule);
  return schedule;
}

function readSchedule(given: string, givenZone: string | undefined): Schedule | undefined {
  const [, prefix, text = given] = /^(?:CRON_)?TZ=(\S+)\s+(.+)$/.exec(given) ?? [];
  if (prefix !== undefined && givenZone !== undefined) return undefined;
  const timeZone = givenZone ?? prefix ?? 'UTC';
  if (!isZone(timeZone)) return undefined;
  const everyMs = everyOf(text);
  if (everyMs !== undefined) return { everyMs };
  try {
    // Kubernetes knows two signs for anything.
    return { cron: parseCron(text.replaceAll('?', '*')), timeZone };
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

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

/**
 * The first time after `afterMs` that the schedule names, Unix ms; undefined: there is none. As the
 * controller has it, a time that clocks leave out is left out, and of one that comes twice the first counts.
 */
export function nextScheduleMs(schedule: Schedule, afterMs: number): number | undefined {
  if ('everyMs' in schedule) return Math.floor(afterMs / 1000) * 1000 + schedule.everyMs;
  return nextCronTime(schedule.cron, schedule.timeZone, afterMs, firstInstantOf);
}
