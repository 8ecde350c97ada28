import { wordsOf } from '#metrics/model';
import type { ByteReader, ByteWriter } from './bytes.ts';
import { decodeInts, encodeInts } from './ints.ts';
import { decodeValues, encodeValues } from './values.ts';

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

/** Reads a chunk of `count` samples into `target` from `offset` on, which has room for them. */
export function decodeFloats(
  reader: ByteReader,
  count: number,
  target: Target,
  offset: number,
): void {
  const flags = reader.u8();
  decodeInts(reader, count, target.timesMs, offset, 1);
  decodeValues(reader, count, target.values, target.words, offset);
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
