import { type SampleColumns, wordsOf } from '#metrics/model';
import { ByteReader } from '../codec/bytes.ts';
import { decodeFloats, histogramChunk, openChunk, type Target } from '../codec/chunk.ts';
import { decodeHistograms } from '../codec/histograms.ts';
import { decodeOpen } from '../codec/open.ts';
import { mergeByTime, moveSamples, removeIntervals } from './merge.ts';
import { clippedBit, type SourceData } from './sources.ts';

/** All that is needed to read the samples of a selection, here or in a worker thread. */
export interface SelectionData extends SourceData {
  /** Sources of series i: from `starts[i]` up to `starts[i + 1]`. */
  readonly starts: Uint32Array;
  readonly fromMs: number;
  readonly toMs: number;
  readonly clipMs: number;
  /** Deleted ranges by series: from and to, both inclusive, alternating. */
  readonly tombstones: readonly (readonly [index: number, ranges: readonly number[]])[];
}

/** Decodes series into the caller's columns. Not shared between threads: each has its own. */
export class SeriesReader {
  readonly #data: SelectionData;
  readonly #views: (Uint8Array | undefined)[] = [];
  readonly #bytes = new ByteReader();
  readonly #tombstones: ReadonlyMap<number, readonly number[]>;
  readonly #target: Target = {
    timesMs: new Float64Array(0),
    values: new Float64Array(0),
    words: new Uint32Array(0),
    startTimesMs: undefined,
  };

  constructor(data: SelectionData) {
    this.#data = data;
    this.#tombstones = new Map(data.tombstones);
  }

  get count(): number {
    return this.#data.starts.length - 1;
  }

  read(index: number, into: SampleColumns): void {
    const { starts, buffer, offset, count, kind, fromMs, toMs, clipMs } = this.#data;
    const first = starts[index]!;
    const end = starts[index + 1]!;
    into.clear();
    let total = 0;
    for (let source = first; source < end; source++) total += count[source]!;
    if (total === 0) return;
    into.reserve(total);
    const target = this.#target;
    if (target.values !== into.values) {
      target.values = into.values;
      target.words = wordsOf(into.values);
    }
    target.timesMs = into.timesMs;
    target.startTimesMs = undefined;
    const { timesMs } = into;
    let at = 0;
    let isSorted = true;
    for (let source = first; source < end; source++) {
      const samples = count[source]!;
      this.#bytes.bytes = this.#view(buffer[source]!);
      this.#bytes.at = offset[source]!;
      const packed = kind[source]!;
      this.#decode(packed & ~clippedBit, samples, at, into);
      const low = (packed & clippedBit) !== 0 && clipMs > fromMs ? clipMs : fromMs;
      const stop = at + samples;
      let from = at;
      let to = stop;
      if (timesMs[at]! < low) from = lowerBound(timesMs, at, stop, low);
      if (timesMs[stop - 1]! > toMs) to = lowerBound(timesMs, from, stop, toMs + 1);
      if (from > at && to > from) moveSamples(into, target, from, to, at);
      const kept = Math.max(0, to - from);
      if (kept > 0 && at > 0 && timesMs[at]! <= timesMs[at - 1]!) isSorted = false;
      at += kept;
    }
    into.count = at;
    into.startTimesMs = target.startTimesMs;
    if (into.histograms !== undefined) into.histograms.length = at;
    if (!isSorted) mergeByTime(into);
    const ranges = this.#tombstones.get(index);
    if (ranges !== undefined) removeIntervals(into, ranges);
  }

  #decode(kind: number, samples: number, at: number, into: SampleColumns): void {
    const target = this.#target;
    if (kind === histogramChunk) {
      into.histograms ??= [];
      const { histograms } = into;
      histograms.length = at;
      const starts = (): Float64Array => {
        target.startTimesMs ??= new Float64Array(target.timesMs.length);
        return target.startTimesMs;
      };
      decodeHistograms(this.#bytes, samples, target.timesMs, starts, at, (place, histogram) => {
        histograms[place] = histogram;
      });
      return;
    }
    if (into.histograms !== undefined) into.histograms.length = at;
    if (kind === openChunk) decodeOpen(this.#bytes, samples, target, at);
    else decodeFloats(this.#bytes, samples, target, at);
  }

  #view(buffer: number): Uint8Array {
    let view = this.#views[buffer];
    if (view === undefined) {
      view = new Uint8Array(this.#data.buffers[buffer]!);
      this.#views[buffer] = view;
    }
    return view;
  }
}

/** First index in [from, to) whose time is not below `timeMs`. */
export function lowerBound(
  timesMs: Float64Array,
  from: number,
  to: number,
  timeMs: number,
): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timesMs[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
