import { highWord, lowWord, wordsOf } from '#metrics/model';
import type { ByteReader, ByteWriter } from './bytes.ts';
import { encodeInts, maxInt, powersOfTen } from './ints.ts';
import { decodeInts } from './read-ints.ts';

/**
 * A column of float64, exact to the bit:
 *
 *     decimals: | exponent u8 | count of raw values | (places since the last one, 8 bytes)… | integers |
 *     planes:   | 255 u8 | first value 8 bytes | planes that differ u8 | those planes |
 *
 * Most metrics are integers or short decimals: value = integer / 10^exponent, where the division gives
 * back the very float that the decimal text stands for. What does not fit (NaN, infinities, -0) is kept
 * raw beside. Noise goes to planes: byte 0 of all values, byte 1…, without the planes that never change.
 */
export const maxExponent = 15;
const planesForm = 255;

/** A column with more raw values than this share is noise. */
const maxRawShare = 1 / 16;
const maxRawAlways = 4;

let ints = new Float64Array(1024);
let rawAt = new Uint32Array(256);

/**
 * The smallest exponent from `from` on for which `value` is a decimal of so many places; -1 when there
 * is none. NaN, infinities and -0 have none.
 */
export function exponentOf(value: number, from: number): number {
  if (value === 0) return Object.is(value, -0) ? -1 : from;
  for (let exponent = from; exponent <= maxExponent; exponent++) {
    const power = powersOfTen[exponent]!;
    const scaled = Math.round(value * power);
    // NaN and infinities fail here, too.
    if (!(scaled <= maxInt && scaled >= -maxInt)) return -1;
    if (scaled / power === value) return exponent;
  }
  return -1;
}

/** @param count >= 1 */
export function encodeValues(out: ByteWriter, values: Float64Array, count: number): void {
  if (ints.length < count) ints = new Float64Array(count * 2);
  const maxRaw = maxRawAlways + Math.floor(count * maxRawShare);
  if (rawAt.length <= maxRaw) rawAt = new Uint32Array(maxRaw * 2);
  const exponent = commonExponent(values, count, maxRaw);
  const raws = exponent < 0 ? -1 : scaleAll(values, count, exponent, maxRaw);
  if (raws < 0) {
    encodePlanes(out, values, count);
    return;
  }
  out.u8(exponent);
  out.uvarint(raws);
  if (raws > 0) {
    const words = wordsOf(values);
    let last = 0;
    for (let index = 0; index < raws; index++) {
      const at = rawAt[index]!;
      out.uvarint(at - last);
      out.u32(words[at * 2 + lowWord]!);
      out.u32(words[at * 2 + highWord]!);
      last = at;
    }
  }
  encodeInts(out, ints, count);
}

/** -1: too many values are no decimals. */
function commonExponent(values: Float64Array, count: number, maxRaw: number): number {
  let exponent = 0;
  let raws = 0;
  for (let at = 0; at < count; at++) {
    const value = values[at]!;
    if (exponent === 0 && Math.floor(value) === value) continue;
    const needed = exponentOf(value, exponent);
    if (needed >= 0) exponent = needed;
    else if (++raws > maxRaw) return -1;
  }
  return exponent;
}

/** Fills `ints` and `rawAt`. @returns how many stay raw, -1: too many */
function scaleAll(values: Float64Array, count: number, exponent: number, maxRaw: number): number {
  const power = powersOfTen[exponent]!;
  let raws = 0;
  let last = 0;
  for (let at = 0; at < count; at++) {
    const value = values[at]!;
    if (exponent === 0 && value > 0 && value <= maxInt && Math.floor(value) === value) {
      last = value;
      ints[at] = value;
      continue;
    }
    const scaled = Math.round(value * power);
    const fits =
      scaled <= maxInt &&
      scaled >= -maxInt &&
      scaled / power === value &&
      (value !== 0 || !Object.is(value, -0));
    if (fits) {
      last = scaled;
      ints[at] = scaled;
      continue;
    }
    if (raws === maxRaw) return -1;
    rawAt[raws++] = at;
    ints[at] = last;
  }
  return raws;
}

