/** How far a number or duration goes. `end` is where reading stopped, also of one that is not valid. */
export interface Scan {
  readonly isValid: boolean;
  readonly end: number;
}

const isAlphaNumeric = (char: string | undefined): boolean =>
  char !== undefined && /[a-zA-Z0-9_]/.test(char);

/**
 * A number: decimal, octal, hexadecimal, with a fraction or an exponent, `_` between digits. It may
 * still be out of range.
 */
export function scanNumber(text: string, from: number): Scan {
  let at = from;
  const isOneOf = (set: string): boolean => at < text.length && set.includes(text[at]!);
  const accept = (set: string): boolean => {
    if (!isOneOf(set)) return false;
    at++;
    return true;
  };
  const fail = (): Scan => ({ isValid: false, end: at });

  let digits = '0123456789';
  const isHex = accept('0') && accept('xX');
  if (isHex) {
    accept('_');
    digits = '0123456789abcdefABCDEF';
  }
  accept('.');
  accept(digits);
  let hasDot = false;
  let hasExponent = false;
  while (isOneOf(`${digits}._eE`)) {
    if (isOneOf('.') && hasDot) {
      at++;
      return fail();
    }
    if (isOneOf('eE') && hasExponent) {
      at++;
      return fail();
    }
    if (accept('.')) {
      hasDot = true;
      if (accept('_.') || isHex) return fail();
    } else if (accept('eE')) {
      hasExponent = true;
      accept('+-');
      if (accept('._eE') || at >= text.length) return fail();
    } else if (accept('_')) {
      if (accept('._eE') || at >= text.length) return fail();
    } else {
      while (accept(digits)) {
        // All digits in a row.
      }
    }
  }
  return { isValid: at > from && !isAlphaNumeric(text[at]), end: at };
}

/** The rest of a duration whose first count ends at `from`. */
export function scanDuration(text: string, from: number): Scan {
  let at = from;
  const accept = (set: string): boolean => {
    if (at >= text.length || !set.includes(text[at]!)) return false;
    at++;
    return true;
  };
  if (!accept('smhdwy')) return { isValid: false, end: at };
  accept('s');
  while (accept('0123456789')) {
    while (accept('0123456789')) {
      // All digits in a row.
    }
    if (!accept('smhdw')) return { isValid: false, end: at };
    accept('s');
  }
  if (!isAlphaNumeric(text[at])) return { isValid: true, end: at };
  return { isValid: false, end: at + 1 };
}

/** The value of a number's text; undefined when it is out of range or malformed. */
export function numberValue(text: string): number | undefined {
  const lower = text.toLowerCase();
  if (lower === 'inf') return Number.POSITIVE_INFINITY;
  if (lower === 'nan') return Number.NaN;
  const plain = lower.replaceAll('_', '');
  if (/^0x[0-9a-f]+$/.test(plain)) return Number(plain);
  if (/^0[0-7]+$/.test(plain)) return Number.parseInt(plain, 8);
  if (/^\d+$/.test(plain) && plain === lower) return finite(Number(plain));
  if (/^[1-9]\d*$/.test(plain)) return finite(Number(plain));
  // Only integers may have `_`.
  if (lower.includes('_')) return undefined;
  return finite(Number(lower));
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
