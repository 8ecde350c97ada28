/** Whether a text is one JSON object, and its shortest form; on bytes, nothing is parsed into memory. */

/** 1: the byte stands for itself inside a JSON string (UTF-8 continues to stand for itself too). */
const plain: Uint8Array = new Uint8Array(256).fill(1);
for (let byte = 0; byte < 0x20; byte++) plain[byte] = 0;
plain[0x22] = 0;
plain[0x5c] = 0;

/** Deeper objects stay text: nobody queries them, and a parser of theirs might recurse. */
const maxDepth = 100;

/** Levels of the object being looked at: 1 for an object, 0 for an array. */
const levels = new Uint8Array(maxDepth + 1);

/**
 * Is `source[from, to)` exactly one JSON object with at least one key, by RFC 8259, and what would
 * `compactObject` make of it? `exact`: the same bytes; `loose`: fewer.
 */
export function objectForm(
  source: Uint8Array,
  from: number,
  to: number,
): 'none' | 'exact' | 'loose' {
  if (source[from] !== 0x7b) return 'none';
  let loose = false;
  let depth = 0;
  let keys = 0;
  let i = from;
  /** v: a value must come, k: a key must come, o: a key or `}`, a: a value or `]`, n: `,` or a close. */
  let want: 'v' | 'k' | 'o' | 'a' | 'n' = 'v';
  for (;;) {
    if (i < to && source[i]! <= 0x20) {
      if (!isSpace(source[i]!)) return 'none';
      loose = true;
      i++;
      continue;
    }
    if (i >= to) return 'none';
    const byte = source[i]!;
    if (want === 'n') {
      const object = levels[depth] === 1;
      if (byte === 0x2c) {
        i++;
        want = object ? 'k' : 'v';
        continue;
      }
      if (byte !== (object ? 0x7d : 0x5d)) return 'none';
    }
    if (byte === 0x7d || byte === 0x5d) {
      if (want !== 'n' && !(want === 'o' && byte === 0x7d) && !(want === 'a' && byte === 0x5d)) {
        return 'none';
      }
      i++;
      depth--;
      if (depth === 0) break;
      want = 'n';
      continue;
    }
    if (want === 'k' || want === 'o') {
      if (byte !== 0x22) return 'none';
      const close = stringEnd(source, i, to);
      if (close < 0) return 'none';
      i = close + 1;
      while (i < to && isSpace(source[i]!)) {
        loose = true;
        i++;
      }
      if (i >= to || source[i] !== 0x3a) return 'none';
      i++;
      keys++;
      want = 'v';
      continue;
    }
    if (byte === 0x22) {
      const close = stringEnd(source, i, to);
      if (close < 0) return 'none';
      loose ||= trimmedEnd(source, i + 1, close) !== close;
      i = close + 1;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (depth === maxDepth) return 'none';
      levels[++depth] = byte === 0x7b ? 1 : 0;
      i++;
      want = byte === 0x7b ? 'o' : 'a';
      continue;
    } else {
      i = scalarEnd(source, i, to);
      if (i < 0) return 'none';
    }
    want = 'n';
  }
  for (; i < to; i++) {
    if (!isSpace(source[i]!)) return 'none';
    loose = true;
  }
  if (keys === 0) return 'none';
  return loose ? 'loose' : 'exact';
}

/**
 * Copies a JSON object to `target` without the white space between its tokens; gives the end.
 * Numbers and escapes stay as written. String values lose line feeds and carriage returns at their
 * end, as Fluent Bit's `Merge_Log_Trim` does. The copy is never longer. Of what is no JSON it makes
 * some text, valid UTF-8 where the source is.
 */
export function compactObject(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): number {
  let end = at;
  let i = from;
  while (i < to) {
    const byte = source[i]!;
    if (byte !== 0x22) {
      if (!isSpace(byte)) target[end++] = byte;
      i++;
      continue;
    }
    const close = stringEnd(source, i, to);
    if (close < 0) {
      while (i < to) target[end++] = source[i++]!;
      return end;
    }
    let next = close + 1;
    while (next < to && isSpace(source[next]!)) next++;
    const isKey = next < to && source[next] === 0x3a;
    const stop = isKey ? close : trimmedEnd(source, i + 1, close);
    while (i < stop) target[end++] = source[i++]!;
    target[end++] = 0x22;
    i = close + 1;
  }
  return end;
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

const literals: readonly Uint8Array[] = ['true', 'false', 'null'].map((text) =>
  new TextEncoder().encode(text),
);

/** End of the number or literal that starts at `start`, -1 when there is none. */
function scalarEnd(source: Uint8Array, start: number, to: number): number {
  let i = start;
  if (source[i]! >= 0x61) return literalEnd(source, start, to);
  if (source[i] === 0x2d) i++;
  i = i < to && source[i] === 0x30 ? i + 1 : digitsEnd(source, i, to);
  if (i >= 0 && i < to && source[i] === 0x2e) i = digitsEnd(source, i + 1, to);
  if (i >= 0 && i < to && (source[i] === 0x65 || source[i] === 0x45)) {
    i++;
    if (i < to && (source[i] === 0x2b || source[i] === 0x2d)) i++;
    i = digitsEnd(source, i, to);
  }
  return i;
}

/** End of the digits, -1 when there are none. */
function digitsEnd(source: Uint8Array, start: number, to: number): number {
  let i = start;
  while (i < to && source[i]! >= 0x30 && source[i]! <= 0x39) i++;
  return i === start ? -1 : i;
}

function literalEnd(source: Uint8Array, start: number, to: number): number {
  for (const literal of literals) {
    if (source[start] !== literal[0]) continue;
    if (start + literal.length > to) return -1;
    for (let i = 1; i < literal.length; i++) if (source[start + i] !== literal[i]) return -1;
    return start + literal.length;
  }
  return -1;
}
