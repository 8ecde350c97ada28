/**
 * Texts as Go's strconv and fmt write and read them: what the reference prints in queries and errors.
 */

const shortEscapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** Letters, marks, numbers, punctuation, symbols and the plain space are printed as they are. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

function escapeChar(char: string, quote: string): string {
  if (char === quote) return `\\${quote}`;
  const short = shortEscapes[char];
  if (short !== undefined) return short;
  if (printable.test(char)) return char;
  const code = char.codePointAt(0)!;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

/** `"a\"b"`, as `%q` of a string. */
export function quoteText(text: string): string {
  // Nearly every text is plain.
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  let quoted = '"';
  for (const char of text) quoted += escapeChar(char, '"');
  return `${quoted}"`;
}

/** `'x'`, as `%q` of a character; the end of the text is the replacement character. */
export function quoteChar(char: string | undefined): string {
  return char === undefined ? "'\ufffd'" : `'${escapeChar(char, "'")}'`;
}

/** `U+0064 'd'`, as `%#U`. */
export function unicodeName(char: string): string {
  const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return `U+${code} '${char}'`;
}

const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
};

/**
 * The text that a literal stands for, quotes included in `literal`; it was accepted by the lexer.
 * Escapes of single bytes may spell UTF-8. A byte that does not stays told from all characters, as a
 * lone surrogate U+DC80 to U+DCFF, and is quoted as that byte again.
 */
export function unquoteText(literal: string): string {
  const inner = literal.slice(1, -1);
  if (literal[0] === '`' || !inner.includes('\\')) return inner;
  const parts: Buffer[] = [];
  let plainFrom = 0;
  for (let at = 0; at < inner.length; ) {
    if (inner[at] !== '\\') {
      at++;
      continue;
    }
    parts.push(Buffer.from(inner.slice(plainFrom, at)));
    const kind = inner[at + 1]!;
    const simple = simpleEscapes[kind];
    if (simple !== undefined) {
      parts.push(Buffer.of(simple));
      at += 2;
    } else if (kind === 'x') {
      parts.push(Buffer.of(Number.parseInt(inner.slice(at + 2, at + 4), 16)));
      at += 4;
    } else if (kind === 'u' || kind === 'U') {
      const digits = kind === 'u' ? 4 : 8;
      const code = Number.parseInt(inner.slice(at + 2, at + 2 + digits), 16);
      parts.push(Buffer.from(String.fromCodePoint(code)));
      at += 2 + digits;
    } else {
      parts.push(Buffer.of(Number.parseInt(inner.slice(at + 1, at + 4), 8) & 0xff));
      at += 4;
    }
    plainFrom = at;
  }
  parts.push(Buffer.from(inner.slice(plainFrom)));
  return decode(Buffer.concat(parts));
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Buffer): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return decodeWithStrays(bytes);
  }
}

function decodeWithStrays(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    let length = 1;
    let char: string | undefined;
    // A character has four bytes at most.
    for (; length <= 4 && char === undefined && at + length <= bytes.length; length++) {
      try {
        char = strictDecoder.decode(bytes.subarray(at, at + length));
      } catch {
        // Not whole yet, or no character at all.
      }
    }
    text += char ?? String.fromCharCode(0xdc00 + bytes[at]!);
    at += char === undefined ? 1 : length - 1;
  }
  return text;
}

/** A number as `%v`/`'f', -1`: no exponent, `+Inf`, `-Inf`, `NaN`. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  return text.includes('e') ? expanded(text) : text;
}

/** The shortest digits, with the exponent written out. */
function expanded(text: string): string {
  const [, sign, whole, fraction = '', exponent] = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text)!;
  const digits = whole! + fraction;
  const point = whole!.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A number as Go's `%v` and `%g` write it: an exponent below 1e-4 and from 1e21 on. */
export function formatGeneral(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || value === 0 || (size >= 1e-4 && size < 1e21))
    return formatFloat(value);
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  const sign = exponent[0] === '-' ? '-' : '+';
  return `${mantissa}e${sign}${exponent.slice(1).padStart(2, '0')}`;
}
