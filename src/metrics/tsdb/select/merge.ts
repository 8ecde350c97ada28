import { type SampleColumns, wordsOf } from '#metrics/model';
import type { Target } from '../codec/chunk.ts';

/** Moves samples [from, to) to an earlier place. Bits of values stay as they are. */
export function moveSamples(
  into: SampleColumns,
  target: Target,
  from: number,
  to: number,
  at: number,
): void {
  into.timesMs.copyWithin(at, from, to);
  into.values.copyWithin(at, from, to);
  target.startTimesMs?.copyWithin(at, from, to);
  if (into.histograms !== undefined) {
    for (let place = 0; place < to - from; place++) {
      into.histograms[at + place] = into.histograms[from + place];
    }
    into.histograms.length = at + to - from;
  }
}

/** The same for floats whose times are not written. */
export function moveValues(
  into: SampleColumns,
  target: Target,
  from: number,
  to: number,
  at: number,
): void {
  into.values.copyWithin(at, from, to);
  target.startTimesMs?.copyWithin(at, from, to);
  if (into.histograms !== undefined) into.histograms.length = at;
}

/** Sorts samples by time; of several of one time the first stays. Rare: late and imported samples. */
export function mergeByTime(into: SampleColumns): void {
  const { count, timesMs, values, histograms, startTimesMs } = into;
  const order = Uint32Array.from({ length: count }, (_, at) => at);
  order.sort((a, b) => timesMs[a]! - timesMs[b]! || a - b);
  const oldTimes = timesMs.slice(0, count);
  const oldWords = wordsOf(values).slice(0, count * 2);
  const words = wordsOf(values);
  const oldHistograms = histograms?.slice();
  const oldStarts = startTimesMs?.slice(0, count);
  let to = 0;
  for (const from of order) {
    if (to > 0 && oldTimes[from] === timesMs[to - 1]) continue;
    timesMs[to] = oldTimes[from]!;
    words[to * 2] = oldWords[from * 2]!;
    words[to * 2 + 1] = oldWords[from * 2 + 1]!;
    if (histograms !== undefined) histograms[to] = oldHistograms![from];
    if (startTimesMs !== undefined) startTimesMs[to] = oldStarts![from]!;
    to++;
  }
  into.count = to;
  if (histograms !== undefined) histograms.length = to;
}

/** Takes out samples within any of the ranges (from and to alternating, inclusive). */
export function removeIntervals(into: SampleColumns, ranges: readonly number[]): void {
  const { count, timesMs, values, histograms, startTimesMs } = into;
  const words = wordsOf(values);
  let to = 0;
  for (let at = 0; at < count; at++) {
    const timeMs = timesMs[at]!;
    let isGone = false;
    for (let range = 0; range < ranges.length; range += 2) {
      if (timeMs >= ranges[range]! && timeMs <= ranges[range + 1]!) isGone = true;
    }
    if (isGone) continue;
    if (to !== at) {
      timesMs[to] = timeMs;
      words[to * 2] = words[at * 2]!;
      words[to * 2 + 1] = words[at * 2 + 1]!;
      if (histograms !== undefined) histograms[to] = histograms[at];
      if (startTimesMs !== undefined) startTimesMs[to] = startTimesMs[at]!;
    }
    to++;
  }
  into.count = to;
  if (histograms !== undefined) histograms.length = to;
}
