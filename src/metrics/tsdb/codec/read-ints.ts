import type { ByteReader } from './bytes.ts';
import { exceptionsBit, orderBit, widths } from './ints.ts';

/** Numbers that are all equally far apart. */
export interface EvenNumbers {
  first: number;
  /** 0: all are `first`. */
  step: number;
}

/**
 * Reads a column that is nothing but even steps, without writing its numbers.
 * @returns false: it is no such column, and nothing was read
 */
export function readEven(reader: ByteReader, into: EvenNumbers): boolean {
  const form = reader.bytes[reader.at] ?? 0;
  if (widths[form & 15] !== 0 || (form & exceptionsBit) !== 0) return false;
  reader.at++;
  const isDelta = (form & orderBit) !== 0;
  into.first = reader.varint();
  into.step = isDelta ? reader.varint() : 0;
  return true;
}

/** Exceptions of the column being read. Columns are read one after the other. */
let exceptionAt = new Uint32Array(64);
let exceptionValue = new Float64Array(64);
/** What is above the base, of columns whose numbers stay close to their first. */
let steps = new Int32Array(1024);

/** Wider ones are read as floats. */
const maxNarrowBits = 24;
const maxInt32 = 2 ** 31 - 1;

/**
 * Reads `count` numbers into `out` from `offset` on, each divided by `divisor`.
 * @returns true: it is known that no number is below the one before
 */
export function decodeInts(
  reader: ByteReader,
  count: number,
  out: Float64Array,
  offset: number,
  divisor: number,
): boolean {
  const form = reader.u8();
  const bits = widths[form & 15] ?? 0;
  const isDelta = (form & orderBit) !== 0;
  const first = isDelta ? reader.varint() : 0;
  const base = reader.varint();
  const exceptions = (form & exceptionsBit) === 0 ? 0 : readExceptions(reader, count);
  const end = offset + count;
  if (bits === 0 && exceptions === 0) {
    fillEven(out, offset, end, isDelta ? first : base, isDelta ? base : 0, divisor);
    return !isDelta || base >= 0;
  }
  let isRising = isDelta && base >= 0;
  // How far numbers may come from the first one, or from the base.
  let reach = count * (Math.abs(base) + 2 ** bits);
  for (let index = 0; index < exceptions; index++) {
    const value = exceptionValue[index]!;
    if (value + base < 0) isRising = false;
    reach += Math.abs(value);
  }
  if (bits > maxNarrowBits || !(reach < maxInt32)) {
    decodeWide(reader, { bits, isDelta, first, base, exceptions }, out, offset, end, divisor);
    return isRising;
  }
  const length = isDelta ? count - 1 : count;
  const size = (bits / 8) * length;
  if (isDelta && exceptions === 0 && (bits === 8 || bits === 16) && reader.has(size)) {
    out[offset] = first / divisor;
    const { bytes, at } = reader;
    if (bits === 8) sumBytes(bytes, at, out, offset + 1, length, first, base, divisor);
    else sumPairs(bytes, at, out, offset + 1, length, first, base, divisor);
    reader.at = at + size;
    return isRising;
  }
  readSteps(reader, bits, length, exceptions);
  if (!isDelta) {
    if (divisor === 1) for (let at = 0; at < length; at++) out[offset + at] = base + steps[at]!;
    else for (let at = 0; at < length; at++) out[offset + at] = (base + steps[at]!) / divisor;
    return false;
  }
  out[offset] = first / divisor;
  if (divisor === 1) sumSteps(out, offset + 1, length, first, base);
  else sumStepsOver(out, offset + 1, length, first, base, divisor);
  return isRising;
}

/** Adds steps of 8 bits up while they are read: the usual column, in one loop. */
function sumBytes(
  bytes: Uint8Array,
  start: number,
  out: Float64Array,
  offset: number,
  length: number,
  first: number,
  base: number,
  divisor: number,
): void {
  const each = base | 0;
  let sum = 0;
  if (divisor === 1) {
    for (let at = 0; at < length; at++) {
      sum = (sum + each + bytes[start + at]!) | 0;
      out[offset + at] = first + sum;
    }
    return;
  }
  for (let at = 0; at < length; at++) {
    sum = (sum + each + bytes[start + at]!) | 0;
    out[offset + at] = (first + sum) / divisor;
  }
}

/** The same of 16 bits, in two planes. */
function sumPairs(
  bytes: Uint8Array,
  start: number,
  out: Float64Array,
  offset: number,
  length: number,
  first: number,
  base: number,
  divisor: number,
): void {
  const each = base | 0;
  const second = start + length;
  let sum = 0;
  if (divisor === 1) {
    for (let at = 0; at < length; at++) {
      sum = (sum + each + (bytes[start + at]! | (bytes[second + at]! << 8))) | 0;
      out[offset + at] = first + sum;
    }
    return;
  }
  for (let at = 0; at < length; at++) {
    sum = (sum + each + (bytes[start + at]! | (bytes[second + at]! << 8))) | 0;
    out[offset + at] = (first + sum) / divisor;
  }
}

