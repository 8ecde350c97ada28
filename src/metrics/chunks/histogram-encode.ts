import type { FloatHistogram } from '#metrics/model';
import { BitWriter } from './bit-writer.ts';
import { hasSameLayout, writeLayout } from './histogram-layout.ts';
import { writeVarbitInt } from './varbit.ts';
import { bitsOfNumber, XorWriter } from './xor-value.ts';

const flagsOfHint = {
  unknown: 0,
  reset: 0b1000_0000,
  notReset: 0b0100_0000,
  gauge: 0b1100_0000,
} as const;

/** Whether a histogram can stand in one chunk behind another: a chunk has one layout and no reset. */
export function fitsChunk(before: FloatHistogram, histogram: FloatHistogram): boolean {
  const isGauge = before.counterResetHint === 'gauge';
  return (
    (isGauge
      ? histogram.counterResetHint === 'gauge'
      : histogram.counterResetHint === 'notReset') && hasSameLayout(before, histogram)
  );
}

/**
 * Histograms of one layout (`fitsChunk`) as a chunk of float histograms of Prometheus (encoding 3).
 * Source: `tsdb/chunkenc/float_histogram.go` of Prometheus.
 */
export function encodeFloatHistogramChunk(
  timesMs: readonly number[],
  histograms: readonly FloatHistogram[],
): Buffer {
  const first = histograms[0]!;
  const writer = new BitWriter();
  writer.byte(histograms.length >> 8);
  writer.byte(histograms.length & 255);
  writer.byte(flagsOfHint[first.counterResetHint]);
  writeLayout(writer, first);
  const columns = valuesOf(first).map(() => new XorWriter());
  let change = 0;
  for (const [at, histogram] of histograms.entries()) {
    if (at === 0) writeVarbitInt(writer, timesMs[0]!);
    else {
      const next = timesMs[at]! - timesMs[at - 1]!;
      writeVarbitInt(writer, next - change);
      change = next;
    }
    for (const [column, value] of valuesOf(histogram).entries()) {
      const bits = bitsOfNumber(value);
      if (at === 0) columns[column]!.first(writer, bits);
      else columns[column]!.next(writer, bits);
    }
  }
  return writer.take();
}

const valuesOf = (histogram: FloatHistogram): readonly number[] => [
  histogram.count,
  histogram.zeroCount,
  histogram.sum,
  ...histogram.positiveBuckets,
  ...histogram.negativeBuckets,
];
