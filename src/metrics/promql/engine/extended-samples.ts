import { boundValues, type Extension, extendedBounds } from '../functions/range/extended-bounds.ts';
import type { SeriesWindows } from './series-windows.ts';

/** The samples of an extended range as a result of its own: values at both bounds, and those between. */
export function extendedSamples(
  windows: SeriesWindows,
  extension: Extension,
): { readonly timesMs: Float64Array; readonly values: Float64Array } {
  const none = { timesMs: new Float64Array(0), values: new Float64Array(0) };
  const { timesMs, values, low, high } = windows;
  const from = low[0]!;
  const bounds = extendedBounds(timesMs, from, high[0]!, windows, 0, extension);
  if (bounds === undefined) return none;
  const startMs = windows.startMs(0);
  const endMs = windows.endMs(0);
  const { left, right } = boundValues(windows, 0, bounds, from, extension, false);
  const first = bounds.first + (timesMs[bounds.first]! <= startMs ? 1 : 0);
  const last = bounds.last - (timesMs[bounds.last]! >= endMs ? 1 : 0);
  const inner = [...timesMs.subarray(first, last + 1)];
  const innerValues = [...values.subarray(first, last + 1)];
  return {
    timesMs: Float64Array.of(startMs, ...inner, endMs),
    values: Float64Array.of(left, ...innerValues, right),
  };
}
