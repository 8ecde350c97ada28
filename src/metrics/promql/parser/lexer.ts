import { parseError } from '../errors.ts';
import { quoteChar, unicodeName } from './go-text.ts';
import { scanDuration, scanNumber } from './scan-number.ts';
import { callKeywords, durationWords, type Token, type TokenKind, wordKinds } from './tokens.ts';

const isSpace = (char: string | undefined): boolean =>
  char === ' ' || char === '\t' || char === '\n' || char === '\r';
const isDigit = (char: string | undefined): boolean =>
  char !== undefined && char >= '0' && char <= '9';
const isAlpha = (char: string | undefined): boolean =>
  char !== undefined &&
  (char === '_' || (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z'));
const isAlphaNumeric = (char: string | undefined): boolean => isAlpha(char) || isDigit(char);

const operatorChars = new Set(['*', '/', '%', '+', '-', '^']);

/**
 * Text to tokens, one at a time. What is allowed depends on where it stands: braces hold matchers,
 * brackets hold durations. Errors are thrown with the reference's words and places.
 */
export class Lexer {
  readonly #text: string;
  #at = 0;
  #parenDepth = 0;
  #isBraceOpen = false;
  #isBracketOpen = false;
  /** Right after `[`, and until the first number. */
  #isInDuration = false;
  #hasColon = false;
  #hasDuration = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** @throws {AppError} PROMQL_PARSE */
  next(): Token {
    for (;;) {
      while (isSpace(this.#text[this.#at])) this.#at++;
      if (this.#text[this.#at] !== '#' || this.#isInDuration) break;
      while (this.#at < this.#text.length && !/[\r\n]/.test(this.#text[this.#at]!)) this.#at++;
    }
    if (this.#isBraceOpen) return this.#insideBraces();
    return this.#isInDuration ? this.#duration() : this.#statement();
  }

  #statement(): Token {
    const start = this.#at;
    const char = this.#charAt(start);
    if (char === undefined) {
      if (this.#parenDepth !== 0) this.#fail(start, 'unclosed left parenthesis');
      if (this.#isBracketOpen) this.#fail(start, 'unclosed left bracket');
      return this.#emit('end', start);
    }
    const following = this.#text[start + 1];
    if (operatorChars.has(char)) return this.#emit('operator', start + 1);
    if (isDigit(char) || (char === '.' && isDigit(following))) return this.#numberOrDuration();
    if (isAlpha(char) || char === ':') return this.#word(char);
    switch (char) {
      case ',':
        return this.#emit('punctuation', start + 1);
      case '@':
        return this.#emit('operator', start + 1);
      case '=':
        if (following === '=') return this.#emit('operator', start + 2);
        if (following === '~') this.#fail(start, `unexpected character after '=': '~'`);
        return this.#emit('punctuation', start + 1);
      case '!':
        if (following !== '=') {
          this.#fail(
            start,
            `unexpected character after '!': ${quoteChar(this.#charAt(start + 1))}`,
          );
        }
        return this.#emit('operator', start + 2);
      case '<':
      case '>':
        return this.#emit('operator', start + (following === '=' || following === '/' ? 2 : 1));
      case '"':
      case "'":
        return this.#string(char);
      case '`':
        return this.#rawString();
      case '(':
        this.#parenDepth++;
        return this.#emit('punctuation', start + 1);
      case ')':
        return this.#closeParen();
      case '{':
        this.#isBraceOpen = true;
        return this.#emit('punctuation', start + 1);
      case '[':
        if (this.#isBracketOpen) this.#fail(start, "unexpected left bracket '['");
        this.#isBracketOpen = true;
        this.#isInDuration = true;
        this.#hasColon = false;
        this.#hasDuration = false;
        return this.#emit('punctuation', start + 1);
      case ']':
        if (!this.#isBracketOpen) this.#fail(start, "unexpected right bracket ']'");
        this.#isBracketOpen = false;
        return this.#emit('punctuation', start + 1);
      default:
        return this.#fail(start, `unexpected character: ${quoteChar(char)}`);
    }
  }

  /** Right after an opening bracket, until its first number. */
  #duration(): Token {
    const start = this.#at;
    const char = this.#charAt(start);
    if (char === undefined) this.#fail(start, 'unexpected end of input in duration expression');
    if (operatorChars.has(char)) return this.#emit('operator', start + 1);
    if (isDigit(char) || (char === '.' && isDigit(this.#text[start + 1]))) {
      this.#hasDuration = true;
      this.#isInDuration = false;
      return this.#numberOrDuration();
    }
    switch (char) {
      case ']':
        this.#isBracketOpen = false;
        this.#isInDuration = false;
        return this.#emit('punctuation', start + 1);
      case ':':
        if (!this.#hasDuration) {
          this.#fail(start + 1, 'unexpected colon before duration in duration expression');
        }
        if (this.#hasColon) {
          this.#fail(start + 1, 'unexpected repeated colon in duration expression');
        }
        this.#hasColon = true;
        return this.#emit('punctuation', start + 1);
      case '(':
        this.#parenDepth++;
        return this.#emit('punctuation', start + 1);
      case ')':
        return this.#closeParen();
      case ',':
        return this.#emit('punctuation', start + 1);
      default: {
        const word = this.#durationWord();
        return (
          word ??
          this.#fail(start, `unexpected character in duration expression: ${quoteChar(char)}`)
        );
      }
    }
  }

  #insideBraces(): Token {
    const start = this.#at;
    const char = this.#charAt(start);
    if (char === undefined) this.#fail(start, 'unexpected end of input inside braces');
    const following = this.#text[start + 1];
    if (isAlpha(char)) {
      let end = start + 1;
      while (isAlphaNumeric(this.#text[end])) end++;
      return this.#emit('identifier', end);
    }
    switch (char) {
      case ',':
        return this.#emit('punctuation', start + 1);
      case '"':
      case "'":
        return this.#string(char);
      case '`':
        return this.#rawString();
      case '=':
        return following === '~'
          ? this.#emit('operator', start + 2)
          : this.#emit('punctuation', start + 1);
      case '!':
        if (following === '~' || following === '=') return this.#emit('operator', start + 2);
        return this.#fail(
          start,
          `unexpected character after '!' inside braces: ${quoteChar(this.#charAt(start + 1))}`,
        );
      case '{':
        return this.#fail(start, "unexpected left brace '{'");
      case '}':
        this.#isBraceOpen = false;
        return this.#emit('punctuation', start + 1);
      default:
        return this.#fail(start, `unexpected character inside braces: ${quoteChar(char)}`);
    }
  }

  #closeParen(): Token {
    this.#parenDepth--;
    if (this.#parenDepth < 0) this.#fail(this.#at + 1, "unexpected right parenthesis ')'");
    return this.#emit('punctuation', this.#at + 1);
  }

  #word(char: string): Token {
    const start = this.#at;
    if (this.#isBracketOpen) {
      if (char === ':') {
        if (this.#hasColon) this.#fail(start, "unexpected colon ':'");
        this.#hasColon = true;
        return this.#emit('punctuation', start + 1);
      }
      return (
        this.#durationWord() ??
        this.#fail(start, `unexpected character: ${quoteChar(char)}, expected ':'`)
      );
    }
    let end = start + 1;
    while (isAlphaNumeric(this.#text[end]) || this.#text[end] === ':') end++;
    const word = this.#text.slice(start, end).toLowerCase();
    const kind = wordKinds.get(word);
    if (kind !== undefined && !(callKeywords.has(word) && !this.#isCallAt(end))) {
      return this.#emit(kind, end, word);
    }
    return this.#emit(word.includes(':') ? 'metric identifier' : 'identifier', end);
  }

  #isCallAt(at: number): boolean {
    let next = at;
    while (isSpace(this.#text[next])) next++;
    return this.#text[next] === '(';
  }

  #durationWord(): Token | undefined {
    let end = this.#at;
    while (isAlpha(this.#text[end])) end++;
    const word = this.#text.slice(this.#at, end).toLowerCase();
    if (!durationWords.has(word)) return undefined;
    this.#hasDuration = true;
    return this.#emit('preprocessor', end, word);
  }

  #numberOrDuration(): Token {
    const number = scanNumber(this.#text, this.#at);
    if (number.isValid) return this.#emit('number', number.end);
    const duration = scanDuration(this.#text, number.end);
    if (duration.isValid) return this.#emit('duration', duration.end);
    const text = JSON.stringify(this.#text.slice(this.#at, duration.end));
    return this.#fail(this.#at, `bad number or duration syntax: ${text}`);
  }

  #string(quote: string): Token {
    let at = this.#at + 1;
    for (;;) {
      const char = this.#charAt(at);
      if (char === undefined || char === '\n') this.#fail(this.#at, 'unterminated quoted string');
      if (isBroken(char)) this.#fail(this.#at, 'invalid UTF-8 rune');
      if (char === quote) return this.#emit('string', at + 1);
      at = char === '\\' ? this.#escape(at + 1, quote) : at + char.length;
    }
  }

  /** The end of an escape sequence whose kind stands at an index. */
  #escape(at: number, quote: string): number {
    const kind = this.#charAt(at);
    if (kind === undefined) this.#fail(this.#at, 'escape sequence not terminated');
    if (kind === quote || 'abfnrtv\\'.includes(kind)) return at + 1;
    const [digits, base, from, max] =
      kind >= '0' && kind <= '7'
        ? [3, 8, at, 255]
        : kind === 'x'
          ? [2, 16, at + 1, 255]
          : kind === 'u'
            ? [4, 16, at + 1, 0x10ffff]
            : kind === 'U'
              ? [8, 16, at + 1, 0x10ffff]
              : this.#fail(this.#at, `unknown escape sequence ${unicodeName(kind)}`);
    let code = 0;
    for (let next = from; next < from + digits; next++) {
      const char = this.#charAt(next);
      if (char === undefined) this.#fail(this.#at, 'escape sequence not terminated');
      const digit = Number.parseInt(char, base);
      if (Number.isNaN(digit)) {
        this.#fail(this.#at, `illegal character ${unicodeName(char)} in escape sequence`);
      }
      code = code * base + digit;
    }
    if (code > max || (code >= 0xd800 && code < 0xe000)) {
      this.#fail(this.#at, 'escape sequence is an invalid Unicode code point');
    }
    return from + digits;
  }

  #rawString(): Token {
    let at = this.#at + 1;
    for (;;) {
      const char = this.#charAt(at);
      if (char === undefined) this.#fail(this.#at, 'unterminated raw string');
      if (isBroken(char)) this.#fail(this.#at, 'invalid UTF-8 rune');
      at += char.length;
      if (char === '`') return this.#emit('string', at);
    }
  }

  #charAt(at: number): string | undefined {
    const code = this.#text.codePointAt(at);
    return code === undefined ? undefined : String.fromCodePoint(code);
  }

  #emit(kind: TokenKind, end: number, value?: string): Token {
    const start = this.#at;
    this.#at = end;
    const text = this.#text.slice(start, end);
    return { kind, value: value ?? text, text, start, end };
  }

  #fail(start: number, reason: string): never {
    throw parseError(this.#text, { start, end: this.#text.length }, reason);
  }
}

/** Half a surrogate pair, or what was put in the place of bytes that are no UTF-8. */
const isBroken = (char: string): boolean => char === '\ufffd' || /^[\ud800-\udfff]$/.test(char);