/** Whole numbers of 32 bits add up several times as fast as floats. */
function sumSteps(
  out: Float64Array,
  offset: number,
  length: number,
  first: number,
  base: number,
): void {
  const own = steps;
  const each = base | 0;
  let sum = 0;
  for (let at = 0; at < length; at++) {
    sum = (sum + each + own[at]!) | 0;
    out[offset + at] = first + sum;
  }
}

function sumStepsOver(
  out: Float64Array,
  offset: number,
  length: number,
  first: number,
  base: number,
  divisor: number,
): void {
  const own = steps;
  const each = base | 0;
  let sum = 0;
  for (let at = 0; at < length; at++) {
    sum = (sum + each + own[at]!) | 0;
    out[offset + at] = (first + sum) / divisor;
  }
}

function readExceptions(reader: ByteReader, count: number): number {
  const exceptions = Math.min(reader.uvarint(), count);
  if (exceptions > exceptionAt.length) {
    exceptionAt = new Uint32Array(exceptions * 2);
    exceptionValue = new Float64Array(exceptions * 2);
  }
  let at = 0;
  for (let index = 0; index < exceptions; index++) {
    at += reader.uvarint();
    exceptionAt[index] = at;
    exceptionValue[index] = reader.varint();
  }
  return exceptions;
}

/** Fills `steps` with `length` residuals, exceptions in their places. */
function readSteps(reader: ByteReader, bits: number, length: number, exceptions: number): void {
  if (steps.length < length) steps = new Int32Array(length * 2);
  if (bits === 0) steps.fill(0, 0, length);
  else if (bits < 8) unpackBits(reader, bits, length);
  else unpackPlanes(reader, bits, length);
  for (let index = 0; index < exceptions; index++) {
    const at = exceptionAt[index]!;
    if (at < length) steps[at] = exceptionValue[index]!;
  }
}

/** 8, 16 or 24 bits. */
function unpackPlanes(reader: ByteReader, bits: number, length: number): void {
  const { bytes, at: start } = reader;
  const own = steps;
  reader.at = start + (bits / 8) * length;
  // One test for the whole loop: what is cut off reads as zeros.
  if (reader.at > bytes.length) {
    own.fill(0, 0, length);
    return;
  }
  if (bits === 8) {
    for (let at = 0; at < length; at++) own[at] = bytes[start + at]!;
    return;
  }
  const second = start + length;
  if (bits === 16) {
    for (let at = 0; at < length; at++) own[at] = bytes[start + at]! | (bytes[second + at]! << 8);
    return;
  }
  const third = second + length;
  for (let at = 0; at < length; at++) {
    own[at] = bytes[start + at]! | (bytes[second + at]! << 8) | (bytes[third + at]! << 16);
  }
}

/** 1, 2 or 4 bits. */
function unpackBits(reader: ByteReader, bits: number, length: number): void {
  const { bytes, at: start } = reader;
  const own = steps;
  const mask = (1 << bits) - 1;
  reader.at = start + Math.ceil((length * bits) / 8);
  if (reader.at > bytes.length) {
    own.fill(0, 0, length);
    return;
  }
  for (let at = 0, bit = 0; at < length; at++, bit += bits) {
    own[at] = (bytes[start + (bit >>> 3)]! >>> (bit & 7)) & mask;
  }
}

interface WideColumn {
  readonly bits: number;
  readonly isDelta: boolean;
  readonly first: number;
  readonly base: number;
  readonly exceptions: number;
}

/** The same for numbers of any size, in floats. */
function decodeWide(
  reader: ByteReader,
  { bits, isDelta, first, base, exceptions }: WideColumn,
  out: Float64Array,
  offset: number,
  end: number,
  divisor: number,
): void {
  const from = isDelta ? offset + 1 : offset;
  if (bits === 0) out.fill(0, from, end);
  else if (bits < 8) {
    readSteps(reader, bits, end - from, 0);
    for (let at = from; at < end; at++) out[at] = steps[at - from]!;
  } else unpackWidePlanes(reader, bits, out, from, end);
  for (let index = 0; index < exceptions; index++) {
    const at = from + exceptionAt[index]!;
    if (at < end) out[at] = exceptionValue[index]!;
  }
  if (!isDelta) {
    for (let at = offset; at < end; at++) out[at] = (base + out[at]!) / divisor;
    return;
  }
  let sum = first;
  out[offset] = sum / divisor;
  for (let at = from; at < end; at++) {
    sum += base + out[at]!;
    out[at] = sum / divisor;
  }
}

function unpackWidePlanes(
  reader: ByteReader,
  bits: number,
  out: Float64Array,
  from: number,
  end: number,
): void {
  const { bytes, at: start } = reader;
  const count = end - from;
  for (let at = from, place = start; at < end; at++, place++) {
    let value = 0;
    for (let plane = bits / 8 - 1; plane >= 0; plane--) {
      value = value * 256 + (bytes[place + plane * count] ?? 0);
    }
    out[at] = value;
  }
  reader.at = start + (bits / 8) * count;
}

function fillEven(
  out: Float64Array,
  from: number,
  to: number,
  first: number,
  step: number,
  divisor: number,
): void {
  if (step === 0) {
    out.fill(first / divisor, from, to);
    return;
  }
  let value = first;
  for (let at = from; at < to; at++) {
    out[at] = value / divisor;
    value += step;
  }
}
