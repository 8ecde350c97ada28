import { highWord, lowWord } from '#metrics/model';
import type { ByteReader } from './bytes.ts';
import type { ChunkShape, Target } from './chunk.ts';
import { maxInt, powersOfTen } from './ints.ts';
import { plainShape, risingShape, unknownShape } from './values.ts';

/**
 * The newest samples of a series, written one by one as they come. After the time of the first sample
 * (f64), each sample is one token of mostly one or two bytes:
 *
 *     decimal:  | zigzag(integer - last integer) * 2 + isOdd | … |
 *               isOdd: the interval is not the last one, or something else changes; then
 *     change:   | zigzag(interval - last interval) + 1 |
 *               or | 0 | flags u8 | [exponent u8] | [start time f64] | zigzag(interval - last) |
 *     raw:      | change | value 8 bytes |
 *
 * A change with the flag `toRaw` makes this and all later samples raw; with `rescaled` the last integer
 * counts in units of the new exponent. A decimal token whose change has flags carries its own delta
 * after the change, the one in the token is 0.
 */
export const rescaled = 1;
export const toRaw = 2;
export const startTimeChanged = 4;

/** The most that one token takes. */
export const maxTokenBytes = 28;
/** In place of an exponent: the series is raw. */
export const rawScale = 255;

/** Writes a varint of 0 <= value <= 2^53. @returns the place after it */
export function putUvarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x8000_0000) {
    bytes[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 128) {
    bytes[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

export const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

/** Whether `value` is exactly `integer / 10^exponent`, with the integer small enough. */
export function fitsScale(value: number, exponent: number): boolean {
  const power = powersOfTen[exponent]!;
  const scaled = Math.round(value * power);
  return (
    scaled <= maxInt &&
    scaled >= -maxInt &&
    scaled / power === value &&
    (value !== 0 || !Object.is(value, -0))
  );
}

/**
 * Reads the first `count` samples of an open chunk into `target` from `offset` on. Times are written,
 * also where `shape` tells that they are even.
 */
export function decodeOpen(
  reader: ByteReader,
  count: number,
  target: Target,
  offset: number,
  shape?: ChunkShape,
): void {
  const { timesMs, values, words } = target;
  const { bytes } = reader;
  let time = reader.f64();
  let interval = 0;
  /** Samples whose interval is not that of the sample before. */
  let changes = 0;
  let integer = 0;
  let power = 1;
  let isRaw = false;
  let isRising = true;
  let startTime = 0;
  let at = offset;
  const end = offset + count;
  let place = reader.at;
  while (at < end) {
    if (!isRaw) {
      // Nearly all tokens are of one or two bytes and even.
      let token = bytes[place++] ?? 0;
      if (token >= 128) {
        const high = bytes[place++] ?? 0;
        if (high < 128) token = (token & 127) | (high << 7);
        else {
          reader.at = place - 2;
          token = reader.uvarint();
          place = reader.at;
        }
      }
      const isPlain = token % 2 === 0;
      const step = unzigzag(isPlain ? token / 2 : (token - 1) / 2);
      if (step < 0 && at > offset) isRising = false;
      integer += step;
      if (isPlain) {
        time += interval;
        timesMs[at] = time;
        values[at] = integer / power;
        if (startTime !== 0) noteStart(target, at, startTime);
        at++;
        continue;
      }
    }
    reader.at = place;
    const change = reader.uvarint();
    if (change > 0) {
      interval += unzigzag(change - 1);
      if (at > offset) changes++;
    } else {
      const flags = reader.u8();
      if ((flags & rescaled) !== 0) {
        const next = powersOfTen[reader.u8()]!;
        integer *= next / power;
        power = next;
      }
      if ((flags & startTimeChanged) !== 0) startTime = reader.f64();
      if ((flags & toRaw) !== 0) isRaw = true;
      const before = interval;
      interval += reader.varint();
      if (interval !== before && at > offset) changes++;
      if (!isRaw) {
        const step = reader.varint();
        if (step < 0 && at > offset) isRising = false;
        integer += step;
      }
    }
    time += interval;
    timesMs[at] = time;
    if (isRaw) {
      words[at * 2 + lowWord] = reader.u32();
      words[at * 2 + highWord] = reader.u32();
    } else {
      values[at] = integer / power;
    }
    if (startTime !== 0) noteStart(target, at, startTime);
    at++;
    place = reader.at;
  }
  reader.at = place;
  if (shape === undefined) return;
  // The first change is that from no interval to the first one.
  const isEven = count > 1 && changes === 1 && timesMs[offset + 1]! - timesMs[offset]! === interval;
  shape.intervalMs = isEven ? interval : 0;
  shape.firstMs = timesMs[offset]!;
  shape.values = isRaw ? unknownShape : isRising ? risingShape : plainShape;
}

function noteStart(target: Target, at: number, startTimeMs: number): void {
  target.startTimesMs ??= new Float64Array(target.timesMs.length);
  target.startTimesMs[at] = startTimeMs;
}
