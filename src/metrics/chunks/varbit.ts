import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';

/**
 * Whole numbers in one of nine widths, by the ones before the first zero: 0 alone, 3, 6, 9, 12, 18, 25,
 * 56 or 64 bits. Numbers beyond 2^53 lose digits, as JavaScript numbers do.
 * Source: `tsdb/chunkenc/varbit.go` of Prometheus.
 */
const widths = [0, 3, 6, 9, 12, 18, 25, 56, 64] as const;
const lastWidth = widths.length - 1;

function readWidth(reader: BitReader): number {
  let ones = 0;
  while (ones < lastWidth && reader.bit() === 1) ones++;
  return widths[ones]!;
}

/** Never negative. */
export function readVarbitUint(reader: BitReader): number {
  const width = readWidth(reader);
  if (width <= 32) return reader.bits(width);
  const high = reader.bits(width - 32);
  return high * 2 ** 32 + reader.bits(32);
}

export function readVarbitInt(reader: BitReader): number {
  const width = readWidth(reader);
  if (width === 0) return 0;
  if (width <= 32) {
    const value = reader.bits(width);
    return value > 2 ** (width - 1) ? value - 2 ** width : value;
  }
  const high = reader.bits(width - 32);
  const low = reader.bits(32);
  const half = 2 ** (width - 33);
  // The one number with only the highest bit set is positive, except in the widest form.
  const isNegative = high > half || (high === half && (low > 0 || width === 64));
  return (isNegative ? high - half * 2 : high) * 2 ** 32 + low;
}

export function writeVarbitUint(writer: BitWriter, value: number): void {
  write(writer, value, (width) => value < 2 ** width);
}

export function writeVarbitInt(writer: BitWriter, value: number): void {
  write(writer, value, (width) => value >= -(2 ** (width - 1)) + 1 && value <= 2 ** (width - 1));
}

function write(writer: BitWriter, value: number, fits: (width: number) => boolean): void {
  let ones = 0;
  if (value !== 0) for (ones = 1; ones < lastWidth && !fits(widths[ones]!); ones++);
  for (let at = 0; at < ones; at++) writer.bit(1);
  if (ones < lastWidth) writer.bit(0);
  const width = widths[ones]!;
  if (width > 0) writer.bits(BigInt.asUintN(width, BigInt(value)), width);
}
