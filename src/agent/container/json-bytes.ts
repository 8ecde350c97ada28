/** JSON text made from bytes to bytes, without a string in between. */

/** 1: the byte stands for itself inside a JSON string (UTF-8 continues to stand for itself too). */
const plain: Uint8Array = new Uint8Array(256).fill(1);
for (let byte = 0; byte < 0x20; byte++) plain[byte] = 0;
plain[0x22] = 0;
plain[0x5c] = 0;

/** The letter after the backslash for the short escapes, 0 for `\u00XX`. */
const shortEscape: Uint8Array = new Uint8Array(256);
shortEscape[0x22] = 0x22;
shortEscape[0x5c] = 0x5c;
shortEscape[0x08] = 0x62;
shortEscape[0x09] = 0x74;
shortEscape[0x0a] = 0x6e;
shortEscape[0x0c] = 0x66;
shortEscape[0x0d] = 0x72;

const hexDigits: Uint8Array = new TextEncoder().encode('0123456789abcdef');

/** A byte grows to at most this many. */
export const maxEscapedBytes = 6;

/** From this length on copying a run natively is quicker than byte by byte. */
const minNativeCopyBytes = 64;

/**
 * Writes `source[from, to)` as the inside of a JSON string. `target` must have room for
 * `maxEscapedBytes` per byte. Valid UTF-8 in, valid UTF-8 out. Returns the end.
 */
export function escapeBytes(
  source: Buffer,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): number {
  let end = at;
  let i = from;
  for (;;) {
    let stop = i;
    while (stop < to && plain[source[stop]!] === 1) stop++;
    if (stop - i >= minNativeCopyBytes) {
      source.copy(target, end, i, stop);
      end += stop - i;
      i = stop;
    } else {
      while (i < stop) target[end++] = source[i++]!;
    }
    if (i === to) return end;
    const byte = source[i++]!;
    const letter = shortEscape[byte]!;
    target[end++] = 0x5c;
    if (letter !== 0) {
      target[end++] = letter;
      continue;
    }
    target[end++] = 0x75;
    target[end++] = 0x30;
    target[end++] = 0x30;
    target[end++] = hexDigits[byte >>> 4]!;
    target[end++] = hexDigits[byte & 15]!;
  }
}

/** Deeper objects stay text: nobody queries them, and a parser of theirs might recurse. */
const maxDepth = 100;

/**
 * When `source[from, to)` is exactly one JSON object with at least one key, copies it to `target`
 * without the white space between its tokens and returns the end; else -1 (what was written past
 * `at` means nothing then). Numbers and escapes stay as written. String values lose line feeds and
 * carriage returns at their end, as Fluent Bit's `Merge_Log_Trim` does. The copy is never longer.
 */
