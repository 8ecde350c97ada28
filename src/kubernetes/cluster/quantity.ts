import { AppError } from '#base';

/** Decimal exponent or power of 1024 by suffix, as the API's `resource.Quantity` has them. */
const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffixes: Readonly<Record<string, number>> = {
  Ki: 1,
  Mi: 2,
  Gi: 3,
  Ti: 4,
  Pi: 5,
  Ei: 6,
};

/** The API keeps no more than this; larger ones are cut to it. */
const maxNano = (2n ** 63n - 1n) * 1_000_000_000n;
const nanoPerMilli = 1_000_000n;
const nanoPerUnit = 1_000_000_000n;
/** From here on thousandths do not fit into 64 bits, and whole units are told. */
const maxMilliUnits = (2n ** 63n - 1n) / 1000n;
/** An exponent beyond this is more than any number here, and its power must not be worked out. */
const maxExponent = 1000;
/** Requests and limits of a cluster repeat; more different ones than this are not kept. */
const maxCached = 4096;

const pattern =
  /^([+-]?)(\d+\.?\d*|\.\d+)(?:([eE])([+-]?\d+)|(n|u|m|k|Ki?|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei))?$/;

/**
 * A quantity of the Kubernetes API (`100m`, `1.5Gi`, `2e3`) in billionths. Exact; what is finer than a
 * billionth is rounded away from zero, what is larger than 2^63-1 is cut to it, as the API does.
 *
 * @throws {AppError} QUANTITY_INVALID
 */
export function parseQuantityNano(text: string): bigint {
  const match = pattern.exec(text);
  const suffix = match?.[5] ?? '';
  if (match === null || suffix === 'K') {
    throw new AppError('QUANTITY_INVALID', `"${text}" is no quantity such as 100m, 1.5Gi or 2e3`);
  }
  const [, sign, digits = '', , exponentText] = match;
  const [whole = '', fraction = ''] = digits.split('.');
  const mantissa = BigInt(`${whole}${fraction}`);
  const binary = binarySuffixes[suffix];
  const exponent =
    (exponentText === undefined ? (decimalSuffixes[suffix] ?? 0) : Number(exponentText)) -
    fraction.length +
    9;
  if (mantissa === 0n) return 0n;
  const factor = binary === undefined ? 1n : 1024n ** BigInt(binary);
  const nano =
    exponent > maxExponent
      ? maxNano
      : exponent >= 0
        ? mantissa * factor * 10n ** BigInt(exponent)
        : divideAwayFromZero(
            mantissa * factor,
            exponent < -maxExponent ? 10n ** BigInt(maxExponent) : 10n ** BigInt(-exponent),
          );
  const cut = nano > maxNano ? maxNano : nano;
  return sign === '-' ? -cut : cut;
}

function divideAwayFromZero(value: bigint, by: bigint): bigint {
  const magnitude = value < 0n ? -value : value;
  const rounded = (magnitude + by - 1n) / by;
  return value < 0n ? -rounded : rounded;
}

const cached = (work: (text: string) => number): ((text: string) => number) => {
  const known = new Map<string, number>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = work(text);
    if (known.size < maxCached) known.set(text, value);
    return value;
  };
};

/** Whole units, rounded up: bytes, counts. @throws {AppError} QUANTITY_INVALID */
export const quantityUnits: (text: string) => number = cached((text) =>
  Number(divideAwayFromZero(parseQuantityNano(text), nanoPerUnit)),
);

/** Units with thousandths, rounded up: cores. @throws {AppError} QUANTITY_INVALID */
export const quantityThousandths: (text: string) => number = cached((text) => {
  const nano = parseQuantityNano(text);
  const units = divideAwayFromZero(nano, nanoPerUnit);
  if (units > maxMilliUnits) return Number(units);
  return Number(divideAwayFromZero(nano, nanoPerMilli)) / 1000;
});

/** The number as it is, as near as a double comes. @throws {AppError} QUANTITY_INVALID */
export const quantityNumber: (text: string) => number = cached(
  (text) => Number(parseQuantityNano(text)) / 1e9,
);
