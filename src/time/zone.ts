/** Arithmetic of time zones over Intl: nothing but the browser's own data. */

/** Offsets change at most at quarter hours, so one lookup serves all times of a quarter. */
const quarterMs = 900_000;
/** Keeps the cache of one zone small even when somebody pages through years. */
const maxCachedOffsets = 20_000;

const formatters = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();

/** `browser` to the machine's own IANA name; other names as they are. */
export function resolveZone(zone: string): string {
  return zone === 'browser' ? Intl.DateTimeFormat().resolvedOptions().timeZone : zone;
}

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds to add to UTC to get the wall clock of `zone` at this instant. */
export function zoneOffsetMs(zone: string, ms: number): number {
  if (zone === 'UTC') return 0;
  const slot = Math.floor(ms / quarterMs);
  let cache = offsets.get(zone);
  if (cache === undefined) {
    cache = new Map();
    offsets.set(zone, cache);
  }
  const known = cache.get(slot);
  if (known !== undefined) return known;
  const offset = lookUpOffsetMs(zone, slot * quarterMs);
  if (cache.size >= maxCachedOffsets) cache.clear();
  cache.set(slot, offset);
  return offset;
}

function lookUpOffsetMs(zone: string, ms: number): number {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, formatter);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of formatter.formatToParts(ms)) part[type] = Number(value);
  const wall = Date.UTC(
    part['year']!,
    part['month']! - 1,
    part['day'],
    part['hour'],
    part['minute'],
    part['second'],
  );
  return wall - Math.floor(ms / 1000) * 1000;
}

/** The instant at which the wall clock of `zone` shows `wallMs` (a wall clock as if it were UTC). */
export function instantOf(zone: string, wallMs: number): number {
  // Two rounds settle it except inside the hour that a clock change skips, where any answer is one.
  const guess = wallMs - zoneOffsetMs(zone, wallMs);
  return wallMs - zoneOffsetMs(zone, guess);
}

const dayMs = 86_400_000;

/** The first instant at which it does; undefined where clocks are put forward over it. */
export function firstInstantOf(zone: string, wallMs: number): number | undefined {
  for (const nearMs of [wallMs - dayMs, wallMs + dayMs]) {
    const instant = wallMs - zoneOffsetMs(zone, nearMs);
    if (instant + zoneOffsetMs(zone, instant) === wallMs) return instant;
  }
  return undefined;
}

/** `+09:00`, `-03:30`, `+00:00`. */
export function offsetText(zone: string, ms: number): string {
  const minutes = Math.round(zoneOffsetMs(zone, ms) / 60_000);
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

export interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
}

export function wallClockOf(zone: string, ms: number): WallClock {
  const date = new Date(ms + zoneOffsetMs(zone, ms));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    ms: date.getUTCMilliseconds(),
  };
}

/** `2026-11-24 09:12:33.120` in the zone: for inputs, copies and log lines; sorts as text. */
export function sortableTime(zone: string, ms: number, to: 'minute' | 'second' | 'ms'): string {
  const c = wallClockOf(zone, ms);
  const text = `${c.year}-${pad(c.month)}-${pad(c.day)} ${pad(c.hour)}:${pad(c.minute)}`;
  if (to === 'minute') return text;
  const seconds = `${text}:${pad(c.second)}`;
  return to === 'second' ? seconds : `${seconds}.${String(c.ms).padStart(3, '0')}`;
}

export function pad(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