function encodePlanes(out: ByteWriter, values: Float64Array, count: number): void {
  const words = wordsOf(values);
  const low = words[lowWord]!;
  const high = words[highWord]!;
  let lowDiffers = 0;
  let highDiffers = 0;
  for (let at = 1; at < count; at++) {
    lowDiffers |= words[at * 2 + lowWord]! ^ low;
    highDiffers |= words[at * 2 + highWord]! ^ high;
  }
  let mask = 0;
  for (let plane = 0; plane < 8; plane++) {
    const differs = plane < 4 ? lowDiffers >>> (plane * 8) : highDiffers >>> ((plane - 4) * 8);
    if ((differs & 255) !== 0) mask |= 1 << plane;
  }
  out.u8(planesForm);
  out.u32(low);
  out.u32(high);
  out.u8(mask);
  out.ensure(count * 8);
  for (let plane = 0; plane < 8; plane++) {
    if ((mask & (1 << plane)) === 0) continue;
    const shift = (plane & 3) * 8;
    const word = plane < 4 ? lowWord : highWord;
    const { bytes } = out;
    let place = out.at;
    for (let at = 0; at < count; at++) bytes[place++] = words[at * 2 + word]! >>> shift;
    out.at = place;
  }
}

/** What is known of decoded values: nothing. */
export const unknownShape = 0;
/** None of them is NaN (and so none is stale), infinite or -0. */
export const plainShape = 1;
/** They are plain, and none is below the one before. */
export const risingShape = 3;

/**
 * Reads `count` values into `out` from `offset` on. `words` is `wordsOf(out)`.
 * @returns `unknownShape`, `plainShape` or `risingShape`
 */
export function decodeValues(
  reader: ByteReader,
  count: number,
  out: Float64Array,
  words: Uint32Array,
  offset: number,
): number {
  const exponent = reader.u8();
  if (exponent === planesForm) {
    decodePlanes(reader, count, words, offset);
    return unknownShape;
  }
  const raws = Math.min(reader.uvarint(), count);
  if (raws === 0) {
    const isRising = decodeInts(reader, count, out, offset, powersOfTen[exponent] ?? 1);
    return isRising ? risingShape : plainShape;
  }
  const start = reader.at;
  for (let index = 0; index < raws; index++) {
    reader.uvarint();
    reader.at += 8;
  }
  decodeInts(reader, count, out, offset, powersOfTen[exponent] ?? 1);
  const end = reader.at;
  reader.at = start;
  let at = offset;
  for (let index = 0; index < raws; index++) {
    at += reader.uvarint();
    const low = reader.u32();
    const high = reader.u32();
    if (at >= offset + count) continue;
    words[at * 2 + lowWord] = low;
    words[at * 2 + highWord] = high;
  }
  reader.at = end;
  return unknownShape;
}

function decodePlanes(reader: ByteReader, count: number, words: Uint32Array, offset: number): void {
  const low = reader.u32();
  const high = reader.u32();
  const mask = reader.u8();
  const { bytes } = reader;
  decodeHalf(bytes, reader.at, count, mask & 15, low, words, offset * 2 + lowWord);
  reader.at += count * popCount(mask & 15);
  decodeHalf(bytes, reader.at, count, mask >>> 4, high, words, offset * 2 + highWord);
  reader.at += count * popCount(mask >>> 4);
}

/** One 32-bit half of all values: four planes at most, of which those in `mask` are there. */
function decodeHalf(
  bytes: Uint8Array,
  start: number,
  count: number,
  mask: number,
  fixed: number,
  words: Uint32Array,
  offset: number,
): void {
  if (mask === 15) {
    const second = start + count;
    const third = second + count;
    const fourth = third + count;
    for (let at = 0; at < count; at++) {
      words[offset + at * 2] =
        bytes[start + at]! |
        (bytes[second + at]! << 8) |
        (bytes[third + at]! << 16) |
        (bytes[fourth + at]! << 24);
    }
    return;
  }
  let known = fixed;
  for (let plane = 0; plane < 4; plane++) {
    if ((mask & (1 << plane)) !== 0) known &= ~(255 << (plane * 8));
  }
  for (let at = 0; at < count; at++) words[offset + at * 2] = known;
  let place = start;
  for (let plane = 0; plane < 4; plane++) {
    if ((mask & (1 << plane)) === 0) continue;
    const shift = plane * 8;
    for (let at = 0; at < count; at++) words[offset + at * 2]! |= bytes[place++]! << shift;
  }
}

function popCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
