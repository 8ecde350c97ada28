import type { FloatHistogram } from '#metrics/model';
import type { HistogramWindows, SeriesWindows } from '../../engine/series-windows.ts';
import { HistogramAccumulator } from '../../histogram/accumulator.ts';
import { usesCustomBuckets } from '../../histogram/buckets.ts';
import { isReset } from '../../histogram/resets.ts';
import { divided, multiplied, withHint } from '../../histogram/scale.ts';
import { type CounterKind, extrapolationFactor } from './counters.ts';
import type { HistogramStep, RangeCall } from './kernel.ts';
import {
  informOfReconciledBounds,
  warnNotCounter,
  warnNotGauge,
  warnOfMix,
  warnOfSchemas,
} from './notes.ts';
import { isResetByStart, overlapsPrevious, type StartTimes } from './start-times.ts';

/** `rate`, `increase` and `delta` of a window with histograms. */
export function extrapolatedHistograms(kind: CounterKind): HistogramStep {
  return (windows, step, row, call) => {
    row.remove(step);
    if (windows.high[step]! > windows.low[step]!) return warnOfMix(call);
    const result = rateOf(windows, step, kind, call);
    if (result !== undefined) row.setHistogram(step, result);
  };
}

function rateOf(
  windows: SeriesWindows,
  step: number,
  { isCounter, isRate }: CounterKind,
  call: RangeCall,
): FloatHistogram | undefined {
  const found = windows.histograms!;
  const first = found.low[step]!;
  const last = found.high[step]! - 1;
  let change: FloatHistogram | undefined;
  if (last > first) {
    change = changeOf(found, first, last, isCounter, call);
    if (change === undefined) return undefined;
  }
  const firstCount = found.values[first]!.count;
  const factor = extrapolationFactor({
    windowStartMs: windows.startMs(step),
    windowEndMs: windows.endMs(step),
    firstMs: found.timesMs[first]!,
    lastMs: found.timesMs[last]!,
    gaps: last - first,
    startMs: isCounter ? (found.startTimesMs[first] ?? 0) : 0,
    zeroShare: () =>
      isCounter && change !== undefined && change.count > 0 && firstCount >= 0
        ? firstCount / change.count
        : undefined,
  });
  if (factor === undefined) return undefined;
  if (factor.startsInside) {
    change = withFirst(change, found.values[first]!, call);
    if (change === undefined) return undefined;
  }
  const scale = factor.factor / (isRate ? windows.windows.rangeMs / 1000 : 1);
  return multiplied(change!, scale);
}

function withFirst(
  change: FloatHistogram | undefined,
  first: FloatHistogram,
  call: RangeCall,
): FloatHistogram | undefined {
  if (change === undefined) return first;
  const sum = new HistogramAccumulator(change);
  const added = sum.add(first);
  if (added === undefined) {
    warnOfSchemas(call);
    return undefined;
  }
  if (added.isReconciled) informOfReconciledBounds(call, 'addition');
  return sum.toHistogram();
}

const timesOf = (found: HistogramWindows, at: number): StartTimes => ({
  previousStartMs: found.startTimesMs[at - 1] ?? 0,
  previousMs: found.timesMs[at - 1]!,
  startMs: found.startTimesMs[at] ?? 0,
  timeMs: found.timesMs[at]!,
});

/** What was observed between two samples; undefined where their layouts do not allow to say. */
function changeOf(
  found: HistogramWindows,
  first: number,
  last: number,
  isCounter: boolean,
  call: RangeCall,
): FloatHistogram | undefined {
  const { values } = found;
  const isGauge = (at: number): boolean => values[at]!.counterResetHint === 'gauge';
  if (isCounter) {
    for (let at = first; at <= last; at++) if (isGauge(at)) warnNotCounter(call);
  } else if (!isGauge(first) || !isGauge(last)) warnNotGauge(call);

  // Where the counter was reset right after the first sample, that sample need not fit the others.
  const isFirstLeftOut =
    isCounter &&
    (isResetByStart(timesOf(found, first + 1)) || isReset(values[first + 1]!, values[first]!));
  const reference = isFirstLeftOut ? values[first + 1]! : values[first]!;
  for (let at = isCounter ? first + 1 : last; at <= last; at++) {
    if (usesCustomBuckets(values[at]!) === usesCustomBuckets(reference)) continue;
    warnOfSchemas(call);
    return undefined;
  }
  return isCounter
    ? counterChange(found, first, last, isFirstLeftOut, call)
    : difference(values[last]!, values[first]!, call);
}

function difference(
  last: FloatHistogram,
  first: FloatHistogram,
  call: RangeCall,
): FloatHistogram | undefined {
  const sum = new HistogramAccumulator(last);
  const done = sum.subtract(first);
  if (done === undefined) return undefined;
  if (done.isReconciled) informOfReconciledBounds(call, 'subtraction');
  return withHint(sum.toHistogram(), 'gauge');
}

