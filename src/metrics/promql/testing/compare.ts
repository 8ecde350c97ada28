import {
  compareLabels,
  type FloatHistogram,
  formatLabels,
  isStaleValue,
  labelsKey,
} from '#metrics/model';
import type { QueryValue, ResultSeries } from '../contract.ts';
import { isAlmostEqual } from '../functions/vector/classic.ts';
import {
  equalBounds,
  negativeBuckets,
  positiveBuckets,
  usesCustomBuckets,
} from '../histogram/buckets.ts';
import { histogramNotation } from '../histogram/text.ts';
import type { EvalCommand } from './script.ts';
import type { SeriesValue } from './series-notation.ts';

/** Relative difference of values that are still the same. */
const epsilon = 1e-6;

const isSame = (a: number, b: number): boolean => {
  if (isStaleValue(a) || isStaleValue(b)) return isStaleValue(a) && isStaleValue(b);
  return isAlmostEqual(a, b, epsilon);
};

/** How an answer differs from what a script expects; undefined: it does not. */
export function compareResult(value: QueryValue, command: EvalCommand): string | undefined {
  const { expected } = command;
  switch (value.type) {
    case 'string':
      return value.value === expected.text
        ? undefined
        : `expected another string than ${JSON.stringify(value.value)}`;
    case 'scalar':
      if (expected.scalar === undefined) return `expected no scalar, got ${value.value}`;
      return isSame(expected.scalar, value.value)
        ? undefined
        : `expected ${expected.scalar}, got ${value.value}`;
    case 'vector':
      return compareVector(value.series, command);
    case 'matrix':
      return compareMatrix(value.series, command);
    default:
      return value satisfies never;
  }
}

function compareVector(
  series: readonly ResultSeries[],
  { expected }: EvalCommand,
): string | undefined {
  if (expected.scalar !== undefined) return 'expected a scalar, got a vector';
  const wanted = new Map(
    expected.series.map((each, position) => [labelsKey(each.labels), { ...each, position }]),
  );
  const seen = new Set<string>();
  for (const [position, each] of series.entries()) {
    const key = labelsKey(each.labels);
    const text = formatLabels(each.labels);
    const want = wanted.get(key);
    if (want === undefined) return `unexpected ${text} in result, has ${describe(each)}`;
    if (expected.isOrdered && want.position !== position) {
      return `expected ${text} at position ${want.position + 1}, got it at ${position + 1}`;
    }
    seen.add(key);
    const difference = compareValue(
      want.values[0]!,
      each.values[0],
      each.histograms?.[0]?.histogram,
    );
    if (difference !== undefined) return `${text}: ${difference}`;
  }
  return missing(expected.series, seen);
}

function missing(
  wanted: readonly { readonly labels: ResultSeries['labels'] }[],
  seen: ReadonlySet<string>,
): string | undefined {
  const absent = wanted.find(({ labels }) => !seen.has(labelsKey(labels)));
  return absent === undefined ? undefined : `expected ${formatLabels(absent.labels)}, not found`;
}

const describe = ({ values, histograms = [] }: ResultSeries): string =>
  [...values, ...histograms.map(({ histogram }) => histogramNotation(histogram))].join(' ');

function compareValue(
  want: SeriesValue,
  value: number | undefined,
  histogram: FloatHistogram | undefined,
): string | undefined {
  switch (want.kind) {
    case 'gap':
      return 'expected no sample';
    case 'float':
      if (value === undefined)
        return `expected ${want.value}, got ${histogramNotation(histogram!)}`;
      return isSame(want.value, value) ? undefined : `expected ${want.value}, got ${value}`;
    case 'histogram':
      if (histogram === undefined)
        return `expected ${histogramNotation(want.histogram)}, got ${value}`;
      return isSameHistogram(want.histogram, histogram, want.hasHint)
        ? undefined
        : `expected ${histogramNotation(want.histogram)}, got ${histogramNotation(histogram)}`;
    default:
      return want satisfies never;
  }
}

function compareMatrix(series: readonly ResultSeries[], command: EvalCommand): string | undefined {
  const { expected } = command;
  if (expected.scalar !== undefined) return 'expected a scalar, got a matrix';
  if (expected.isOrdered) return 'expected an ordered result, got a matrix';
  for (let at = 1; at < series.length; at++) {
    if (compareLabels(series[at - 1]!.labels, series[at]!.labels) > 0)
      return 'result is not sorted';
  }
  const { startMs, stepMs } = expected.range ?? command.range!;
  const seen = new Set<string>();
  for (const each of series) {
    const key = labelsKey(each.labels);
    const text = formatLabels(each.labels);
    const want = expected.series.find(({ labels }) => labelsKey(labels) === key);
    if (want === undefined) return `unexpected ${text} in result, has ${describe(each)}`;
    seen.add(key);
    const difference = compareSteps(want.values, each, startMs, stepMs);
    if (difference !== undefined) return `${text}: ${difference} (result has ${describe(each)})`;
  }
  return missing(expected.series, seen);
}

function compareSteps(
  wanted: readonly SeriesValue[],
  actual: ResultSeries,
  startMs: number,
  stepMs: number,
): string | undefined {
  const floats = new Map([...actual.timesMs].map((ms, at) => [ms, actual.values[at]!]));
  const histograms = new Map(
    (actual.histograms ?? []).map(({ timeMs, histogram }) => [timeMs, histogram]),
  );
  let expectedCount = 0;
  for (const [index, want] of wanted.entries()) {
    const timeMs = startMs + index * stepMs;
    if (want.kind === 'gap') continue;
    expectedCount++;
    if (!floats.has(timeMs) && !histograms.has(timeMs)) return `expected a sample at ${timeMs} ms`;
    const difference = compareValue(want, floats.get(timeMs), histograms.get(timeMs));
    if (difference !== undefined) return `at ${timeMs} ms: ${difference}`;
  }
  const count = floats.size + histograms.size;
  return count === expectedCount ? undefined : `expected ${expectedCount} samples, got ${count}`;
}

type Buckets = [index: number, count: number][];

function isSameSide(a: Buckets, b: Buckets): boolean {
  const left = a.filter(([, count]) => count !== 0);
  const right = b.filter(([, count]) => count !== 0);
  return (
    left.length === right.length &&
    left.every(([index, count], at) => {
      const [otherIndex, otherCount] = right[at]!;
      return index === otherIndex && isSame(count, otherCount);
    })
  );
}

function isSameHistogram(want: FloatHistogram, actual: FloatHistogram, hasHint: boolean): boolean {
  return (
    want.schema === actual.schema &&
    isSame(want.count, actual.count) &&
    isSame(want.sum, actual.sum) &&
    (!usesCustomBuckets(want) || equalBounds(want.customValues, actual.customValues)) &&
    want.zeroThreshold === actual.zeroThreshold &&
    isSame(want.zeroCount, actual.zeroCount) &&
    isSameSide(positiveBuckets(want), positiveBuckets(actual)) &&
    isSameSide(negativeBuckets(want), negativeBuckets(actual)) &&
    (!hasHint || want.counterResetHint === actual.counterResetHint)
  );
}
