import type { Format } from '../../../i18n/format.ts';

export type Unit = 'plain' | 'bytes' | 'bytesPerSecond' | 'seconds';

const perSecond = /\b(?:rate|irate|deriv)\s*\(/;
const counting =
  /\b(?:count|count_values|group|absent|absent_over_time|count_over_time|changes|resets|timestamp)\b\s*(?:by\b|without\b|\()/;

/**
 * What the value of an expression is measured in, as far as the names of its metrics tell
 * (`…_bytes`, `…_seconds`); plain where arithmetic makes something else of them.
 */
export function unitOf(expr: string): Unit {
  const text = expr.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
  const outside = text.replaceAll(
    /\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring)\s*\([^)]*\)/g,
    '',
  );
  // A quotient, a product or a comparison is measured in something else than its parts.
  if (/[/*%^]|[<>=]=?\s*bool|\bbool\b/.test(outside) || counting.test(outside)) return 'plain';
  const isRate = perSecond.test(outside);
  const names =
    outside.match(/[a-zA-Z_:][\w:]*_(?:bytes|seconds)(?:_total|_sum|_bucket)?\b/g) ?? [];
  if (names.length === 0) return 'plain';
  if (names.every((name) => /_bytes(?:_total|_sum)?$/.test(name))) {
    return isRate ? 'bytesPerSecond' : 'bytes';
  }
  const isQuantile = /\bhistogram_(?:quantile|avg)\s*\(/.test(outside);
  if (names.every((name) => name.endsWith('_seconds_bucket'))) {
    return isQuantile ? 'seconds' : 'plain';
  }
  // A point in time is no duration, and seconds per second are a share.
  if (isRate || names.some((name) => /(?:time|timestamp|created)_seconds$/.test(name))) {
    return isQuantile ? 'seconds' : 'plain';
  }
  return names.every((name) => name.includes('_seconds')) ? 'seconds' : 'plain';
}

/** What the buckets of a histogram are measured in, by the names of the metrics it is made of. */
export function boundUnitOf(expr: string): Unit {
  if (/_seconds(?:_bucket)?\b/.test(expr)) return 'seconds';
  return /_bytes(?:_bucket)?\b/.test(expr) ? 'bytes' : 'plain';
}

/** Whose steps the axis has. */
export const tickUnitOf = (unit: Unit): 'plain' | 'bytes' | 'seconds' =>
  unit === 'bytesPerSecond' ? 'bytes' : unit;

const significant = new Map<string, Intl.NumberFormat>();

/** A number as an axis or a legend shows it: few digits, yet 0.00042 is not 0. */
export function plainValue(value: number, language: 'en' | 'ko'): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential(2);
  const isLarge = size >= 10_000;
  const key = `${language} ${isLarge}`;
  let format = significant.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(language === 'ko' ? 'ko-KR' : 'en-US', {
      maximumSignificantDigits: 4,
      ...(isLarge ? { notation: 'compact' } : {}),
    });
    significant.set(key, format);
  }
  return format.format(value);
}

export function valueFormat(unit: Unit, f: Format): (value: number) => string {
  switch (unit) {
    case 'bytes':
      return f.bytes;
    case 'bytesPerSecond':
      return f.bytesPerSecond;
    case 'seconds':
      return (value) => secondsText(value, f);
    case 'plain':
      return (value) => plainValue(value, f.language);
  }
}

function secondsText(value: number, f: Format): string {
  const size = Math.abs(value);
  if (size === 0) return '0 s';
  if (size >= 60) return `${value < 0 ? '-' : ''}${f.duration(size * 1000)}`;
  const [scale, unit] = size >= 1 ? [1, 's'] : size >= 1e-3 ? [1e3, 'ms'] : [1e6, 'µs'];
  return `${plainValue(value * (scale as number), f.language)} ${unit}`;
}
