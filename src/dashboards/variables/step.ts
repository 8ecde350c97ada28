/** What a step is computed from. Times and lengths are ms. */
export interface StepRequest {
  readonly fromMs: number;
  readonly toMs: number;
  /** Of the panel: its own value or its width. */
  readonly maxDataPoints?: number | undefined;
  /** The panel's interval, rounded and not below its low limit (`panelIntervalMs`). */
  readonly intervalMs?: number | undefined;
  /** `interval` of the query ("Min step"): `''`, `30s`, `$__interval`, `$__rate_interval`. */
  readonly queryInterval?: string | undefined;
  /** `jsonData.timeInterval` of the data source: how often it scrapes. */
  readonly sourceIntervalMs?: number | undefined;
  /** `intervalFactor` of old queries; 0 and absent: 1. */
  readonly intervalFactor?: number | undefined;
}

export interface Step {
  readonly stepMs: number;
  /** `$__rate_interval`. */
  readonly rateIntervalMs: number;
}

/** What a data source that says nothing else scrapes at. */
export const defaultSourceIntervalMs = 15_000;
const defaultMaxDataPoints = 1500;
/** A range query has at most so many steps, whatever else was asked for. */
const maxSteps = 11_000;

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const yearMs = 365 * dayMs;

/** Below the first number an interval is rounded to the second. */
const roundings: readonly (readonly [belowMs: number, resultMs: number])[] = [
  [10, 1],
  [15, 10],
  [35, 20],
  [75, 50],
  [150, 100],
  [350, 200],
  [750, 500],
  [1.5 * secondMs, secondMs],
  [3.5 * secondMs, 2 * secondMs],
  [7.5 * secondMs, 5 * secondMs],
  [12.5 * secondMs, 10 * secondMs],
  [17.5 * secondMs, 15 * secondMs],
  [25 * secondMs, 20 * secondMs],
  [45 * secondMs, 30 * secondMs],
  [1.5 * minuteMs, minuteMs],
  [3.5 * minuteMs, 2 * minuteMs],
  [7.5 * minuteMs, 5 * minuteMs],
  [12.5 * minuteMs, 10 * minuteMs],
  [17.5 * minuteMs, 15 * minuteMs],
  [25 * minuteMs, 20 * minuteMs],
  [45 * minuteMs, 30 * minuteMs],
  [1.5 * hourMs, hourMs],
  [2.5 * hourMs, 2 * hourMs],
  [4.5 * hourMs, 3 * hourMs],
  [9 * hourMs, 6 * hourMs],
  [24 * hourMs, 12 * hourMs],
  [7 * dayMs, dayMs],
  [21 * dayMs, 7 * dayMs],
  [42 * dayMs, 30 * dayMs],
];

/** The interval as people would choose it: 16.2 s becomes 15 s. */
export function roundIntervalMs(intervalMs: number): number {
  return roundings.find(([belowMs]) => intervalMs < belowMs)?.[1] ?? yearMs;
}

/** The interval that a panel sends along with its queries (`intervalMs`). */
export function panelIntervalMs(panel: {
  readonly fromMs: number;
  readonly toMs: number;
  readonly maxDataPoints: number;
  /** The panel's `interval`, or the data source's; 0: none. */
  readonly lowLimitMs: number;
}): number {
  const { fromMs, toMs, maxDataPoints, lowLimitMs } = panel;
  return Math.max(lowLimitMs, roundIntervalMs((toMs - fromMs) / Math.max(1, maxDataPoints)));
}

