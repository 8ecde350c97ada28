import { AppError } from './errors.ts';

const msPerUnit: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/**
 * Text such as `90s`, `1h30m`, `5d`, `250ms` to milliseconds. Units: ms, s, m, h, d, w, y.
 * @throws {AppError} INVALID_DURATION
 */
export function parseDurationMs(text: string): number {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  const pattern = /(\d+(?:\.\d+)?)(ms|[smhdwy])/gy;
  let totalMs = 0;
  let end = 0;
  for (const match of trimmed.matchAll(pattern)) {
    totalMs += Number(match[1]) * (msPerUnit[match[2]!] ?? 0);
    end = match.index + match[0].length;
  }
  if (end === 0 || end !== trimmed.length) {
    throw new AppError('INVALID_DURATION', `"${text}" is not a duration`, {
      hint: 'Write a number with a unit, such as 30s, 5m, 1h30m, 7d (ms, s, m, h, d, w, y)',
    });
  }
  return totalMs;
}

const bytesPerUnit: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1000,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  ki: 1024,
  kib: 1024,
  mi: 1024 ** 2,
  mib: 1024 ** 2,
  gi: 1024 ** 3,
  gib: 1024 ** 3,
  ti: 1024 ** 4,
  tib: 1024 ** 4,
};

/**
 * Text such as `10GiB`, `64Mi`, `50MB`, `1024` to bytes; decimal and binary units as written.
 * @throws {AppError} INVALID_SIZE
 */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match === null ? undefined : bytesPerUnit[match[2]!.toLowerCase()];
  if (match === null || unit === undefined) {
    throw new AppError('INVALID_SIZE', `"${text}" is not a size`, {
      hint: 'Write bytes or a number with a unit, such as 64MiB, 10GiB, 500MB',
    });
  }
  return Math.round(Number(match[1]) * unit);
}

/** 93784000 to `1d 2h`: the two largest units, for people. */
export function formatDurationMs(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const units: [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ];
  const parts: string[] = [];
  let rest = ms;
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${name}`);
    rest -= count * size;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** 1536 to `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}
