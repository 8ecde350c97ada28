import { offsetText, pad, wallClockOf } from './zone.ts';

const tokens =
  /\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|DDDD|DDD|DD|D|dddd|ddd|E|Q|HH|H|hh|h|mm|m|ss|s|SSS|A|a|ZZ|Z|X|x/g;

/**
 * An instant by a pattern of letters, as date formats of dashboards have them (`YYYY-MM-DD HH:mm`);
 * what stands in `[brackets]` is taken as it is. Names of days and months are English.
 */
export function formatDate(ms: number, pattern: string, zone: string): string {
  const c = wallClockOf(zone, ms);
  const wall = new Date(Date.UTC(c.year, c.month - 1, c.day));
  const name = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', ...options }).format(wall);
  const dayOfYear = Math.round((wall.getTime() - Date.UTC(c.year, 0, 1)) / 86_400_000) + 1;
  const hour12 = c.hour % 12 === 0 ? 12 : c.hour % 12;
  return pattern.replace(tokens, (token, literal: string | undefined) => {
    if (literal !== undefined) return literal;
    switch (token) {
      case 'YYYY':
        return String(c.year).padStart(4, '0');
      case 'YY':
        return pad(c.year % 100);
      case 'MMMM':
        return name({ month: 'long' });
      case 'MMM':
        return name({ month: 'short' });
      case 'MM':
        return pad(c.month);
      case 'M':
        return String(c.month);
      case 'DDDD':
        return String(dayOfYear).padStart(3, '0');
      case 'DDD':
        return String(dayOfYear);
      case 'DD':
        return pad(c.day);
      case 'D':
        return String(c.day);
      case 'dddd':
        return name({ weekday: 'long' });
      case 'ddd':
        return name({ weekday: 'short' });
      case 'E':
        return String(wall.getUTCDay() === 0 ? 7 : wall.getUTCDay());
      case 'Q':
        return String(Math.ceil(c.month / 3));
      case 'HH':
        return pad(c.hour);
      case 'H':
        return String(c.hour);
      case 'hh':
        return pad(hour12);
      case 'h':
        return String(hour12);
      case 'mm':
        return pad(c.minute);
      case 'm':
        return String(c.minute);
      case 'ss':
        return pad(c.second);
      case 's':
        return String(c.second);
      case 'SSS':
        return String(c.ms).padStart(3, '0');
      case 'A':
        return c.hour < 12 ? 'AM' : 'PM';
      case 'a':
        return c.hour < 12 ? 'am' : 'pm';
      case 'Z':
        return offsetText(zone, ms);
      case 'ZZ':
        return offsetText(zone, ms).replace(':', '');
      case 'X':
        return String(Math.floor(ms / 1000));
      default:
        return String(ms);
    }
  });
}
