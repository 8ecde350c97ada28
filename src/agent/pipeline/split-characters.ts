/**
 * Container runtimes split long lines wherever in a character that falls. So that the pieces can be
 * joined as text, bytes that are no UTF-8 by themselves become lone surrogates (0x80 to 0xff as
 * U+DC80 to U+DCFF), which no valid text holds, and bytes again once the pieces are together.
 */
const escapeBase = 0xdc00;

/** Loses no byte. For lines that a plain decoding gave U+FFFD: it is slow. */
export function decodeKeepingBytes(bytes: Buffer, start: number, end: number): string {
  let text = '';
  let plainFrom = start;
  for (let at = start; at < end; ) {
    const length = sequenceLength(bytes, at, end);
    if (length > 0) {
      at += length;
      continue;
    }
    text += bytes.toString('utf8', plainFrom, at) + String.fromCharCode(escapeBase + bytes[at]!);
    at++;
    plainFrom = at;
  }
  return text + bytes.toString('utf8', plainFrom, end);
}

/** The text with its pieces put together; what is still no UTF-8 becomes U+FFFD. */
export function joinSplitCharacters(text: string): string {
  if (text.isWellFormed()) return text;
  const parts: Buffer[] = [];
  let plainFrom = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0xd800 && code < 0xdc00) {
      at++; // The first half of a pair: its second half is no escape.
      continue;
    }
    if (code < escapeBase + 0x80 || code > escapeBase + 0xff) continue;
    parts.push(Buffer.from(text.slice(plainFrom, at)), Buffer.of(code - escapeBase));
    plainFrom = at + 1;
  }
  parts.push(Buffer.from(text.slice(plainFrom)));
  return Buffer.concat(parts).toString('utf8');
}

/** Bytes of the character at `at`; 0 when there is no whole one (RFC 3629). */
function sequenceLength(bytes: Buffer, at: number, end: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > end) return 0;
  for (let i = 1; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1]!;
  const isOverlong = (first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90);
  const isOutside = (first === 0xed && second >= 0xa0) || (first === 0xf4 && second >= 0x90);
  return isOverlong || isOutside ? 0 : length;
}
