import { AppError } from '#base';
import type { BucketSpan, CounterResetHint, FloatHistogram } from '#metrics/model';

const hints: Readonly<Record<string, CounterResetHint>> = {
  unknown: 'unknown',
  reset: 'reset',
  not_reset: 'notReset',
  gauge: 'gauge',
};

interface Parts {
  schema: number;
  sum: number;
  count: number;
  z_bucket: number;
  z_bucket_w: number;
  offset: number;
  n_offset: number;
  buckets: number[];
  n_buckets: number[];
  custom_values: number[];
}

const numberKeys = new Set([
  'schema',
  'sum',
  'count',
  'z_bucket',
  'z_bucket_w',
  'offset',
  'n_offset',
]);
const listKeys = new Set(['buckets', 'n_buckets', 'custom_values']);

const fail = (text: string, reason: string): never => {
  throw new AppError('PROMQL_NOTATION', `${reason} in ${JSON.stringify(text)}`, {
    hint: 'A histogram is written as {{schema:1 sum:2 count:3 buckets:[1 2] offset:-1}}',
  });
};

/** A histogram in the notation of series of tests, from `{{` on. */
export function parseHistogram(
  text: string,
  from: number,
): { readonly histogram: FloatHistogram; readonly hasHint: boolean; readonly end: number } {
  const close = text.indexOf('}}', from);
  if (!text.startsWith('{{', from) || close < 0) return fail(text.slice(from), 'expected {{ … }}');
  const inner = text.slice(from + 2, close);
  const parts: Parts = {
    schema: 0,
    sum: 0,
    count: 0,
    z_bucket: 0,
    z_bucket_w: 0,
    offset: 0,
    n_offset: 0,
    buckets: [],
    n_buckets: [],
    custom_values: [],
  };
  let hint: CounterResetHint | undefined;
  const seen = new Set<string>();
  for (const match of inner.matchAll(/\s*([a-z_]+):(\[[^\]]*\]|[^\s[\]]+)|\S+/g)) {
    const [whole, key, value] = match;
    if (key === undefined || value === undefined)
      return fail(text, `bad histogram descriptor found: "${whole}"`);
    if (seen.has(key)) return fail(text, `duplicate key "${key}" in histogram`);
    seen.add(key);
    if (key === 'counter_reset_hint') {
      hint = hints[value] ?? fail(text, `unknown counter reset hint "${value}"`);
    } else if (numberKeys.has(key)) {
      parts[key as 'schema'] = parseNumber(value, text);
    } else if (listKeys.has(key)) {
      parts[key as 'buckets'] = parseList(value, text);
    } else {
      return fail(text, `bad histogram descriptor found: "${key}"`);
    }
  }
  const histogram: FloatHistogram = {
    schema: parts.schema,
    zeroThreshold: parts.z_bucket_w,
    zeroCount: parts.z_bucket,
    count: parts.count,
    sum: parts.sum,
    positiveSpans: spanOf(parts.offset, parts.buckets),
    positiveBuckets: parts.buckets,
    negativeSpans: spanOf(parts.n_offset, parts.n_buckets),
    negativeBuckets: parts.n_buckets,
    customValues: parts.custom_values,
    counterResetHint: hint ?? 'unknown',
  };
  return { histogram, hasHint: hint !== undefined, end: close + 2 };
}

const spanOf = (offset: number, buckets: readonly number[]): BucketSpan[] =>
  buckets.length === 0 ? [] : [{ offset, length: buckets.length }];

function parseList(text: string, whole: string): number[] {
  return text
    .slice(1, -1)
    .split(/\s+/)
    .filter((part) => part !== '')
    .map((part) => parseNumber(part, whole));
}

function parseNumber(text: string, whole: string): number {
  const infinite = /^([+-]?)inf$/i.exec(text);
  if (infinite !== null)
    return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isNaN(value) || text === ''
    ? fail(whole, `expected a number, got "${text}"`)
    : value;
}
