import type { SeriesWindows } from '../../engine/series-windows.ts';

/**
 * Ranges that are `anchored` (they begin with the last sample at or before their start) or `smoothed`
 * (values at both bounds are interpolated). Windows come widened by what these need to look at.
 */
export type Extension = 'anchored' | 'smoothed';

/** A sample of a window; of histogram windows `value` is not looked at. */
interface Bounds {
  /** Index of the sample that the window begins with. */
  readonly first: number;
  /** Index of the sample that it ends with. */
  readonly last: number;
}

/**
 * The samples between which a window's change is measured; undefined: there is nothing to measure.
 */
export function extendedBounds(
  timesMs: ArrayLike<number>,
  from: number,
  to: number,
  windows: SeriesWindows,
  step: number,
  extension: Extension,
): Bounds | undefined {
  const startMs = windows.startMs(step);
  const endMs = windows.endMs(step);
  let last = to - 1;
  if (last < from) return undefined;
  let first = from;
  while (first < last && timesMs[first + 1]! <= startMs) first++;
  // Of the last sample alone nothing is before the window.
  if (extension === 'smoothed') {
    let end = from;
    while (end < last && timesMs[end]! < endMs) end++;
    last = end;
  }
  if (timesMs[last]! <= startMs) return undefined;
  if (extension === 'smoothed' && timesMs[first]! > endMs) return undefined;
  return { first, last };
}

export function interpolated(
  before: { readonly timeMs: number; readonly value: number },
  after: { readonly timeMs: number; readonly value: number },
  timeMs: number,
  isCounter: boolean,
): number {
  const base = isCounter && after.value < before.value ? 0 : before.value;
  const share = (timeMs - before.timeMs) / (after.timeMs - before.timeMs);
  return base + (after.value - base) * share;
}

const floatAt = ({ timesMs, values }: SeriesWindows, at: number) => ({
  timeMs: timesMs[at]!,
  value: values[at]!,
});

/** Values at the two bounds of a window. */
export function boundValues(
  windows: SeriesWindows,
  step: number,
  { first, last }: Bounds,
  from: number,
  extension: Extension,
  isCounter: boolean,
): { readonly left: number; readonly right: number } {
  const { timesMs, values } = windows;
  const startMs = windows.startMs(step);
  const endMs = windows.endMs(step);
  let left = values[first]!;
  let right = values[last]!;
  if (extension === 'smoothed') {
    if (timesMs[first]! < startMs) {
      left = interpolated(floatAt(windows, first), floatAt(windows, first + 1), startMs, isCounter);
    }
    if (last > from && timesMs[last]! > endMs) {
      right = interpolated(floatAt(windows, last - 1), floatAt(windows, last), endMs, isCounter);
    }
  }
  return { left, right };
}
