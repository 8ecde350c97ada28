import { significantText } from '#go-template';

/** A number from what a template hands over: numbers of Go, and texts that are numbers. */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string') {
    const number = parseGoNumber(value);
    if (number !== undefined) return number;
    throw new Error(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  throw new Error(`can't convert ${typeof value} to float`);
}

function parseGoNumber(text: string): number | undefined {
  const special: Record<string, number> = {
    nan: Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    '+inf': Number.POSITIVE_INFINITY,
    '-inf': Number.NEGATIVE_INFINITY,
  };
  const known = special[text.toLowerCase()];
  if (known !== undefined) return known;
  return /^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)
    ? Number(text.replaceAll('_', ''))
    : undefined;
}

const isPlain = (value: number): boolean => value === 0 || !Number.isFinite(value);
const four = (value: number): string => significantText(value, 4);

/** `1234567` to `1.235M`, `0.00123` to `1.23m`. */
export function humanize(input: unknown): string {
  let value = toNumber(input);
  if (isPlain(value)) return four(value);
  let prefix = '';
  if (Math.abs(value) >= 1) {
    for (const next of ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']) {
      if (Math.abs(value) < 1000) break;
      prefix = next;
      value /= 1000;
    }
    return four(value) + prefix;
  }
  for (const next of ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y']) {
    if (Math.abs(value) >= 1) break;
    prefix = next;
    value *= 1000;
  }
  return four(value) + prefix;
}

/** `1048576` to `1Mi`. */
export function humanize1024(input: unknown): string {
  let value = toNumber(input);
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return four(value);
  let prefix = '';
  for (const next of ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi']) {
    if (Math.abs(value) < 1024) break;
    prefix = next;
    value /= 1024;
  }
  return four(value) + prefix;
}

/** Seconds to `1d 2h 3m 4s`; below a second with a unit of its own. */
export function humanizeDuration(input: unknown): string {
  let value = toNumber(input);
  if (!Number.isFinite(value)) return four(value);
  if (value === 0) return `${four(value)}s`;
  if (Math.abs(value) >= 1) {
    const sign = value < 0 ? '-' : '';
    value = Math.abs(value);
    const total = Math.trunc(value);
    const seconds = total % 60;
    const minutes = Math.trunc(total / 60) % 60;
    const hours = Math.trunc(total / 3600) % 24;
    const days = Math.trunc(total / 86_400);
    if (days !== 0) return `${sign}${days}d ${hours}h ${minutes}m ${seconds}s`;
    if (hours !== 0) return `${sign}${hours}h ${minutes}m ${seconds}s`;
    if (minutes !== 0) return `${sign}${minutes}m ${seconds}s`;
    return `${sign}${four(value)}s`;
  }
  let prefix = '';
  for (const next of ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y']) {
    if (Math.abs(value) >= 1) break;
    prefix = next;
    value *= 1000;
  }
  return `${four(value)}${prefix}s`;
}

export const humanizePercentage = (input: unknown): string => `${four(toNumber(input) * 100)}%`;

/** Unix seconds to `2026-01-01 00:00:00 +0000 UTC`. */
export function humanizeTimestamp(input: unknown): string {
  const value = toNumber(input);
  if (!Number.isFinite(value)) return four(value);
  const timeMs = Math.round(value * 1000);
  if (Math.abs(timeMs) > 8.64e15)
    throw new Error(`${value} cannot be represented as a nanoseconds timestamp`);
  return goTimeText(timeMs);
}

/** As Go prints a time in UTC; the fraction only where there is one. */
export function goTimeText(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  const fraction = iso.slice(20, 23).replace(/0+$/, '');
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${fraction === '' ? '' : `.${fraction}`} +0000 UTC`;
}
