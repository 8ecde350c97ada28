import {
  type CounterResetHint,
  type FloatHistogram,
  isStaleValue,
  type SampleColumns,
} from '#metrics/model';
import { BitReader } from './bit-reader.ts';
import { bucketCount, type HistogramLayout, readLayout } from './histogram-layout.ts';
import { readVarbitInt, readVarbitUint } from './varbit.ts';
import { XorReader } from './xor-value.ts';

/** Bytes before the layout: how many samples, and what is known of resets. */
const headerBytes = 3;
const resetFlags = 0b1000_0000;
const gaugeFlags = 0b1100_0000;

/**
 * Appends the samples of a chunk of histograms with whole counts (encoding 2).
 * Source: `tsdb/chunkenc/histogram.go` of Prometheus.
 * @returns false: the chunk ends before its samples do, or its layout is damaged
 */
export function decodeHistogramChunk(chunk: Uint8Array, into: SampleColumns): boolean {
  const reader = new BitReader(chunk, headerBytes);
  const layout = readLayout(reader);
  if (layout === undefined) return false;
  const positive = new DeltaBuckets(bucketCount(layout.positiveSpans));
  const negative = new DeltaBuckets(bucketCount(layout.negativeSpans));
  const time = new Twice();
  const count = new Twice();
  const zeroCount = new Twice();
  const sum = new XorReader();
  return decode(chunk, layout, reader, into, (isFirst) => {
    const timeMs = time.next(readVarbitInt(reader), isFirst);
    const readCount = isFirst ? readVarbitUint : readVarbitInt;
    const fields = {
      count: count.next(readCount(reader), isFirst),
      zeroCount: zeroCount.next(readCount(reader), isFirst),
      sum: isFirst ? sum.first(reader) : sum.next(reader),
    };
    return {
      timeMs,
      ...fields,
      positiveBuckets: () => positive.next(reader, isFirst),
      negativeBuckets: () => negative.next(reader, isFirst),
    };
  });
}

/** Appends the samples of a chunk of histograms with float counts (encoding 3). */
export function decodeFloatHistogramChunk(chunk: Uint8Array, into: SampleColumns): boolean {
  const reader = new BitReader(chunk, headerBytes);
  const layout = readLayout(reader);
  if (layout === undefined) return false;
  const positive = xorReaders(bucketCount(layout.positiveSpans));
  const negative = xorReaders(bucketCount(layout.negativeSpans));
  const time = new Twice();
  const fields = xorReaders(3);
  return decode(chunk, layout, reader, into, (isFirst) => {
    const value = (xor: XorReader): number => (isFirst ? xor.first(reader) : xor.next(reader));
    const timeMs = time.next(readVarbitInt(reader), isFirst);
    const [count, zeroCount, sum] = fields.map(value) as [number, number, number];
    return {
      timeMs,
      count,
      zeroCount,
      sum,
      positiveBuckets: () => positive.map(value),
      negativeBuckets: () => negative.map(value),
    };
  });
}

interface Decoded {
  readonly timeMs: number;
  readonly count: number;
  readonly zeroCount: number;
  readonly sum: number;
  positiveBuckets(): number[];
  negativeBuckets(): number[];
}

function decode(
  chunk: Uint8Array,
  layout: HistogramLayout,
  reader: BitReader,
  into: SampleColumns,
  next: (isFirst: boolean) => Decoded,
): boolean {
  const samples = (chunk[0]! << 8) | chunk[1]!;
  const flags = chunk[2]! & gaugeFlags;
  into.reserve(into.count + samples);
  into.histograms ??= [];
  for (let at = 0; at < samples; at++) {
    const { timeMs, count, zeroCount, sum, ...buckets } = next(at === 0);
    const place = into.count + at;
    into.timesMs[place] = timeMs;
    into.values[place] = 0;
    // A marker of staleness has no buckets, except as the first of its chunk, where it has no layout.
    const isStale = at > 0 && isStaleValue(sum);
    into.histograms[place] = {
      ...(isStale ? { ...layout, positiveSpans: [], negativeSpans: [] } : layout),
      count,
      zeroCount,
      sum,
      positiveBuckets: isStale ? [] : buckets.positiveBuckets(),
      negativeBuckets: isStale ? [] : buckets.negativeBuckets(),
      counterResetHint: hintOf(flags, at),
    } satisfies FloatHistogram;
    if (reader.isPastEnd) return false;
  }
  into.count += samples;
  return true;
}

/** Within a chunk there is no reset: a reset begins a new one. */
function hintOf(flags: number, at: number): CounterResetHint {
  if (flags === gaugeFlags) return 'gauge';
  if (at > 0) return 'notReset';
  return flags === resetFlags ? 'reset' : 'unknown';
}

/** A number that is written as the change of its change. */
class Twice {
  #value = 0;
  #change = 0;

  next(written: number, isFirst: boolean): number {
    if (isFirst) this.#value = written;
    else this.#value += this.#change += written;
    return this.#value;
  }
}

/** Buckets that are written as differences from one to the next, those as changes of changes. */
class DeltaBuckets {
  readonly #deltas: readonly Twice[];

  constructor(count: number) {
    this.#deltas = Array.from({ length: count }, () => new Twice());
  }

  next(reader: BitReader, isFirst: boolean): number[] {
    let total = 0;
    return this.#deltas.map((delta) => {
      total += delta.next(readVarbitInt(reader), isFirst);
      return total;
    });
  }
}

const xorReaders = (count: number): readonly XorReader[] =>
  Array.from({ length: count }, () => new XorReader());