function counterChange(
  found: HistogramWindows,
  first: number,
  last: number,
  isFirstLeftOut: boolean,
  call: RangeCall,
): FloatHistogram {
  const { values } = found;
  const sum = new HistogramAccumulator(values[last]!);
  if (!isFirstLeftOut && sum.subtract(values[first]!)?.isReconciled === true) {
    informOfReconciledBounds(call, 'subtraction');
  }
  let hasWarned = false;
  for (let at = first + 1; at <= last; at++) {
    const times = timesOf(found, at);
    if (!hasWarned && overlapsPrevious(times)) {
      call.annotations.startTimeOverlap(call.metric(), call.span);
      hasWarned = true;
    }
    if (at === first + 1 && isFirstLeftOut) continue;
    if (!isResetByStart(times) && !isReset(values[at]!, values[at - 1]!)) continue;
    if (sum.add(values[at - 1]!)?.isReconciled === true) informOfReconciledBounds(call, 'addition');
  }
  return withHint(sum.toHistogram(), 'gauge');
}

/** `irate` and `idelta` where one of the last two samples is a histogram. */
export function instantHistogramChange(isRate: boolean): HistogramStep {
  return (windows, step, row, call) => {
    row.remove(step);
    const [previous, last] = lastTwo(windows, step);
    if (previous === undefined || last === undefined) return;
    if (previous.histogram === undefined && last.histogram === undefined) {
      // Both are floats: the histograms of the window are older.
      const value = floatChange(previous, last, isRate);
      if (value !== undefined) row.setFloat(step, value);
      return;
    }
    if (previous.histogram === undefined || last.histogram === undefined) {
      warnOfMix(call);
      return;
    }
    const change = pairChange(previous, last, isRate, call);
    if (change !== undefined) row.setHistogram(step, change);
  };
}

interface Sample {
  readonly timeMs: number;
  readonly startMs: number;
  readonly value: number;
  readonly histogram: FloatHistogram | undefined;
}

function lastTwo(
  windows: SeriesWindows,
  step: number,
): [previous: Sample | undefined, last: Sample | undefined] {
  const found = windows.histograms!;
  const samples: Sample[] = [];
  const floatEnd = windows.high[step]!;
  for (let at = Math.max(windows.low[step]!, floatEnd - 2); at < floatEnd; at++) {
    samples.push({
      timeMs: windows.timesMs[at]!,
      startMs: windows.startTimesMs?.[at] ?? 0,
      value: windows.values[at]!,
      histogram: undefined,
    });
  }
  const histogramEnd = found.high[step]!;
  for (let at = Math.max(found.low[step]!, histogramEnd - 2); at < histogramEnd; at++) {
    samples.push({
      timeMs: found.timesMs[at]!,
      startMs: found.startTimesMs[at] ?? 0,
      value: 0,
      histogram: found.values[at]!,
    });
  }
  samples.sort((a, b) => a.timeMs - b.timeMs);
  return [samples.at(-2), samples.at(-1)];
}

const startsOf = (previous: Sample, last: Sample): StartTimes => ({
  previousStartMs: previous.startMs,
  previousMs: previous.timeMs,
  startMs: last.startMs,
  timeMs: last.timeMs,
});

function floatChange(previous: Sample, last: Sample, isRate: boolean): number | undefined {
  const spanMs = last.timeMs - previous.timeMs;
  if (spanMs === 0) return undefined;
  const wasReset =
    isRate && (last.value < previous.value || isResetByStart(startsOf(previous, last)));
  const change = wasReset ? last.value : last.value - previous.value;
  return isRate ? change / (spanMs / 1000) : change;
}

function pairChange(
  previous: Sample,
  last: Sample,
  isRate: boolean,
  call: RangeCall,
): FloatHistogram | undefined {
  const before = previous.histogram!;
  const now = last.histogram!;
  const spanMs = last.timeMs - previous.timeMs;
  if (spanMs === 0) return undefined;
  const gauges = [before, now].filter(
    ({ counterResetHint }) => counterResetHint === 'gauge',
  ).length;
  if (isRate && gauges > 0) warnNotCounter(call);
  if (!isRate && gauges < 2) warnNotGauge(call);
  const wasReset = isRate && (isResetByStart(startsOf(previous, last)) || isReset(now, before));
  const sum = new HistogramAccumulator(now);
  if (!wasReset) {
    const done = sum.subtract(before);
    if (done === undefined) {
      warnOfSchemas(call);
      return undefined;
    }
    if (done.isReconciled) informOfReconciledBounds(call, 'subtraction');
  }
  const change = withHint(sum.toHistogram(), 'gauge');
  return isRate ? divided(change, spanMs / 1000) : change;
}
