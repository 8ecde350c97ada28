import { wordsOf } from '#metrics/model';
import type { ByteReader, ByteWriter } from './bytes.ts';
import { encodeInts } from './ints.ts';
import { decodeInts, readEven } from './read-ints.ts';
import { decodeValues, encodeValues, unknownShape } from './values.ts';

/** What a run of bytes holds. The numbers are on disk. */
export const floatChunk = 0;
export const histogramChunk = 1;
/** Floats as they came, one after the other (`open.ts`). Never on disk but in checkpoints. */
export const openChunk = 2;

/** Where decoded samples go: columns of the caller, the words of `values`, the next free place. */
export interface Target {
  timesMs: Float64Array;
  values: Float64Array;
  words: Uint32Array;
  /** Made when the first start time is met; as long as `timesMs`. */
  startTimesMs: Float64Array | undefined;
}

const hasStartTimes = 1;

/**
 * A chunk of float samples, 1 or more, times ascending strictly:
 *
 *     | flags u8 | times: integers | values | [start times: integers] |
 */
export function encodeFloats(
  out: ByteWriter,
  timesMs: Float64Array,
  values: Float64Array,
  startTimesMs: Float64Array | undefined,
  count: number,
): void {
  out.u8(startTimesMs === undefined ? 0 : hasStartTimes);
  encodeInts(out, timesMs, count);
  encodeValues(out, values, count);
  if (startTimesMs !== undefined) encodeInts(out, startTimesMs, count);
}

/** What is known of the samples of a chunk beside their numbers. */
export class ChunkShape {
  /** > 0: times are even, `firstMs + i * intervalMs`. */
  intervalMs = 0;
  firstMs = 0;
  /** `unknownShape`, `plainShape` or `risingShape`. */
  values: number = unknownShape;
}

const even = { first: 0, step: 0 };

/**
 * Reads a chunk of `count` samples into `target` from `offset` on, which has room for them. Even times
 * are not written: `shape` tells them.
 */
export function decodeFloats(
  reader: ByteReader,
  count: number,
  target: Target,
  offset: number,
  shape: ChunkShape,
): void {
  const flags = reader.u8();
  shape.intervalMs = 0;
  if (readEven(reader, even)) {
    if (even.step > 0) {
      shape.firstMs = even.first;
      shape.intervalMs = even.step;
    } else {
      target.timesMs.fill(even.first, offset, offset + count);
    }
  } else {
    decodeInts(reader, count, target.timesMs, offset, 1);
  }
  shape.values = decodeValues(reader, count, target.values, target.words, offset);
  if ((flags & hasStartTimes) === 0) return;
  target.startTimesMs ??= new Float64Array(target.timesMs.length);
  decodeInts(reader, count, target.startTimesMs, offset, 1);
}

export function newTarget(capacity: number): Target {
  const values = new Float64Array(capacity);
  return {
    timesMs: new Float64Array(capacity),
    values,
    words: wordsOf(values),
    startTimesMs: undefined,
  };
}
