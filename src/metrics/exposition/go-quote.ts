import { isUtf8 } from 'node:buffer';

/** An unterminated text may reach to the end of the body; an error shows so much of it. */
const maxQuotedBytes = 512;

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** Bytes as Go's %q writes them: what errors of the reference show. At most 512 bytes of them. */
export function quoteBytes(bytes: Uint8Array, start: number, end: number): string {
  const last = Math.min(end, start + maxQuotedBytes);
  let text = '"';
  for (let at = start; at < last; ) {
    const length = runeLength(bytes, at, last);
    if (length === 0) {
      text += `\\x${hex(bytes[at]!, 2)}`;
      at++;
      continue;
    }
    text += quoteChar(Buffer.from(bytes.subarray(at, at + length)).toString('utf8'));
    at += length;
  }
  return `${text}${last < end ? '…' : ''}"`;
}

export function quoteText(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  return quoteBytes(bytes, 0, bytes.length);
}

function quoteChar(char: string): string {
  const escaped = escapes[char];
  if (escaped !== undefined) return escaped;
  const code = char.codePointAt(0)!;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char)) return char;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/** Bytes of the well-formed UTF-8 sequence at an offset, 0 when there is none. */
function runeLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || at + length > end) return 0;
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}
