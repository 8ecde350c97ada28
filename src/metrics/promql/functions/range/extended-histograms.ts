import type { FloatHistogram } from '#metrics/model';
import type { HistogramWindows, SeriesWindows } from '../../engine/series-windows.ts';
import { HistogramAccumulator } from '../../histogram/accumulator.ts';
import { usesCustomBuckets } from '../../histogram/buckets.ts';
import { isReset } from '../../histogram/resets.ts';
import { divided, multiplied, withHint } from '../../histogram/scale.ts';
import type { CounterKind } from './counters.ts';
import { type Extension, extendedBounds } from './extended-bounds.ts';
import type { RangeCall } from './kernel.ts';
import { informOfReconciledBounds, warnNotCounter, warnNotGauge, warnOfSchemas } from './notes.ts';

interface TimedHistogram {
  readonly timeMs: number;
  readonly histogram: FloatHistogram;
}

/** The histogram at a time between two samples; undefined where their layouts do not fit. */
export function interpolatedHistogram(
  before: TimedHistogram,
  after: TimedHistogram,
  timeMs: number,
  isCounter: boolean,
  note: { schemas(): void; reconciled(operation: 'addition' | 'subtraction'): void },
): FloatHistogram | undefined {
  if (usesCustomBuckets(before.histogram) !== usesCustomBuckets(after.histogram)) {
    note.schemas();
    return undefined;
  }
  if (timeMs === before.timeMs) return before.histogram;
  if (timeMs === after.timeMs) return after.histogram;
  const share = (timeMs - before.timeMs) / (after.timeMs - before.timeMs);
  if (isCounter && isReset(after.histogram, before.histogram)) {
    return multiplied(after.histogram, share);
  }
  const sum = new HistogramAccumulator(after.histogram);
  const subtracted = sum.subtract(before.histogram);
  if (subtracted === undefined) {
    note.schemas();
    return undefined;
  }
  if (subtracted.isReconciled) note.reconciled('subtraction');
  sum.multiply(share);
  if (sum.add(before.histogram)?.isReconciled === true) note.reconciled('addition');
  return sum.toHistogram();
}

/** `rate`, `increase` and `delta` of histograms over an extended range. */
export function extendedHistograms(
  extension: Extension,
  { isCounter, isRate }: CounterKind,
): (windows: SeriesWindows, step: number, call: RangeCall) => FloatHistogram | undefined {
  return (windows, step, call) => {
    const found = windows.histograms!;
    const from = found.low[step]!;
    const bounds = extendedBounds(found.timesMs, from, found.high[step]!, windows, step, extension);
    if (bounds === undefined) return undefined;
    const { first, last } = bounds;
    if (!isOneLayout(found, first, last, isCounter, call)) return undefined;
    const at = (index: number): TimedHistogram => ({
      timeMs: found.timesMs[index]!,
      histogram: found.values[index]!,
    });
    const note = {
      schemas: (): void => warnOfSchemas(call),
      reconciled: (operation: 'addition' | 'subtraction'): void =>
        informOfReconciledBounds(call, operation),
    };
    const startMs = windows.startMs(step);
    const endMs = windows.endMs(step);
    const isSmoothed = extension === 'smoothed';
    const left =
      isSmoothed && found.timesMs[first]! < startMs
        ? interpolatedHistogram(at(first), at(first + 1), startMs, isCounter, note)
        : found.values[first]!;
    const right =
      isSmoothed && last > from && found.timesMs[last]! > endMs
        ? interpolatedHistogram(at(last - 1), at(last), endMs, isCounter, note)
        : found.values[last]!;
    if (left === undefined || right === undefined) return undefined;
    const areGauges = left.counterResetHint === 'gauge' && right.counterResetHint === 'gauge';
    if (!isCounter && !areGauges) warnNotGauge(call);

    const sum = new HistogramAccumulator(right);
    const subtracted = sum.subtract(left);
    if (subtracted === undefined) {
      warnOfSchemas(call);
      return undefined;
    }
    if (subtracted.isReconciled) note.reconciled('subtraction');
    if (isCounter) {
      const isResetAtStart =
        isSmoothed &&
        found.timesMs[first]! < startMs &&
        isReset(at(first + 1).histogram, at(first).histogram);
      const previous = isResetAtStart ? found.values[first + 1]! : left;
      const next = first + (isResetAtStart ? 2 : 1);
      if (!addResets(sum, found, next, last, previous, right, note)) return undefined;
    }
    const change = withHint(sum.toHistogram(), 'gauge');
    return isRate ? divided(change, windows.windows.rangeMs / 1000) : change;
  };
}

function isOneLayout(
  found: HistogramWindows,
  first: number,
  last: number,
  isCounter: boolean,
  call: RangeCall,
): boolean {
  const isCustom = usesCustomBuckets(found.values[first]!);
  for (let at = first; at <= last; at++) {
    const histogram = found.values[at]!;
    if (usesCustomBuckets(histogram) !== isCustom) {
      warnOfSchemas(call);
      return false;
    }
    if (isCounter && histogram.counterResetHint === 'gauge') warnNotCounter(call);
  }
  return true;
}

/** Adds what was counted before each reset from sample `next` on. */
function addResets(
  sum: HistogramAccumulator,
  found: HistogramWindows,
  next: number,
  last: number,
  before: FloatHistogram,
  right: FloatHistogram,
  note: { schemas(): void; reconciled(operation: 'addition'): void },
): boolean {
  let previous = before;
  const add = (): boolean => {
    const added = sum.add(previous);
    if (added === undefined) note.schemas();
    else if (added.isReconciled) note.reconciled('addition');
    return added !== undefined;
  };
  if (next > last) return true;
  for (let at = next; at < last; at++) {
    const histogram = found.values[at]!;
    if (isReset(histogram, previous) && !add()) return false;
    previous = histogram;
  }
  return !isReset(right, previous) || add();
}
