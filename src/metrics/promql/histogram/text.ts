import type { BucketSpan, FloatHistogram } from '#metrics/model';
import { formatGeneral } from '../parser/go-text.ts';
import {
  exponentialBound,
  lowerBound,
  negativeBuckets,
  positiveBuckets,
  upperBound,
  usesCustomBuckets,
} from './buckets.ts';

/**
 * A histogram as text, as `count_values` names it: `{count:3, sum:1.5, (1,2]:3}`.
 *
 * Source: `FloatHistogram.String` of Prometheus.
 */
export function formatHistogram(histogram: FloatHistogram): string {
  const { schema, customValues, zeroThreshold, zeroCount } = histogram;
  const g = formatGeneral;
  const parts = [`count:${g(histogram.count)}`, `sum:${g(histogram.sum)}`];
  const negative = negativeBuckets(histogram).filter(([, count]) => count !== 0);
  for (const [index, count] of negative.reverse()) {
    const lower = -exponentialBound(index, schema);
    parts.push(`[${g(lower)},${g(-exponentialBound(index - 1, schema))}):${g(count)}`);
  }
  if (zeroCount !== 0) parts.push(`[${g(-zeroThreshold)},${g(zeroThreshold)}]:${g(zeroCount)}`);
  for (const [index, count] of positiveBuckets(histogram)) {
    if (count === 0) continue;
    const lower = lowerBound(index, schema, customValues);
    const upper = upperBound(index, schema, customValues);
    const open = lower < 0 ? '[' : '(';
    const close = upper > 0 ? ']' : ')';
    parts.push(`${open}${g(lower)},${g(upper)}${close}:${g(count)}`);
  }
  return `{${parts.join(', ')}}`;
}

/** A histogram in the notation of series of tests: `{{schema:1 sum:2 count:3 buckets:[1 2]}}`. */
export function histogramNotation(histogram: FloatHistogram): string {
  const g = formatGeneral;
  const parts: string[] = [];
  const add = (key: string, value: number): void => {
    if (value !== 0) parts.push(`${key}:${g(value)}`);
  };
  add('schema', histogram.schema);
  add('count', histogram.count);
  add('sum', histogram.sum);
  add('z_bucket', histogram.zeroCount);
  add('z_bucket_w', histogram.zeroThreshold);
  if (usesCustomBuckets(histogram)) {
    parts.push(`custom_values:[${histogram.customValues.map(g).join(' ')}]`);
  }
  const hint = histogram.counterResetHint;
  if (hint !== 'unknown') {
    parts.push(`counter_reset_hint:${hint === 'notReset' ? 'not_reset' : hint}`);
  }
  parts.push(...sideNotation('', histogram.positiveSpans, histogram.positiveBuckets));
  parts.push(...sideNotation('n_', histogram.negativeSpans, histogram.negativeBuckets));
  return `{{${parts.join(' ')}}}`;
}

function sideNotation(
  prefix: string,
  spans: readonly BucketSpan[],
  counts: readonly number[],
): string[] {
  const filled: number[] = [];
  let at = 0;
  for (const [number, { offset, length }] of spans.entries()) {
    // The notation knows one span: gaps are written as empty buckets.
    if (number > 0) for (let gap = 0; gap < offset; gap++) filled.push(0);
    for (let inSpan = 0; inSpan < length; inSpan++) filled.push(counts[at++]!);
  }
  if (filled.length === 0) return [];
  const buckets = `${prefix}buckets:[${filled.map(formatGeneral).join(' ')}]`;
  const offset = spans[0]!.offset;
  return offset === 0 ? [buckets] : [`${prefix}offset:${offset}`, buckets];
}
