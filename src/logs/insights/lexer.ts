import type { Diagnostics, Span } from './diagnostics.ts';

/** One step of a field path: `quoted` when it stood in backticks (it may then hold dots). */
export interface PathSegment {
  readonly text: string;
  readonly quoted: boolean;
}

export type Token = Span &
  (
    | { readonly kind: 'name'; readonly text: string; readonly path: readonly PathSegment[] }
    /** `.name` right after `]` or `)`: a step into a parsed JSON value. */
    | { readonly kind: 'member'; readonly text: string; readonly path: readonly PathSegment[] }
    | { readonly kind: 'number'; readonly text: string; readonly value: number }
    /** `5m`: a number with a unit. */
    | { readonly kind: 'period'; readonly text: string }
    | { readonly kind: 'string'; readonly text: string; readonly value: string }
    | {
        readonly kind: 'regex';
        readonly text: string;
        readonly source: string;
        readonly flags: string;
      }
    | { readonly kind: 'symbol'; readonly text: string }
    | { readonly kind: 'end'; readonly text: string }
  );

const nameStart = /[\p{L}_@]/u;
const namePart = /[\p{L}\p{N}_@]/u;
const periodText =
  /^\d+(?:ms|msecs?|milliseconds?|secs?|seconds?|s|mins?|minutes?|months?|mon?|mos|m|hrs?|hours?|h|days?|d|weeks?|w|qtrs?|quarters?|q|yrs?|years?|y)$/i;
const twoCharSymbols = new Set(['==', '!=', '<=', '>=', '=~', '~=', '<>']);
const oneCharSymbols = new Set([...'|,()[]=<>+-*/%^:{}!']);

/** After these words an operand follows, so that `/` opens a regular expression. */
const wordsBeforeOperand = new Set([
  'like',
  'in',
  'and',
  'or',
  'not',
  'by',
  'filter',
  'where',
  'search',
  'fields',
  'display',
]);

/** Text to tokens. Whatever the text, it ends with an `end` token; mistakes go to `diagnostics`. */
export function tokenize(text: string, diagnostics: Diagnostics): Token[] {
  const lexer = new Lexer(text, diagnostics);
  lexer.run();
  return lexer.tokens;
}

class Lexer {
  readonly tokens: Token[] = [];
  readonly #text: string;
  readonly #diagnostics: Diagnostics;
  #at = 0;
  #depth = 0;
  /** The word that opened the current command, and at which depth. */
  #command: string | undefined;

  constructor(text: string, diagnostics: Diagnostics) {
    this.#text = text;
    this.#diagnostics = diagnostics;
  }

