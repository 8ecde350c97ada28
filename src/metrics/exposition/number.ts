import { quoteText } from './go-quote.ts';

/** Powers of ten that a double holds exactly. */
const exactPowers: readonly number[] = Array.from({ length: 23 }, (_, power) =>
  Number(`1e${power}`),
);
/** More digits than these may not fit into the 53 bits of an exact integer. */
const maxExactDigits = 15;
/** Digits that two doubles hold together; longer numbers go to the language's own parser. */
const maxPairDigits = 19;

/**
 * Reads numbers out of bytes without making a string, with the result that correct rounding gives.
 * What it cannot prove to be right it leaves to `Number`.
 */
export class NumberReader {
  /** The number that `read` found. In an array: a property would make an object of each number. */
  readonly result: Float64Array = new Float64Array(1);

  /**
   * Reads an optional `-`, digits, a fraction and an exponent from `at` on. The end of it, or -1 when
   * there is no such number there or it is a hard one. The caller checks what follows.
   */
  read(bytes: Uint8Array, start: number): number {
    let at = start;
    let byte = bytes[at]!;
    const isNegative = byte === 45;
    if (isNegative) byte = bytes[++at]!;
    let mantissa = 0;
    let rest = 0;
    let digits = 0;
    let power = 0;
    const first = at;
    while (byte >= 48 && byte <= 57) {
      // Leading zeros are no digits: 0.00012 has two.
      if (digits > 0 || byte !== 48) digits++;
      if (digits <= maxExactDigits) mantissa = mantissa * 10 + (byte - 48);
      else rest = rest * 10 + (byte - 48);
      byte = bytes[++at]!;
    }
    if (byte === 46) {
      const point = at;
      byte = bytes[++at]!;
      while (byte >= 48 && byte <= 57) {
        if (digits > 0 || byte !== 48) digits++;
        if (digits <= maxExactDigits) mantissa = mantissa * 10 + (byte - 48);
        else rest = rest * 10 + (byte - 48);
        byte = bytes[++at]!;
      }
      power = point + 1 - at;
      if (at - first === 1) return -1;
    } else if (at === first) return -1;
    if (byte === 101 || byte === 69) {
      byte = bytes[++at]!;
      const isDown = byte === 45;
      if (isDown || byte === 43) byte = bytes[++at]!;
      const exponentStart = at;
      let exponent = 0;
      while (byte >= 48 && byte <= 57) {
        exponent = exponent * 10 + (byte - 48);
        byte = bytes[++at]!;
      }
      if (at === exponentStart || at - exponentStart > 3) return -1;
      power += isDown ? -exponent : exponent;
    }
    let value: number;
    if (digits <= maxExactDigits) {
      if (mantissa === 0) value = 0;
      else if (power === 0) value = mantissa;
      else if (power < 0 && power >= -22) value = mantissa / exactPowers[-power]!;
      else if (power > 0 && power <= 22) value = mantissa * exactPowers[power]!;
      else return -1;
    } else {
      if (digits > maxPairDigits || power > 0 || power < -22) return -1;
      value = dividePair(
        mantissa,
        exactPowers[digits - maxExactDigits]!,
        rest,
        exactPowers[-power]!,
      );
      if (Number.isNaN(value)) return -1;
    }
    this.result[0] = isNegative ? -value : value;
    return at;
  }
}

/** 2^27 + 1 cuts a double into two halves whose products are exact (Veltkamp, Dekker). */
const splitter = 134_217_729;

/**
 * (mantissa * scale + rest) / divisor, rounded once; NaN when two roundings are so near each other
 * that this arithmetic cannot tell. All four are exact and positive, so is `scale` <= 1e4.
 */
function dividePair(mantissa: number, scale: number, rest: number, divisor: number): number {
  const high = mantissa * scale;
  const low = productError(mantissa, scale, high) + rest;
  const quotient = high / divisor;
  const back = quotient * divisor;
  const remainder = high - back - productError(quotient, divisor, back) + low;
  const correction = remainder / divisor;
  // The error of the sum of both is below 2^-100 of it; a rounding that this could turn is refused.
  const doubt = quotient * 2 ** -90;
  const upper = quotient + (correction + doubt);
  return upper === quotient + (correction - doubt) ? upper : Number.NaN;
}

/** What rounding took from `product = a * b`. */
function productError(a: number, b: number, product: number): number {
  const aWide = a * splitter;
  const aHigh = aWide - (aWide - a);
  const aLow = a - aHigh;
  const bWide = b * splitter;
  const bHigh = bWide - (bWide - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * A float as the reference reads it (Go's ParseFloat, without hexadecimal and underscores).
 * @throws {TypeError} with the reference's words
 */
export function parseGoFloat(text: string): number {
  if (/[pP_]/.test(text)) throw new TypeError('unsupported character in float');
  if (decimal.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    throw new TypeError(`strconv.ParseFloat: parsing ${quoteText(text)}: value out of range`);
  }
  const word = text.toLowerCase();
  if (word === 'nan') return Number.NaN;
  if (/^\+?inf(inity)?$/.test(word)) return Number.POSITIVE_INFINITY;
  if (/^-inf(inity)?$/.test(word)) return Number.NEGATIVE_INFINITY;
  throw new TypeError(`strconv.ParseFloat: parsing ${quoteText(text)}: invalid syntax`);
}

/**
 * The shortest text that reads back the same, as Go's %g: `1e+06`, `0.5`, `+Inf`. The exponent form is
 * used below 0.0001 and from a million on.
 */
export function formatGoFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e6) return String(value);
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** How `le` and `quantile` are written, and values of OpenMetrics: `1.0`, `0.5`, `1e+06`, `+Inf`. */
export function formatBoundary(value: number): string {
  const text = formatGoFloat(value);
  return Number.isFinite(value) && !/[e.]/.test(text) ? `${text}.0` : text;
}