/** The step of a Prometheus query, and the `$__rate_interval` that goes with it. */
export function queryStep(request: StepRequest): Step {
  const sourceMs = request.sourceIntervalMs ?? defaultSourceIntervalMs;
  const rangeMs = Math.max(0, request.toMs - request.fromMs);
  const ownMs = parseIntervalMs(request.queryInterval ?? '');
  const leastMs = ownMs ?? request.intervalMs ?? sourceMs;
  const fairMs = rangeMs / Math.max(1, request.maxDataPoints ?? defaultMaxDataPoints);
  const calculatedMs = fairMs < leastMs ? leastMs : roundIntervalMs(fairMs);
  const intervalMs = Math.max(calculatedMs, roundIntervalMs(rangeMs / maxSteps));
  const variable = variableOf(request.queryInterval ?? '');
  const scrapeMs = variable === 'interval' ? intervalMs : (ownMs ?? sourceMs);
  const rateMs = Math.max(intervalMs + scrapeMs, 4 * scrapeMs);
  const stepMs =
    variable === 'rate_interval' ? rateMs : intervalMs * Math.max(1, request.intervalFactor || 1);
  return { stepMs: Math.max(1, Math.round(stepMs)), rateIntervalMs: Math.round(rateMs) };
}

/** `interval` of a query may still name one of the two variables that the step itself makes. */
function variableOf(text: string): 'interval' | 'rate_interval' | undefined {
  if (/^\$(?:__interval|\{__interval\})$/.test(text)) return 'interval';
  return /^\$(?:__rate_interval|\{__rate_interval\})$/.test(text) ? 'rate_interval' : undefined;
}

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: secondMs,
  m: minuteMs,
  h: hourMs,
  d: dayMs,
  w: 7 * dayMs,
  M: 30 * dayMs,
  y: yearMs,
};

/**
 * Ms of an interval as panels and data sources have it: `15s`, `1m30s`, `>10s` (an old spelling of a
 * low limit), `30` (seconds). Undefined: none, or a variable that is not put in yet.
 */
export function parseIntervalMs(text: string): number | undefined {
  const given = text.trim().replace(/^>\s*/, '');
  if (/^\d+(\.\d+)?$/.test(given)) return Number(given) * secondMs || undefined;
  if (!/^(\d+(\.\d+)?(ms|[smhdwMy]))+$/.test(given)) return undefined;
  let totalMs = 0;
  for (const [, count, unit] of given.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwMy])/g)) {
    totalMs += Number(count) * units[unit!]!;
  }
  return totalMs || undefined;
}

/** `$__interval`: the largest whole unit only, so that 90 s is `1m`. */
export function intervalText(intervalMs: number): string {
  const whole: readonly (readonly [number, string])[] = [
    [yearMs, 'y'],
    [dayMs, 'd'],
    [hourMs, 'h'],
    [minuteMs, 'm'],
    [secondMs, 's'],
  ];
  for (const [unitMs, unit] of whole) {
    if (intervalMs >= unitMs) return `${Math.floor(intervalMs / unitMs)}${unit}`;
  }
  return `${Math.max(1, Math.floor(intervalMs))}ms`;
}

/** `$__rate_interval` as Go writes durations: `1m15s`, `2m0s`, `1h0m0s`, `500ms`. */
export function goDurationText(durationMs: number): string {
  if (durationMs < secondMs) return `${Math.round(durationMs)}ms`;
  const hours = Math.floor(durationMs / hourMs);
  const minutes = Math.floor((durationMs % hourMs) / minuteMs);
  const wholeSeconds = Math.floor((durationMs % minuteMs) / secondMs);
  // A fraction of a second as a part of its own: PromQL has no decimals in durations.
  const restMs = Math.round(durationMs % secondMs);
  const rest = `${wholeSeconds}s${restMs === 0 ? '' : `${restMs}ms`}`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}

/**
 * Start and end on whole steps, counted from midnight of the zone: with an offset of nine hours, steps
 * of a day begin at midnight in Seoul.
 */
export function alignToStep(
  range: { readonly fromMs: number; readonly toMs: number },
  stepMs: number,
  zoneOffsetMs: number,
): { readonly startMs: number; readonly endMs: number } {
  const floor = (timeMs: number): number =>
    Math.floor((timeMs + zoneOffsetMs) / stepMs) * stepMs - zoneOffsetMs;
  return { startMs: floor(range.fromMs), endMs: floor(range.toMs) };
}
