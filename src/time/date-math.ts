import { instantOf, wallClockOf } from './zone.ts';

export type WeekStart = 'monday' | 'saturday' | 'sunday';

export interface DateMathContext {
  readonly nowMs: number;
  /** IANA name: days and longer units are those of its calendar. */
  readonly zone: string;
  /** `/d` goes to the first millisecond of the unit at the start of a range, to its last at the end. */
  readonly edge: 'from' | 'to';
  /** Default: Monday. */
  readonly weekStart?: WeekStart | undefined;
  /** 0 to 11, for `fy` and `fQ`. Default: January. */
  readonly fiscalYearStartMonth?: number | undefined;
}

const dayMs = 86_400_000;
const lengthMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const step = /([+-])(\d{0,10})(f?[Qy]|ms|[smhdwM])|\/1?(f?[Qy]|[smhdwM])/y;
/** A link with more steps than this is not one that a person wrote. */
const maxSteps = 32;

export function isWeekStart(text: unknown): text is WeekStart {
  return text === 'monday' || text === 'saturday' || text === 'sunday';
}

/**
 * `now`, then any of `+N<unit>`, `-N<unit>` and `/<unit>`; units `ms s m h d w M Q y`, and `fQ`, `fy`
 * of the fiscal year. N is 1 when absent. Undefined when the text is none of this.
 */
export function parseDateMath(text: string, context: DateMathContext): number | undefined {
  const rest = text.replaceAll(/\s/g, '');
  if (!rest.startsWith('now')) return undefined;
  let ms = context.nowMs;
  step.lastIndex = 3;
  for (let steps = 0; step.lastIndex < rest.length; steps++) {
    const match = steps < maxSteps ? step.exec(rest) : null;
    if (match === null) {
      step.lastIndex = 0;
      return undefined;
    }
    const [, sign, count, unit, rounding] = match;
    if (rounding === undefined) {
      const size = count === '' ? 1 : Number(count);
      ms = shift(ms, sign === '-' ? -size : size, unit!, context.zone);
    } else {
      ms = roundTo(ms, rounding, context);
    }
  }
  step.lastIndex = 0;
  // A calendar ends somewhere: further out there is no date.
  return Math.abs(ms) <= 8.64e15 ? ms : undefined;
}

function roundTo(ms: number, unit: string, context: DateMathContext): number {
  const start = startOf(ms, unit, context);
  return context.edge === 'from' ? start : shift(start, 1, unit, context.zone) - 1;
}

/** Adds units: up to hours as lengths, longer ones by the calendar, keeping the time of day. */
function shift(ms: number, count: number, unit: string, zone: string): number {
  const length = lengthMs[unit];
  if (length !== undefined) return ms + count * length;
  const c = wallClockOf(zone, ms);
  const time = c.hour * 3_600_000 + c.minute * 60_000 + c.second * 1000 + c.ms;
  if (unit === 'd' || unit === 'w') {
    const days = count * (unit === 'w' ? 7 : 1);
    return instantOf(zone, Date.UTC(c.year, c.month - 1, c.day) + days * dayMs + time);
  }
  const months = count * (unit === 'M' ? 1 : unit.endsWith('Q') ? 3 : 12);
  const month = c.month - 1 + months;
  // 31 January and a month is the last day of February.
  const lastDay = new Date(Date.UTC(c.year, month + 1, 0)).getUTCDate();
  return instantOf(zone, Date.UTC(c.year, month, Math.min(c.day, lastDay)) + time);
}

const weekdays: Readonly<Record<WeekStart, number>> = { sunday: 0, monday: 1, saturday: 6 };

/** The first millisecond of the unit that holds `ms`. */
function startOf(ms: number, unit: string, context: DateMathContext): number {
  const { zone, weekStart = 'monday', fiscalYearStartMonth = 0 } = context;
  if (unit === 's' || unit === 'm') {
    const length = lengthMs[unit]!;
    return Math.floor(ms / length) * length;
  }
  const c = wallClockOf(zone, ms);
  const month = c.month - 1;
  const intoFiscal = (((month - fiscalYearStartMonth) % 12) + 12) % 12;
  const first = (back: number): number => instantOf(zone, Date.UTC(c.year, month - back, 1));
  switch (unit) {
    case 'h':
      return instantOf(zone, Date.UTC(c.year, month, c.day, c.hour));
    case 'd':
      return instantOf(zone, Date.UTC(c.year, month, c.day));
    case 'w': {
      const midnight = Date.UTC(c.year, month, c.day);
      const back = (new Date(midnight).getUTCDay() - weekdays[weekStart] + 7) % 7;
      return instantOf(zone, midnight - back * dayMs);
    }
    case 'M':
      return first(0);
    case 'Q':
      return first(month % 3);
    case 'fQ':
      return first(intoFiscal % 3);
    case 'fy':
      return first(intoFiscal);
    default:
      return first(month);
  }
}
