import { type Matchers, matchesAll, parseMatcher } from '#alerting';
import { AppError, isAppError } from '#base';
import { type CronSchedule, isZone, nextCronTime, parseCron } from '#time';

/** A window as people write it, in the configuration and over the API. */
export interface WrittenWindow {
  readonly name: string;
  readonly comment: string;
  /** Conditions on the labels of an incident, all of which must hold; none: everything. */
  readonly matchers: readonly string[];
  /** Once: Unix ms. */
  readonly startMs?: number | undefined;
  readonly endMs?: number | undefined;
  /** Again and again: when it begins, in the words of cron. */
  readonly schedule?: string | undefined;
  /** How long it lasts each time, ms. */
  readonly lastsMs?: number | undefined;
  /** IANA name, of the schedule. */
  readonly timeZone: string;
}

type Times =
  | { readonly startMs: number; readonly endMs: number }
  | { readonly schedule: CronSchedule; readonly lastsMs: number };

/** A time in which something is worked on: what goes wrong there is noted, and nobody is told. */
export interface MaintenanceWindow {
  readonly written: WrittenWindow;
  readonly matchers: Matchers;
  readonly times: Times;
}

/** When a window is open, or will be next. Unix ms, the end not included. */
export interface Occurrence {
  readonly fromMs: number;
  readonly toMs: number;
}

const minuteMs = 60_000;
/** Longer than this it is no window but a silence. */
const maxLastsMs = 31 * 86_400_000;
const maxMatchers = 50;
const maxNameChars = 200;
const maxCommentChars = 2000;

const invalid = (message: string): AppError => new AppError('MAINTENANCE_INVALID', message);

/** @throws {AppError} MAINTENANCE_INVALID with what is wrong, by its key */
export function readWindow(written: WrittenWindow): MaintenanceWindow {
  const { name, comment, matchers } = written;
  if (name.trim() === '' || name.length > maxNameChars) {
    throw invalid(`name: expected a text of 1 to ${maxNameChars} characters`);
  }
  if (comment.length > maxCommentChars) {
    throw invalid(`comment: ${comment.length} characters; ${maxCommentChars} are allowed`);
  }
  if (matchers.length > maxMatchers) {
    throw invalid(`matchers: ${matchers.length} conditions; ${maxMatchers} are allowed`);
  }
  return { written, matchers: matchers.map(readMatcher), times: readTimes(written) };
}

function readMatcher(text: string): Matchers[number] {
  try {
    return parseMatcher(text);
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw invalid(`matchers: ${error.message}`);
  }
}

function readTimes({ startMs, endMs, schedule, lastsMs, timeZone }: WrittenWindow): Times {
  if (schedule === undefined) {
    if (lastsMs !== undefined) throw invalid('lasts: means nothing without schedule');
    if (startMs === undefined || endMs === undefined) {
      throw invalid('expected start and end, or schedule and lasts');
    }
    if (startMs >= endMs) throw invalid('end: must be after start');
    return { startMs, endMs };
  }
  if (startMs !== undefined || endMs !== undefined) {
    throw invalid('schedule: stands in place of start and end, not beside them');
  }
  if (lastsMs === undefined) throw invalid('lasts: expected beside schedule, such as 2h');
  if (lastsMs < minuteMs || lastsMs > maxLastsMs) {
    throw invalid('lasts: expected 1m to 31d');
  }
  if (!isZone(timeZone)) throw invalid(`timeZone: "${timeZone}" is no time zone`);
  try {
    return { schedule: parseCron(schedule), lastsMs };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw invalid(`schedule: ${error.message}`);
  }
}

/** The time in which it is open, or else the next one; undefined: it is over. */
export function occurrenceOf(
  { times, written }: MaintenanceWindow,
  nowMs: number,
): Occurrence | undefined {
  if ('startMs' in times) {
    const { startMs, endMs } = times;
    return nowMs < endMs ? { fromMs: startMs, toMs: endMs } : undefined;
  }
  const { schedule, lastsMs } = times;
  // The first that has not ended yet.
  const fromMs = nextCronTime(schedule, written.timeZone, nowMs - lastsMs);
  return fromMs === undefined ? undefined : { fromMs, toMs: fromMs + lastsMs };
}

export const isOpen = (occurrence: Occurrence | undefined, nowMs: number): boolean =>
  occurrence !== undefined && occurrence.fromMs <= nowMs && nowMs < occurrence.toMs;

export const concerns = (
  { matchers }: MaintenanceWindow,
  labels: Readonly<Record<string, string>>,
): boolean => matchesAll(matchers, labels);
