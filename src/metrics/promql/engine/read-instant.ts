import { isStaleAt, isStaleValue, type SampleColumns, wordsOf } from '#metrics/model';
import type { Windows } from './grid.ts';
import type { Row } from './row.ts';

/** Fills a row with the newest sample of each window. @returns how many steps have one */
export function readInstant(
  columns: SampleColumns,
  windows: Windows,
  row: Row,
  timesOut: Float64Array | undefined,
  startsOut: Float64Array | undefined,
): number {
  const { count, timesMs, values, histograms, startTimesMs } = columns;
  if (count === 0) return 0;
  const words = wordsOf(values);
  const { values: out, kinds } = row;
  let end = windows.endMs;
  let at = -1;
  let found = 0;
  for (let step = 0; step < windows.count; step++, end += windows.stepMs) {
    while (at + 1 < count && timesMs[at + 1]! <= end) at++;
    if (at < 0 || timesMs[at]! <= end - windows.rangeMs) continue;
    const histogram = histograms?.[at];
    if (histogram !== undefined) {
      if (isStaleValue(histogram.sum)) continue;
      row.setHistogram(step, histogram);
    } else {
      const value = values[at]!;
      // biome-ignore lint/suspicious/noSelfCompare: the fastest test for NaN, once for each sample
      if (value !== value && isStaleAt(words, at)) continue;
      out[step] = value;
      kinds[step] = 1;
    }
    if (timesOut !== undefined) timesOut[step] = timesMs[at]!;
    if (startsOut !== undefined) startsOut[step] = startTimesMs?.[at] ?? 0;
    found++;
  }
  return found;
}
