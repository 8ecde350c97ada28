import { type FloatHistogram, highWord, lowWord, wordsOf } from '#metrics/model';
import { ByteWriter } from '../codec/bytes.ts';
import { encodeFloats, floatChunk, histogramChunk } from '../codec/chunk.ts';
import { encodeHistograms } from '../codec/histograms.ts';
import type { Arena } from './arena.ts';
import { storeChunk } from './chunks.ts';

/** Late samples of a series are sorted and encoded when there are so many. */
const maxLateSamples = 64;

/** Samples out of order of one series that are not encoded yet, in the order in which they came. */
export class LateSamples {
  count = 0;
  readonly timesMs: Float64Array = new Float64Array(maxLateSamples);
  readonly values: Float64Array = new Float64Array(maxLateSamples);
  readonly words: Uint32Array = wordsOf(this.values);
  histograms: (FloatHistogram | undefined)[] = [];
  /** Newest of the closed chunks, in no order of time. */
  lastChunk = 0;

  get isFull(): boolean {
    return this.count === maxLateSamples;
  }

  /** Index of a sample of this time, -1: none. */
  find(timeMs: number): number {
    for (let at = 0; at < this.count; at++) if (this.timesMs[at] === timeMs) return at;
    return -1;
  }

  add(
    timeMs: number,
    words: Uint32Array,
    index: number,
    histogram: FloatHistogram | undefined,
  ): void {
    const at = this.count++;
    this.timesMs[at] = timeMs;
    this.words[at * 2 + lowWord] = words[index * 2 + lowWord]!;
    this.words[at * 2 + highWord] = words[index * 2 + highWord]!;
    this.histograms[at] = histogram;
  }
}

export interface EncodedLate {
  readonly kind: number;
  readonly count: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly payload: Uint8Array;
}

/** What is not encoded yet, as chunks: one of floats, one of histograms. */
export function encodeLate(late: LateSamples): EncodedLate[] {
  const order = Array.from({ length: late.count }, (_, at) => at).sort(
    (a, b) => late.timesMs[a]! - late.timesMs[b]!,
  );
  const chunks: EncodedLate[] = [];
  for (const kind of [floatChunk, histogramChunk]) {
    const isHistogram = kind === histogramChunk;
    const picked = order.filter((at) => (late.histograms[at] !== undefined) === isHistogram);
    if (picked.length === 0) continue;
    const timesMs = Float64Array.from(picked, (at) => late.timesMs[at]!);
    const out = new ByteWriter(256);
    if (isHistogram) {
      const histograms = picked.map((at) => late.histograms[at]!);
      encodeHistograms(out, timesMs, histograms, undefined, picked.length);
    } else {
      const values = new Float64Array(picked.length);
      const words = wordsOf(values);
      picked.forEach((at, to) => {
        words[to * 2] = late.words[at * 2]!;
        words[to * 2 + 1] = late.words[at * 2 + 1]!;
      });
      encodeFloats(out, timesMs, values, undefined, picked.length);
    }
    chunks.push({
      kind,
      count: picked.length,
      minTimeMs: timesMs[0]!,
      maxTimeMs: timesMs[picked.length - 1]!,
      payload: out.written(),
    });
  }
  return chunks;
}

/** Moves what is not encoded yet into the arena. @returns chunks made */
export function closeLate(arena: Arena, late: LateSamples): number {
  const chunks = encodeLate(late);
  for (const { payload, ...chunk } of chunks) {
    late.lastChunk = storeChunk(arena, { ...chunk, previous: late.lastChunk }, payload);
  }
  late.count = 0;
  late.histograms = [];
  return chunks.length;
}