  run(): void {
    while (this.#at < this.#text.length) this.#next();
    this.tokens.push({ kind: 'end', text: '', start: this.#text.length, end: this.#text.length });
  }

  #next(): void {
    const char = this.#text[this.#at]!;
    if (/\s/.test(char)) {
      this.#at += 1;
    } else if (char === '#') {
      const end = this.#text.indexOf('\n', this.#at);
      this.#at = end === -1 ? this.#text.length : end;
    } else if (char === '"' || char === "'") {
      this.#string(char);
    } else if (char === '/' && this.#regexMayStart()) {
      this.#regex();
    } else if (/\d/.test(char) || (char === '.' && /\d/.test(this.#text[this.#at + 1] ?? ''))) {
      this.#numberOrName();
    } else if (char === '`' || nameStart.test(this.#charAt(this.#at))) {
      this.#name('name');
    } else if (char === '.' && (this.#follows(']') || this.#follows(')'))) {
      this.#at += 1;
      this.#name('member');
    } else {
      this.#symbol();
    }
  }

  #charAt(index: number): string {
    const code = this.#text.codePointAt(index);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #follows(symbol: string): boolean {
    const last = this.tokens.at(-1);
    return last !== undefined && last.end === this.#at && last.text === symbol;
  }

  /** A slash after an operand divides, except in `parse`, where a pattern follows the field. */
  #regexMayStart(): boolean {
    const last = this.tokens.at(-1);
    if (last === undefined) return true;
    if (this.#command === 'parse' && this.#depth === 0) return true;
    switch (last.kind) {
      case 'name':
        return last.path[0]?.quoted !== true && wordsBeforeOperand.has(last.text.toLowerCase());
      case 'symbol':
        return last.text !== ')' && last.text !== ']';
      default:
        return false;
    }
  }

  #string(quote: string): void {
    const start = this.#at;
    let value = '';
    let at = start + 1;
    for (; at < this.#text.length && this.#text[at] !== quote; at++) {
      if (this.#text[at] !== '\\' || at + 1 >= this.#text.length) {
        value += this.#text[at];
        continue;
      }
      at += 1;
      value += unescapeChar(this.#text[at]!);
    }
    const closed = at < this.#text.length;
    this.#at = closed ? at + 1 : at;
    if (!closed) {
      this.#diagnostics.error({ start, end: start + 1 }, 'STRING_OPEN', { symbol: quote });
    }
    this.tokens.push({
      kind: 'string',
      text: this.#text.slice(start, this.#at),
      value,
      start,
      end: this.#at,
    });
  }

  #regex(): void {
    const start = this.#at;
    let end = this.#regexEnd(start + 1, true);
    if (end === -1) end = this.#regexEnd(start + 1, false);
    if (end === -1) {
      this.#diagnostics.error({ start, end: start + 1 }, 'REGEX_OPEN', { symbol: '/' });
      const lineEnd = this.#text.indexOf('\n', start);
      end = lineEnd === -1 ? this.#text.length : lineEnd;
      this.#at = end;
    } else {
      this.#at = end + 1;
    }
    const flags =
      /^[ims]+(?![\p{L}\p{N}_@])/u.exec(this.#text.slice(this.#at, this.#at + 4))?.[0] ?? '';
    this.#at += flags.length;
    this.tokens.push({
      kind: 'regex',
      text: this.#text.slice(start, this.#at),
      source: this.#text.slice(start + 1, end),
      flags,
      start,
      end: this.#at,
    });
  }

  /** `[/]` may hold a plain slash; where that reading finds no end, every slash counts. */
  #regexEnd(from: number, skipClasses: boolean): number {
    let inClass = false;
    for (let at = from; at < this.#text.length; at++) {
      const char = this.#text[at]!;
      if (char === '\n') return -1;
      if (char === '\\') at += 1;
      else if (skipClasses && char === '[' && !inClass) inClass = true;
      else if (skipClasses && char === ']') inClass = false;
      else if (char === '/' && !inClass) return at;
    }
    return -1;
  }

  #numberOrName(): void {
    const start = this.#at;
    const rest = this.#text.slice(start);
    const word = /^[\p{L}\p{N}_@]+/u.exec(rest)?.[0] ?? '';
    if (periodText.test(word)) {
      this.#at += word.length;
      this.tokens.push({ kind: 'period', text: word, start, end: this.#at });
      return;
    }
    const number = /^(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/.exec(rest)![0];
    const after = this.#charAt(start + number.length);
    if (after !== '' && namePart.test(after)) {
      this.#name('name'); // such as 5xx, a name that begins with a digit
      return;
    }
    this.#at += number.length;
    this.tokens.push({ kind: 'number', text: number, value: Number(number), start, end: this.#at });
  }

  #name(kind: 'name' | 'member'): void {
    const start = kind === 'member' ? this.#at - 1 : this.#at;
    const path: PathSegment[] = [];
    for (;;) {
      if (this.#text[this.#at] === '`') {
        path.push({ text: this.#backticked(), quoted: true });
      } else {
        const from = this.#at;
        while (this.#at < this.#text.length && namePart.test(this.#charAt(this.#at))) {
          this.#at += this.#charAt(this.#at).length;
        }
        if (this.#at === from) break;
        path.push({ text: this.#text.slice(from, this.#at), quoted: false });
      }
      const next = this.#charAt(this.#at + 1);
      if (this.#text[this.#at] !== '.' || !(next === '`' || namePart.test(next))) break;
      this.#at += 1;
    }
    if (path.length === 0) {
      this.#diagnostics.error({ start, end: start + 1 }, 'SYMBOL_UNEXPECTED', { symbol: '.' });
      return;
    }
    const text = path.map((segment) => segment.text).join('.');
    this.tokens.push({ kind, text, path, start, end: this.#at });
    this.#command ??= text.toLowerCase();
  }

  #backticked(): string {
    const start = this.#at;
    let end = this.#text.indexOf('`', start + 1);
    if (end === -1) {
      this.#diagnostics.error({ start, end: start + 1 }, 'BACKTICK_OPEN', { symbol: '`' });
      end = this.#text.length;
    }
    this.#at = Math.min(end + 1, this.#text.length);
    return this.#text.slice(start + 1, end);
  }

  #symbol(): void {
    const start = this.#at;
    const two = this.#text.slice(start, start + 2);
    const char = this.#charAt(start);
    const text = twoCharSymbols.has(two) ? two : char;
    this.#at += text.length;
    if (!twoCharSymbols.has(two) && !oneCharSymbols.has(char)) {
      this.#diagnostics.error({ start, end: this.#at }, 'CHARACTER_UNEXPECTED', { symbol: char });
      return;
    }
    if (text === '(' || text === '[') this.#depth += 1;
    if ((text === ')' || text === ']') && this.#depth > 0) this.#depth -= 1;
    if (text === '|') {
      this.#command = undefined;
      this.#depth = 0;
    }
    this.tokens.push({ kind: 'symbol', text, start, end: this.#at });
  }
}

function unescapeChar(char: string): string {
  switch (char) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case '\\':
    case '"':
    case "'":
    case '/':
      return char;
    default:
      return `\\${char}`;
  }
}
