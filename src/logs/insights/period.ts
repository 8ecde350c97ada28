/** A period of bin(), datefloor() and the like: `5m`, `1 week`. */
export interface Period {
  /** Fixed length in ms; months, quarters and years are counted in months instead. */
  readonly ms: number;
  readonly months: number;
  /** What was written when the value was above its unit's cap, and what it became. */
  readonly clamped: { readonly from: string; readonly to: string } | undefined;
}

interface Unit {
  readonly names: readonly string[];
  readonly ms: number;
  readonly months: number;
  /** Larger values are cut down to this one, as CloudWatch does. */
  readonly cap: number | undefined;
}

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const units: readonly Unit[] = [
  { names: ['ms', 'msec', 'millisecond'], ms: 1, months: 0, cap: 1000 },
  { names: ['s', 'sec', 'second'], ms: secondMs, months: 0, cap: 60 },
  { names: ['m', 'min', 'minute'], ms: minuteMs, months: 0, cap: 60 },
  { names: ['h', 'hr', 'hour'], ms: hourMs, months: 0, cap: 24 },
  { names: ['d', 'day'], ms: dayMs, months: 0, cap: undefined },
  { names: ['w', 'week'], ms: 7 * dayMs, months: 0, cap: undefined },
  { names: ['mo', 'mon', 'month'], ms: 0, months: 1, cap: undefined },
  { names: ['q', 'qtr', 'quarter'], ms: 0, months: 3, cap: undefined },
  { names: ['y', 'yr', 'year'], ms: 0, months: 12, cap: undefined },
];

/** Longer bins than this make no sense and would leave the engine's date range. */
const maxValue = 100_000;

/** Undefined when the text is no period. */
export function parsePeriod(text: string): Period | undefined {
  const match = /^\s*(\d+)\s*([a-z]+)\s*$/i.exec(text);
  if (match === null) return undefined;
  const name = match[2]!.toLowerCase();
  const unit = units.find((one) =>
    one.names.some((known) => name === known || (known.length > 1 && name === `${known}s`)),
  );
  const written = Number(match[1]);
  if (unit === undefined || written < 1 || written > maxValue) return undefined;
  const value = unit.cap !== undefined && written > unit.cap ? unit.cap : written;
  return {
    ms: value * unit.ms,
    months: value * unit.months,
    clamped:
      value === written ? undefined : { from: `${written}${match[2]}`, to: `${value}${match[2]}` },
  };
}

/** The bin that bin() without an argument takes: about a hundred bins over the range. */
export function automaticBinMs(fromMs: number, toMs: number): number {
  const steps = [
    100,
    200,
    500,
    1000,
    2000,
    5000,
    10_000,
    15_000,
    30_000,
    minuteMs,
    2 * minuteMs,
    5 * minuteMs,
    10 * minuteMs,
    15 * minuteMs,
    30 * minuteMs,
    hourMs,
    2 * hourMs,
    3 * hourMs,
    6 * hourMs,
    12 * hourMs,
    dayMs,
    2 * dayMs,
    7 * dayMs,
    30 * dayMs,
    365 * dayMs,
  ];
  const wanted = Math.max(1, toMs - fromMs + 1) / 100;
  return steps.find((step) => step >= wanted) ?? steps.at(-1)!;
}
