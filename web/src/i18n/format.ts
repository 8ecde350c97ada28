import { offsetText, resolveZone, sortableTime } from '../time/zone.ts';

/** Everything that turns a value into text for people: one per language and zone. */
export interface Format {
  readonly language: 'en' | 'ko';
  /** IANA name, never `browser`. */
  readonly zone: string;
  number(value: number, maxFractionDigits?: number): string;
  /** 12,345 to `12.3K`, `1.2만`. */
  compact(value: number): string;
  /** IEC units: 1536 to `1.5 KiB`. */
  bytes(value: number): string;
  perSecond(value: number): string;
  bytesPerSecond(value: number): string;
  /** 0.123 to `12.3%`. */
  percent(ratio: number): string;
  /** The two largest units: `3m 20s`, `3분 20초`. */
  duration(ms: number): string;
  /** `2 min ago`, `2분 전`. */
  ago(ms: number, nowMs: number): string;
  /** Date and time to the second. */
  dateTime(ms: number): string;
  /** Date and time to the minute, as short as the language allows; with its year where that is another. */
  shortDateTime(ms: number): string;
  date(ms: number): string;
  /** `11-24 09:12:33.120`: for log lines. */
  logTime(ms: number): string;
  /** `2026-11-24 09:12:33.120 +09:00`: for titles and copies. */
  exactTime(ms: number): string;
}

const durationUnits = {
  en: { d: 'd', h: 'h', m: 'm', s: 's', ms: ' ms', gap: ' ' },
  ko: { d: '일', h: '시간', m: '분', s: '초', ms: '밀리초', gap: ' ' },
} as const;

const durationSteps: readonly (readonly ['d' | 'h' | 'm' | 's', number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

export function createFormat(language: 'en' | 'ko', zoneName: string): Format {
  const zone = resolveZone(zoneName);
  const locale = language === 'ko' ? 'ko-KR' : 'en-US';
  const plain = new Map<number, Intl.NumberFormat>();
  const number = (value: number, maxFractionDigits = 0): string => {
    let formatter = plain.get(maxFractionDigits);
    if (formatter === undefined) {
      formatter = new Intl.NumberFormat(locale, { maximumFractionDigits: maxFractionDigits });
      plain.set(maxFractionDigits, formatter);
    }
    return formatter.format(value);
  };
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'short' });
  const now = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  const dateTime = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    dateStyle: 'medium',
    timeStyle: 'medium',
    hourCycle: 'h23',
  });
  const toTheMinute = {
    timeZone: zone,
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  } as const;
  const thisYear = new Intl.DateTimeFormat(locale, toTheMinute);
  const anyYear = new Intl.DateTimeFormat(locale, { ...toTheMinute, year: 'numeric' });
  const yearOf = (ms: number): string => sortableTime(zone, ms, 'ms').slice(0, 4);
  const date = new Intl.DateTimeFormat(locale, { timeZone: zone, dateStyle: 'medium' });
  const bytes = (value: number): string => {
    let rest = value;
    let unit = 0;
    while (Math.abs(rest) >= 1024 && unit < byteUnits.length - 1) {
      rest /= 1024;
      unit++;
    }
    return `${number(rest, unit === 0 || rest >= 100 ? 0 : 1)} ${byteUnits[unit]}`;
  };
  return {
    language,
    zone,
    number,
    compact: (value) => compact.format(value),
    bytes,
    perSecond: (value) => `${value >= 10 ? number(value) : number(value, 2)}/s`,
    bytesPerSecond: (value) => `${bytes(value)}/s`,
    percent: (ratio) => percent.format(ratio),
    duration: (ms) => formatDuration(ms, language, number),
    ago: (ms, nowMs) => {
      const seconds = Math.round((ms - nowMs) / 1000);
      const size = Math.abs(seconds);
      if (size < 3) return now.format(0, 'second');
      if (size < 60) return relative.format(seconds, 'second');
      if (size < 3600) return relative.format(Math.round(seconds / 60), 'minute');
      if (size < 86_400) return relative.format(Math.round(seconds / 3600), 'hour');
      return relative.format(Math.round(seconds / 86_400), 'day');
    },
    dateTime: (ms) => dateTime.format(ms),
    shortDateTime: (ms) => (yearOf(ms) === yearOf(Date.now()) ? thisYear : anyYear).format(ms),
    date: (ms) => date.format(ms),
    logTime: (ms) => sortableTime(zone, ms, 'ms').slice(5),
    exactTime: (ms) => `${sortableTime(zone, ms, 'ms')} ${offsetText(zone, ms)}`,
  };
}

function formatDuration(
  ms: number,
  language: 'en' | 'ko',
  number: (value: number, digits?: number) => string,
): string {
  const words = durationUnits[language];
  if (ms < 1000) return `${number(ms, ms < 10 ? 1 : 0)}${words.ms}`;
  if (ms < 10_000) return `${number(ms / 1000, 1)}${words.s}`;
  const parts: string[] = [];
  let rest = Math.round(ms / 1000) * 1000;
  for (const [unit, size] of durationSteps) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${number(count)}${words[unit]}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(words.gap);
}
