import { type DateMathContext, parseDateMath } from '../../../src/time/date-math.ts';
import { instantOf, wallClockOf } from './zone.ts';

/** A range as people and links write it: `now-1h`, `now/d`, an ISO instant, epoch milliseconds. */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

/** Both ends inclusive, ms since the epoch. */
export interface ResolvedRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export const defaultRange: TimeRange = { from: 'now-1h', to: 'now' };

/** No chart of ours is narrower: a click that drags by a pixel must not end in an empty range. */
export const minRangeMs = 1000;

/** Zone and edge also decide what bare dates and bare clock times mean. */
export type TimeContext = DateMathContext;

/**
 * Text to an instant; undefined when it is no time. Takes `now`, `now-90m`, `now-1d/d`, `-2h` and
 * `2h` (both: ago), epoch seconds and milliseconds, ISO 8601, and `2026-11-24 09:00[:00[.000]]`,
 * `2026-11-24`, `09:30` in the context's zone.
 */
export function parseTime(text: string, context: TimeContext): number | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith('now')) return parseDateMath(trimmed, context);
  if (ago.test(trimmed)) return parseDateMath(agoMath(trimmed), context);
  if (/^\d{12,14}$/.test(trimmed)) return Number(trimmed);
  if (/^\d{9,10}$/.test(trimmed)) return Number(trimmed) * 1000;
  return parseAbsolute(trimmed, context);
}

const ago = /^-?(?:\d+[smhdwMy])+$/;

/** `1h30m` to `now-1h-30m`. */
function agoMath(text: string): string {
  return `now${(text.match(/\d+[smhdwMy]/g) ?? []).map((step) => `-${step}`).join('')}`;
}

function parseAbsolute(text: string, context: TimeContext): number | undefined {
  if (/^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:?\d{2})$/.test(text)) {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? undefined : ms;
  }
  const match =
    /^(?:(\d{4})[-./](\d{1,2})[-./](\d{1,2}))?(?:[T ]+|^|$)(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3}))?)?)?$/.exec(
      text,
    );
  if (match === null || (match[1] === undefined && match[4] === undefined)) return undefined;
  const today = wallClockOf(context.zone, context.nowMs);
  const [year, month, day] =
    match[1] === undefined
      ? [today.year, today.month, today.day]
      : [Number(match[1]), Number(match[2]), Number(match[3])];
  const wholeDay = match[4] === undefined;
  const hour = Number(match[4] ?? 0);
  const minute = Number(match[5] ?? 0);
  const second = Number(match[6] ?? 0);
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return undefined;
  const wall = Date.UTC(year, month - 1, day);
  // Date.UTC rolls 31 February over into March; a person who wrote it made a mistake.
  if (new Date(wall).getUTCDate() !== day) return undefined;
  if (wholeDay && context.edge === 'to') return instantOf(context.zone, wall + 86_400_000) - 1;
  const ms = Number((match[7] ?? '0').padEnd(3, '0'));
  return instantOf(context.zone, wall + hour * 3_600_000 + minute * 60_000 + second * 1000 + ms);
}

/** Where weeks and fiscal years begin. */
export type RangeCalendar = Pick<DateMathContext, 'weekStart' | 'fiscalYearStartMonth'>;

/** Undefined when an end is no time or the range is not at least a second long. */
export function resolveRange(
  range: TimeRange,
  nowMs: number,
  zone: string,
  calendar: RangeCalendar = {},
): ResolvedRange | undefined {
  const fromMs = parseTime(range.from, { ...calendar, nowMs, zone, edge: 'from' });
  const toMs = parseTime(range.to, { ...calendar, nowMs, zone, edge: 'to' });
  if (fromMs === undefined || toMs === undefined || toMs - fromMs < minRangeMs) return undefined;
  return { fromMs, toMs };
}

/** True when the range moves with the clock. */
export function isRelative(range: TimeRange): boolean {
  return isRelativeTime(range.from) || isRelativeTime(range.to);
}

export function isRelativeTime(text: string): boolean {
  return text.trim().startsWith('now') || ago.test(text.trim());
}

/**
 * One end as it stands in a link: relative times stay (`2h` becomes `now-2h`), others become an ISO
 * instant, so that the link means the same in every zone.
 */
export function canonicalTime(text: string, context: TimeContext): string | undefined {
  const trimmed = text.trim();
  const ms = parseTime(trimmed, context);
  if (ms === undefined) return undefined;
  if (trimmed.startsWith('now')) return trimmed;
  if (isRelativeTime(trimmed)) return agoMath(trimmed);
  return isoInstant(ms);
}

/** ISO 8601 in UTC without the parts that are zero: links stay short. */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString().replace(/\.000Z$/, 'Z');
}

/** `now-1h`..`now` to `{count: 1, unit: 'h'}`; undefined for every other range. */
export function lastOf(range: TimeRange): { count: number; unit: string } | undefined {
  const match = /^now-(\d+)([smhdwMy])$/.exec(range.from);
  return match === null || range.to !== 'now'
    ? undefined
    : { count: Number(match[1]), unit: match[2]! };
}

/** Twice as long around the same middle, not past now unless the range already was. */
export function widened({ fromMs, toMs }: ResolvedRange, nowMs: number): TimeRange {
  const half = Math.max(minRangeMs, toMs - fromMs) / 2;
  const end = toMs <= nowMs ? Math.min(nowMs, toMs + half) : toMs + half;
  return {
    from: isoInstant(Math.round(fromMs - half)),
    to: isoInstant(Math.round(end)),
  };
}

/** The range before or after this one, of the same length. */
export function shifted({ fromMs, toMs }: ResolvedRange, direction: -1 | 1): TimeRange {
  const length = (toMs - fromMs) * direction;
  return { from: isoInstant(fromMs + length), to: isoInstant(toMs + length) };
}

const niceStepsMs: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000,
  86_400_000, 172_800_000, 604_800_000, 2_592_000_000,
];

/** The finest round step that makes at most `maxBins` bins of the range. */
export function niceStepMs({ fromMs, toMs }: ResolvedRange, maxBins: number): number {
  const least = (toMs - fromMs) / maxBins;
  return niceStepsMs.find((step) => step >= least) ?? Math.ceil(least);
}
