import { AppError } from '#base';

/** What a time before or after all samples is: the sentinels of the reference's clients. */
export const minTimeMs: number = -8.64e15;
export const maxTimeMs = 8.64e15;

/** A wrong parameter: 400 `bad_data` with these very words. */
export function badParameter(name: string, reason: string): AppError {
  return new AppError('METRICS_BAD_DATA', `invalid parameter ${JSON.stringify(name)}: ${reason}`);
}

/** The parameters of a request, from its query string and a form body together. */
export class Parameters {
  readonly #values: URLSearchParams;

  constructor(queryString: string, form: string) {
    this.#values = new URLSearchParams(queryString);
    for (const [name, value] of new URLSearchParams(form)) this.#values.append(name, value);
  }

  /** '' when absent. */
  text(name: string): string {
    return this.#values.get(name) ?? '';
  }

  all(name: string): readonly string[] {
    return this.#values.getAll(name);
  }

  set(name: string): ReadonlySet<string> {
    return new Set(this.#values.getAll(name));
  }

  /** Unix ms. */
  timeMs(name: string, fallbackMs: number): number {
    const text = this.text(name);
    if (text === '') return fallbackMs;
    const timeMs = parseTimeMs(text);
    if (timeMs === undefined) {
      throw badParameter(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`);
    }
    return timeMs;
  }

  /** Milliseconds: a number of seconds, or a duration. */
  durationMs(name: string, fallbackMs?: number): number {
    const text = this.text(name);
    if (text === '' && fallbackMs !== undefined) return fallbackMs;
    const durationMs = parseDuration(text);
    if (durationMs === undefined) {
      throw badParameter(name, `cannot parse ${JSON.stringify(text)} to a valid duration`);
    }
    return durationMs;
  }

  /** 0: no limit. */
  limit(name = 'limit'): number {
    const text = this.text(name);
    if (text === '') return 0;
    if (!/^[+-]?\d+$/.test(text)) {
      throw badParameter(name, `cannot parse ${JSON.stringify(text)} to a whole number`);
    }
    const value = Number(text);
    if (value < 0) throw badParameter(name, 'limit must be non-negative');
    return value;
  }

  /** As many as are wanted; below 0 and without the parameter: all. Where 0 means none, not all. */
  count(name: string): number {
    const text = this.text(name);
    if (text === '') return Number.POSITIVE_INFINITY;
    if (!/^[+-]?\d+$/.test(text)) {
      throw new AppError('METRICS_BAD_DATA', `${name} must be a number`);
    }
    const value = Number(text);
    return value < 0 ? Number.POSITIVE_INFINITY : value;
  }

  /** False when absent. */
  isTrue(name: string): boolean {
    const text = this.text(name);
    if (/^(?:1|t|T|true|True|TRUE)$/.test(text)) return true;
    if (text === '' || /^(?:0|f|F|false|False|FALSE)$/.test(text)) return false;
    throw badParameter(name, `cannot parse ${JSON.stringify(text)} to true or false`);
  }
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** Seconds since the epoch with a fraction, or RFC 3339. Undefined: neither. */
export function parseTimeMs(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return clampTime(Number(text) * 1000);
  // Go's own bounds of time, sent by clients that mean "everything".
  if (text === '-292273086-05-16T16:47:06Z') return minTimeMs;
  if (text === '+292277025-08-18T07:12:54.999999999Z') return maxTimeMs;
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [, date, time, fraction = '', zone] = match;
  const wholeMs = Date.parse(`${date}T${time}${zone}`);
  if (Number.isNaN(wholeMs)) return undefined;
  return wholeMs + Math.floor(Number(`0.${fraction.padEnd(1, '0')}`) * 1000);
}

const clampTime = (timeMs: number): number =>
  Math.round(Math.min(maxTimeMs, Math.max(minTimeMs, timeMs)));

/** Milliseconds of `15`, `0.5` (seconds) or `1h30m`. */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    const ms = Number(text) * 1000;
    return Number.isFinite(ms) && Math.abs(ms) <= maxTimeMs ? ms : undefined;
  }
  return parsePrometheusDuration(text);
}

const durationParts =
  /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const unitMs: readonly number[] = [
  365 * 86_400_000,
  7 * 86_400_000,
  86_400_000,
  3_600_000,
  60_000,
  1000,
  1,
];

function parsePrometheusDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const match = text === '' ? null : durationParts.exec(text);
  if (match === null) return undefined;
  let ms = 0;
  for (const [at, unit] of unitMs.entries()) ms += Number(match[at + 1] ?? 0) * unit;
  return ms;
}
