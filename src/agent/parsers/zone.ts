import { AppError } from '#base';
import { isZone, zoneOffsetMs } from '#time';

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

const maxCachedQuarters = 1000;

/**
 * The offset of a zone, seconds east of UTC, at a local time given as seconds. Where the clock is
 * put back, the time that comes twice is taken as the first.
 * @throws {AppError} TIME_ZONE_INVALID
 */
export function offsetOfZone(zone: string): (localSeconds: number) => number {
  if (!isZone(zone)) {
    throw new AppError('TIME_ZONE_INVALID', `"${zone}" is not a time zone`, {
      hint: 'Write an IANA name, such as Asia/Seoul',
    });
  }
  const offsetAt = (utcSeconds: number): number => zoneOffsetMs(zone, utcSeconds * 1000) / 1000;
  // Zones change on the quarter hour at most: one look for all lines of one.
  const cache = new Map<number, number>();
  return (localSeconds) => {
    const quarter = Math.floor(localSeconds / 900);
    let offset = cache.get(quarter);
    if (offset === undefined) {
      const guess = offsetAt(quarter * 900 - offsetAt(quarter * 900));
      offset = offsetAt(quarter * 900 - guess);
      if (cache.size >= maxCachedQuarters) cache.clear();
      cache.set(quarter, offset);
    }
    return offset;
  };
}
