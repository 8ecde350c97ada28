import { customBucketsSchema, type FloatHistogram } from '#metrics/model';
import type { ExpositionEntry, ParsedExemplar, ParsedSample } from './entries.ts';
import { parseGoFloat } from './number.ts';

interface Collected {
  /** Family and labels without `le`, in the order that they came in. */
  readonly pairs: readonly string[];
  /** Upper bound and cumulative count. */
  readonly buckets: { readonly bound: number; readonly count: number }[];
  count: number | undefined;
  sum: number | undefined;
  timeMs: number | undefined;
  startTimeMs: number | undefined;
  readonly exemplars: ParsedExemplar[];
  readonly classic: ParsedSample[];
}

/**
 * Turns the series of each classic histogram into one native histogram with custom buckets (NHCB).
 * A histogram whose series do not fit together (no count, buckets that go down) stays classic; one
 * that is native already keeps its form.
 *
 * Source: `model/textparse/nhcbparse.go` of Prometheus 3.
 */
export function* convertClassicHistograms(
  entries: Iterable<ExpositionEntry>,
  keepClassic: boolean,
): Generator<ExpositionEntry> {
  let family = '';
  let isHistogram = false;
  let collected = new Map<string, Collected>();
  const native = new Set<string>();
  const flush = function* (): Generator<ExpositionEntry> {
    for (const [key, parts] of collected) {
      const histogram = native.has(key) ? undefined : customHistogram(parts);
      if (histogram !== undefined) {
        yield {
          kind: 'sample',
          pairs: parts.pairs,
          value: 0,
          timeMs: parts.timeMs,
          histogram,
          ...(parts.startTimeMs === undefined ? {} : { startTimeMs: parts.startTimeMs }),
          ...(parts.exemplars.length === 0 ? {} : { exemplars: parts.exemplars }),
        };
      }
      if (histogram === undefined || keepClassic) yield* parts.classic;
    }
    collected = new Map();
    native.clear();
  };
  for (const entry of entries) {
    if (entry.kind !== 'sample') {
      if (entry.family !== family) yield* flush();
      if (entry.kind === 'type') {
        family = entry.family;
        isHistogram = entry.text === 'histogram';
      }
      yield entry;
      continue;
    }
    const suffix = isHistogram ? suffixOf(entry.pairs[1] ?? '', family) : undefined;
    if (suffix === undefined) {
      if (entry.histogram !== undefined) native.add(keyOf(entry.pairs));
      else yield* flush();
      yield entry;
      continue;
    }
    collect(collected, family, suffix, entry);
  }
  yield* flush();
}

type Suffix = '_bucket' | '_count' | '_sum';

function suffixOf(name: string, family: string): Suffix | undefined {
  for (const suffix of ['_bucket', '_count', '_sum'] as const) {
    if (name.length === family.length + suffix.length && name === family + suffix) return suffix;
  }
  return undefined;
}

const keyOf = (pairs: readonly string[]): string => {
  const sorted: string[] = [];
  for (let at = 2; at < pairs.length; at += 2) {
    if (pairs[at] !== 'le') sorted.push(`${pairs[at]}\u0000${pairs[at + 1]}`);
  }
  return sorted.sort().join('\u0001');
};

function collect(
  collected: Map<string, Collected>,
  family: string,
  suffix: Suffix,
  entry: ParsedSample,
): void {
  const key = keyOf(entry.pairs);
  let parts = collected.get(key);
  if (parts === undefined) {
    const pairs = ['__name__', family];
    for (let at = 2; at < entry.pairs.length; at += 2) {
      if (entry.pairs[at] !== 'le') pairs.push(entry.pairs[at]!, entry.pairs[at + 1]!);
    }
    parts = {
      pairs,
      buckets: [],
      count: undefined,
      sum: undefined,
      timeMs: entry.timeMs,
      startTimeMs: entry.startTimeMs,
      exemplars: [],
      classic: [],
    };
    collected.set(key, parts);
  }
  parts.classic.push(entry);
  if (entry.exemplars !== undefined) parts.exemplars.push(...entry.exemplars);
  if (suffix === '_count') parts.count = entry.value;
  else if (suffix === '_sum') parts.sum = entry.value;
  else {
    const at = entry.pairs.indexOf('le', 2);
    const bound = at < 0 ? undefined : boundOf(entry.pairs[at + 1]!);
    // Without a bound this is no bucket: the histogram will not fit together.
    parts.buckets.push({ bound: bound ?? Number.NaN, count: entry.value });
  }
}

function boundOf(text: string): number | undefined {
  try {
    return parseGoFloat(text);
  } catch {
    return undefined;
  }
}

function customHistogram(parts: Collected): FloatHistogram | undefined {
  const buckets = [...parts.buckets].sort((a, b) => a.bound - b.bound);
  const last = buckets.at(-1);
  const count = parts.count ?? (last?.bound === Number.POSITIVE_INFINITY ? last.count : undefined);
  if (count === undefined) return undefined;
  const finite = buckets.filter(({ bound }) => bound !== Number.POSITIVE_INFINITY);
  const bounds = finite.map(({ bound }) => bound);
  const absolute: number[] = [];
  let before = 0;
  for (const [index, bucket] of finite.entries()) {
    const isRepeated = index > 0 && bounds[index - 1] === bucket.bound;
    if (Number.isNaN(bucket.bound) || isRepeated || !(bucket.count >= before)) return undefined;
    absolute.push(bucket.count - before);
    before = bucket.count;
  }
  if (count < before) return undefined;
  absolute.push(count - before);
  return {
    schema: customBucketsSchema,
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum: parts.sum ?? Number.NaN,
    positiveSpans: [{ offset: 0, length: absolute.length }],
    positiveBuckets: absolute,
    negativeSpans: [],
    negativeBuckets: [],
    customValues: bounds,
    counterResetHint: 'unknown',
  };
}
