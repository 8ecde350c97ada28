import { type FloatHistogram, isStaleValue, type SampleColumns } from '#metrics/model';
import { isReset } from '../histogram/resets.ts';

/**
 * Leaves only count and sum of histograms. What was a reset is told from the buckets before they go.
 */
export function keepStatistics(columns: SampleColumns): void {
  const { histograms, count } = columns;
  if (histograms === undefined) return;
  let previous: FloatHistogram | undefined;
  for (let at = 0; at < count; at++) {
    const histogram = histograms[at];
    if (histogram === undefined || isStaleValue(histogram.sum)) continue;
    let hint = histogram.counterResetHint;
    if (hint === 'unknown' && previous !== undefined) {
      hint = isReset(histogram, previous) ? 'reset' : 'notReset';
    }
    histograms[at] = statisticsOf(histogram, hint);
    previous = histogram;
  }
}

const statisticsOf = (
  { schema, count, sum }: FloatHistogram,
  counterResetHint: FloatHistogram['counterResetHint'],
): FloatHistogram => ({
  schema,
  count,
  sum,
  zeroThreshold: 0,
  zeroCount: 0,
  positiveSpans: [],
  positiveBuckets: [],
  negativeSpans: [],
  negativeBuckets: [],
  customValues: [],
  counterResetHint,
});