export function compactObject(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): number {
  if (source[from] !== 0x7b) return -1;
  /** Bit per level would be shorter; a small array is as quick and has no limit of 32. */
  const inObject: boolean[] = [];
  let end = at;
  let i = from;
  /** v: a value must come, k: a key must come, o: a key or `}`, a: a value or `]`, n: `,` or a close. */
  let want: 'v' | 'k' | 'o' | 'a' | 'n' = 'v';
  let keys = 0;
  for (;;) {
    while (i < to && isSpace(source[i]!)) i++;
    if (i >= to) return -1;
    const byte = source[i]!;
    if (want === 'n') {
      const object = inObject[inObject.length - 1]!;
      if (byte === 0x2c) {
        target[end++] = byte;
        i++;
        want = object ? 'k' : 'v';
        continue;
      }
      if (byte !== (object ? 0x7d : 0x5d)) return -1;
    }
    const closes = byte === 0x7d || byte === 0x5d;
    if (closes) {
      if (want !== 'n' && !(want === 'o' && byte === 0x7d) && !(want === 'a' && byte === 0x5d)) {
        return -1;
      }
      target[end++] = byte;
      i++;
      inObject.pop();
      if (inObject.length === 0) break;
      want = 'n';
      continue;
    }
    if (want === 'k' || want === 'o') {
      if (byte !== 0x22) return -1;
      const close = stringEnd(source, i, to);
      if (close < 0) return -1;
      for (; i <= close; i++) target[end++] = source[i]!;
      while (i < to && isSpace(source[i]!)) i++;
      if (source[i] !== 0x3a || i >= to) return -1;
      target[end++] = 0x3a;
      i++;
      keys++;
      want = 'v';
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) {
      if (inObject.length === maxDepth) return -1;
      target[end++] = byte;
      i++;
      inObject.push(byte === 0x7b);
      want = byte === 0x7b ? 'o' : 'a';
      continue;
    }
    if (byte === 0x22) {
      const close = stringEnd(source, i, to);
      if (close < 0) return -1;
      const textEnd = trimmedEnd(source, i + 1, close);
      for (; i < textEnd; i++) target[end++] = source[i]!;
      target[end++] = 0x22;
      i = close + 1;
    } else {
      const stop = scalarEnd(source, i, to);
      if (stop < 0) return -1;
      for (; i < stop; i++) target[end++] = source[i]!;
    }
    want = 'n';
  }
  while (i < to && isSpace(source[i]!)) i++;
  return i === to && keys > 0 ? end : -1;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Index of the closing quote of the string that opens at `open`, -1 when it is not a valid one. */
function stringEnd(source: Uint8Array, open: number, to: number): number {
  for (let i = open + 1; i < to; i++) {
    const byte = source[i]!;
    if (plain[byte] === 1) continue;
    if (byte === 0x22) return i;
    if (byte !== 0x5c) return -1;
    i++;
    const letter = i < to ? source[i]! : 0;
    if (letter === 0x75) {
      for (let k = 1; k <= 4; k++) if (i + k >= to || !isHex(source[i + k]!)) return -1;
      i += 4;
    } else if (
      letter !== 0x22 &&
      letter !== 0x5c &&
      letter !== 0x2f &&
      letter !== 0x62 &&
      letter !== 0x66 &&
      letter !== 0x6e &&
      letter !== 0x72 &&
      letter !== 0x74
    ) {
      return -1;
    }
  }
  return -1;
}

/** Where the text ends once `\n` and `\r` at its end are left out. */
function trimmedEnd(source: Uint8Array, start: number, close: number): number {
  let end = close;
  while (end - start >= 2 && source[end - 2] === 0x5c) {
    const letter = source[end - 1];
    if (letter !== 0x6e && letter !== 0x72) break;
    // An even number of backslashes before the letter's own: it starts an escape.
    let slashes = 0;
    for (let i = end - 3; i >= start && source[i] === 0x5c; i--) slashes++;
    if (slashes % 2 === 1) break;
    end -= 2;
  }
  return end;
}

function isHex(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x46) ||
    (byte >= 0x61 && byte <= 0x66)
  );
}

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39;

const literals: readonly Uint8Array[] = ['true', 'false', 'null'].map((text) =>
  new TextEncoder().encode(text),
);

/** End of the number or literal that starts at `start`, -1 when there is none. */
function scalarEnd(source: Uint8Array, start: number, to: number): number {
  for (const literal of literals) {
    if (source[start] !== literal[0]) continue;
    if (start + literal.length > to) return -1;
    for (let i = 1; i < literal.length; i++) if (source[start + i] !== literal[i]) return -1;
    return start + literal.length;
  }
  const byte = (i: number): number | undefined => (i < to ? source[i] : undefined);
  let i = start;
  if (byte(i) === 0x2d) i++;
  if (byte(i) === 0x30) i++;
  else {
    if (!isDigit(byte(i))) return -1;
    while (isDigit(byte(i))) i++;
  }
  if (byte(i) === 0x2e) {
    if (!isDigit(byte(++i))) return -1;
    while (isDigit(byte(i))) i++;
  }
  if (byte(i) === 0x65 || byte(i) === 0x45) {
    i++;
    if (byte(i) === 0x2b || byte(i) === 0x2d) i++;
    if (!isDigit(byte(i))) return -1;
    while (isDigit(byte(i))) i++;
  }
  return i;
}
