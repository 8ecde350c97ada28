import { type SampleColumns, wordsOf } from '#metrics/model';
import { ByteReader } from '../codec/bytes.ts';
import {
  ChunkShape,
  decodeFloats,
  histogramChunk,
  openChunk,
  type Target,
} from '../codec/chunk.ts';
import { decodeHistograms } from '../codec/histograms.ts';
import { decodeOpen } from '../codec/open.ts';
import { plainShape, risingShape, unknownShape } from '../codec/values.ts';
import { mergeByTime, moveSamples, moveValues, removeIntervals } from './merge.ts';
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
  readonly #shape = new ChunkShape();
  readonly #times = new EvenTimes();

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
    const { timesMs, values } = into;
    const shape = this.#shape;
    const times = this.#times;
    times.begin(timesMs);
    let shapeOfAll = risingShape;
    let at = 0;
    let lastMs = Number.NEGATIVE_INFINITY;
    let isSorted = true;
    for (let source = first; source < end; source++) {
      const samples = count[source]!;
      this.#bytes.bytes = this.#view(buffer[source]!);
      this.#bytes.at = offset[source]!;
      const packed = kind[source]!;
      this.#decode(packed & ~clippedBit, samples, at, into);
      const low = (packed & clippedBit) !== 0 && clipMs > fromMs ? clipMs : fromMs;
      const { intervalMs } = shape;
      const stop = at + samples;
      let from = at;
      let to = stop;
      let startMs = 0;
      let endMs = 0;
      if (intervalMs > 0) {
        const { firstMs } = shape;
        if (firstMs < low) from = Math.min(stop, at + Math.ceil((low - firstMs) / intervalMs));
        const behind = at + Math.floor((toMs - firstMs) / intervalMs) + 1;
        if (behind < stop) to = Math.max(from, behind);
        startMs = firstMs + (from - at) * intervalMs;
        endMs = firstMs + (to - 1 - at) * intervalMs;
        if (from > at && to > from) moveValues(into, target, from, to, at);
      } else {
        if (timesMs[at]! < low) from = lowerBound(timesMs, at, stop, low);
        if (timesMs[stop - 1]! > toMs) to = lowerBound(timesMs, from, stop, toMs + 1);
        if (from > at && to > from) moveSamples(into, target, from, to, at);
        startMs = timesMs[at]!;
        endMs = timesMs[at + to - from - 1]!;
      }
      if (to <= from) continue;
      shapeOfAll &= shape.values;
      if (at > 0) {
        if (startMs <= lastMs) isSorted = false;
        if (!(values[at]! >= values[at - 1]!)) shapeOfAll &= plainShape;
      }
      times.add(at, to - from, startMs, intervalMs);
      lastMs = endMs;
      at += to - from;
    }
    into.count = at;
    into.startTimesMs = target.startTimesMs;
    if (times.intervalMs > 0) into.setEven(times.firstMs, times.intervalMs);
    into.isPlain = shapeOfAll !== unknownShape;
    into.isRising = shapeOfAll === risingShape;
    if (into.histograms !== undefined) into.histograms.length = at;
    const ranges = this.#tombstones.get(index);
    if (isSorted && ranges === undefined) return;
    into.forgetShape();
    if (!isSorted) mergeByTime(into);
    if (ranges !== undefined) removeIntervals(into, ranges);
  }

  #decode(kind: number, samples: number, at: number, into: SampleColumns): void {
    const target = this.#target;
    const shape = this.#shape;
    if (kind === histogramChunk) {
      shape.intervalMs = 0;
      shape.values = unknownShape;
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
    if (kind === openChunk) decodeOpen(this.#bytes, samples, target, at, shape);
    else decodeFloats(this.#bytes, samples, target, at, shape);
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

/**
 * Times of chunks one after the other, which stay unwritten for as long as all of them together are
 * even.
 */
class EvenTimes {
  firstMs = 0;
  /** 0: the times are written. */
  intervalMs = 0;
  #timesMs: Float64Array = new Float64Array(0);

  begin(timesMs: Float64Array): void {
    this.#timesMs = timesMs;
    this.intervalMs = 0;
  }

  /** `intervalMs` of 0: the times of the chunk stand at `at` already. */
  add(at: number, count: number, startMs: number, intervalMs: number): void {
    if (at === 0) {
      this.firstMs = startMs;
      this.intervalMs = intervalMs;
      return;
    }
    if (this.intervalMs > 0) {
      const goesOn = startMs === this.firstMs + at * this.intervalMs;
      if (goesOn && (count === 1 || intervalMs === this.intervalMs)) return;
      this.#write(0, at, this.firstMs, this.intervalMs);
      this.intervalMs = 0;
    }
    if (intervalMs > 0) this.#write(at, count, startMs, intervalMs);
  }

  #write(at: number, count: number, startMs: number, intervalMs: number): void {
    const times = this.#timesMs;
    for (let index = 0; index < count; index++) times[at + index] = startMs + index * intervalMs;
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
