import { type Reducer, reducePoints } from './reduce.ts';
import type { Point, SeriesValue, Value, Values } from './values.ts';

export const upsamplers = ['pad', 'backfilling', 'fillna'] as const;
export type Upsampler = (typeof upsamplers)[number];

export interface Resampling {
  readonly windowMs: number;
  readonly downsampler: Reducer;
  /** What stands in windows without a point: the last one, the next one, or null. */
  readonly upsampler: Upsampler;
}

export interface TimeRange {
  readonly fromMs: number;
  /** Inclusive. */
  readonly toMs: number;
}

/** Points of one result; more are a window that is too small for the range. */
export const maxResampledPoints = 50_000;

/**
 * Series with a point at each multiple of the window from the start of the range on.
 * @throws {RangeError} when that would be more than {@link maxResampledPoints}, or there is a number among them
 */
export function resample(values: Values, how: Resampling, range: TimeRange): Values {
  const count = Math.floor((range.toMs - range.fromMs) / how.windowMs) + 1;
  if (count > maxResampledPoints) {
    throw new RangeError(
      `the window gives ${count} points for the time range; ${maxResampledPoints} are allowed`,
    );
  }
  return values.map((value): Value => {
    if (value.kind === 'noData') return value;
    if (value.kind !== 'series') throw new RangeError('can only resample type series');
    return resampleSeries(value, how, range);
  });
}

function resampleSeries(
  { labels, timesMs, values }: SeriesValue,
  { windowMs, downsampler, upsampler }: Resampling,
  { fromMs, toMs }: TimeRange,
): SeriesValue {
  const outTimesMs: number[] = [];
  const out: Point[] = [];
  let next = 0;
  let last: Point = null;
  for (let timeMs = fromMs; timeMs <= toMs; timeMs += windowMs) {
    const start = next;
    while (next < timesMs.length && timesMs[next]! <= timeMs) next++;
    outTimesMs.push(timeMs);
    if (next > start) {
      last = values[next - 1] ?? null;
      out.push(reducePoints(values.slice(start, next), downsampler));
    } else {
      out.push(
        upsampler === 'pad' ? last : upsampler === 'backfilling' ? (values[next] ?? null) : null,
      );
    }
  }
  return { kind: 'series', labels, timesMs: outTimesMs, values: out };
}
