import type { OtlpConfig } from '#metrics/config';

export type TranslationStrategy = OtlpConfig['translationStrategy'];

const units: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '%': 'percent',
};

const perUnits: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

export interface NamedMetric {
  readonly name: string;
  readonly unit: string;
  readonly isMonotonicSum: boolean;
  readonly isGauge: boolean;
}

/**
 * The name of a metric for Prometheus: `http.server.duration` in `ms` is
 * `http_server_duration_milliseconds`, a monotonic sum ends in `_total`.
 *
 * Source: the OpenTelemetry specification, compatibility with Prometheus.
 */
export function metricNameOf(metric: NamedMetric, strategy: TranslationStrategy): string {
  if (strategy === 'NoTranslation') return metric.name;
  const escapes = strategy.startsWith('Underscore');
  const hasSuffixes = strategy.endsWith('WithSuffixes');
  if (!hasSuffixes) return escapes ? escaped(metric.name) : metric.name;
  const suffixes = suffixesOf(metric);
  if (!escapes) {
    let name = metric.name;
    for (const suffix of suffixes) if (!name.endsWith(`_${suffix}`)) name += `_${suffix}`;
    return name;
  }
  const tokens = metric.name.split(/[^a-zA-Z0-9:]+/).filter((token) => token !== '');
  const [last] = suffixes.slice(-1);
  // What ends the name stands there once, however it was written before.
  const kept = tokens.filter(
    (token) => !(token === last && (token === 'total' || token === 'ratio')),
  );
  for (const suffix of suffixes) {
    for (const part of suffix.split('_')) if (!kept.includes(part)) kept.push(part);
  }
  const name = kept.join('_');
  return /^\d/.test(name) ? `_${name}` : name;
}

function suffixesOf({ unit, isMonotonicSum, isGauge }: NamedMetric): readonly string[] {
  const suffixes: string[] = [];
  const [main = '', per] = unit.split('/', 2);
  const mainWord = main.includes('{') || main === '1' ? '' : (units[main.trim()] ?? clean(main));
  if (mainWord !== '') suffixes.push(mainWord);
  if (per !== undefined && !per.includes('{')) {
    const perWord = perUnits[per.trim()] ?? clean(per);
    if (perWord !== '') suffixes.push(`per_${perWord}`);
  }
  if (isMonotonicSum) suffixes.push('total');
  else if (isGauge && unit === '1') suffixes.push('ratio');
  return suffixes;
}

const clean = (unit: string): string =>
  unit
    .trim()
    .replace(/[^a-zA-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');

function escaped(name: string): string {
  const plain = name.replace(/[^a-zA-Z0-9:_]/g, '_');
  return /^\d/.test(plain) ? `_${plain}` : plain;
}

export type LabelNaming = Pick<
  OtlpConfig,
  'translationStrategy' | 'labelNameUnderscoreSanitization' | 'labelNamePreserveMultipleUnderscores'
>;

/** The name of an attribute as a label. */
export function labelNameOf(attribute: string, naming: LabelNaming): string {
  if (!naming.translationStrategy.startsWith('Underscore')) return attribute;
  let plain = attribute.replace(/[^a-zA-Z0-9_]/g, '_');
  if (!naming.labelNamePreserveMultipleUnderscores) plain = plain.replace(/_{2,}/g, '_');
  if (/^\d/.test(plain)) return `key_${plain}`;
  const needsPrefix = plain.startsWith('_') && !plain.startsWith('__');
  return naming.labelNameUnderscoreSanitization && needsPrefix ? `key${plain}` : plain;
}
