import { AppError } from '#base';

/** Days since 1970-01-01 of a date in the Gregorian calendar; month 1 to 12. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The machine's own offset, seconds east of UTC, at a local time given as seconds. */
export function systemOffset(localSeconds: number): number {
  return -new Date(localSeconds * 1000).getTimezoneOffset() * 60;
}

const maxCachedHours = 1000;

/**
 * The offset of a zone, seconds east of UTC, at a local time given as seconds. Where the clock is
 * put back, the time that comes twice is taken as the first.
 * @throws {AppError} TIME_ZONE_INVALID
 */
export function offsetOfZone(zone: string): (localSeconds: number) => number {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    throw new AppError('TIME_ZONE_INVALID', `"${zone}" is not a time zone`, {
      hint: 'Write an IANA name, such as Asia/Seoul',
      cause,
    });
  }
  const offsetAt = (utcSeconds: number): number => {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(utcSeconds * 1000)) {
      parts[type] = Number(value);
    }
    const local = Date.UTC(
      parts['year']!,
      parts['month']! - 1,
      parts['day'],
      parts['hour'],
      parts['minute'],
      parts['second'],
    );
    return local / 1000 - utcSeconds;
  };
  // Zones change on the quarter hour at most, and formatting a date is slow.
  const cache = new Map<number, number>();
  return (localSeconds) => {
    const quarter = Math.floor(localSeconds / 900);
    let offset = cache.get(quarter);
    if (offset === undefined) {
      const guess = offsetAt(quarter * 900 - offsetAt(quarter * 900));
      offset = offsetAt(quarter * 900 - guess);
      if (cache.size >= maxCachedHours) cache.clear();
      cache.set(quarter, offset);
    }
    return offset;
  };
}
