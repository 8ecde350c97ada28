import { instantOf, offsetText, wallClockOf, zoneOffsetMs } from '#time';

/** From values or times to pixels. */
export interface Scale {
  readonly min: number;
  readonly max: number;
  at(value: number): number;
}

export function linearScale(
  [min, max]: readonly [number, number],
  [fromPx, toPx]: readonly [number, number],
): Scale {
  const span = max - min || 1;
  return { min, max, at: (value) => fromPx + ((value - min) / span) * (toPx - fromPx) };
}

/** A smaller difference has no steps that a number can hold. */
const minSpan = 1e-300;

/** Round steps of 1, 2 and 5 that cover `[min, max]`; ends are multiples of the step. */
export function niceTicks(min: number, max: number, count: number): readonly number[] {
  const [low, high] = max - min < minSpan ? widened(min) : [min, max];
  const step = niceStep((high - low) / Math.max(1, count));
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  // Multiples, not sums: 0.1 + 0.2 is not a tick.
  return Array.from({ length: last - first + 1 }, (_, at) =>
    Number(((first + at) * step).toPrecision(12)),
  );
}

/** One value alone stands in the middle of something, and 0 is part of it. */
const widened = (value: number): readonly [number, number] => {
  if (Math.abs(value) < minSpan) return [0, 1];
  return value > 0 ? [0, value * 1.5] : [value * 1.5, 0];
};

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const fraction = raw / power;
  const nice = fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10;
  return nice * power;
}

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const timeSteps = [
  secondMs,
  5 * secondMs,
  15 * secondMs,
  30 * secondMs,
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
  14 * dayMs,
  30 * dayMs,
];

export interface TimeTick {
  readonly timeMs: number;
  readonly label: string;
}

/** Round times of the zone's wall clock within the range, both ends included. */
export function timeTicks(
  fromMs: number,
  toMs: number,
  count: number,
  zone: string,
): readonly TimeTick[] {
  const raw = (toMs - fromMs) / Math.max(1, count);
  const step = timeSteps.find((one) => one >= raw) ?? Math.ceil(raw / (30 * dayMs)) * 30 * dayMs;
  const offset = zoneOffsetMs(zone, fromMs);
  const ticks: TimeTick[] = [];
  // Wall clocks are stepped over, so that ticks stay round where the offset changes on the way.
  for (let wall = Math.ceil((fromMs + offset) / step) * step; ; wall += step) {
    const timeMs = instantOf(zone, wall);
    if (timeMs > toMs) return ticks;
    // An hour that the clock leaves out has no tick.
    const isReal = timeMs + zoneOffsetMs(zone, timeMs) === wall;
    if (timeMs >= fromMs && isReal) ticks.push({ timeMs, label: tickLabel(timeMs, step, zone) });
  }
}

function tickLabel(timeMs: number, stepMs: number, zone: string): string {
  const { month, day, hour, minute, second } = wallClockOf(zone, timeMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (stepMs >= dayMs || (hour === 0 && minute === 0 && second === 0)) {
    return `${two(month)}-${two(day)}`;
  }
  const time = `${two(hour)}:${two(minute)}`;
  return stepMs < minuteMs ? `${time}:${two(second)}` : time;
}

/** `UTC`, `+09:00 Asia/Seoul`. */
export const zoneLabel = (zone: string, ms: number): string =>
  zone === 'UTC' ? 'UTC' : `${offsetText(zone, ms)} ${zone}`;
