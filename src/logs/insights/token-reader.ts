import type { Diagnostics, Span } from './diagnostics.ts';
import type { Token } from './lexer.ts';
import type { DiagnosticCode, DiagnosticParams } from './messages.ts';

/** Thrown inside the parser after an error was recorded; caught where parsing can go on. */
export class SyntaxFault extends Error {}

/** Of what does not fit, so much is shown. */
const maxSymbolChars = 40;

/** Expressions nested deeper than this are refused: they would exhaust the stack. */
const maxDepth = 200;

/** A cursor over tokens with the questions that a parser asks. */
export class TokenReader {
  readonly text: string;
  readonly diagnostics: Diagnostics;
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  constructor(text: string, tokens: readonly Token[], diagnostics: Diagnostics) {
    this.text = text;
    this.#tokens = tokens;
    this.diagnostics = diagnostics;
  }

  get token(): Token {
    return this.#tokens[Math.min(this.#index, this.#tokens.length - 1)]!;
  }

  get atEnd(): boolean {
    return this.token.kind === 'end';
  }

  get position(): number {
    return this.#index;
  }

  /** Goes back to an earlier `position`. */
  rewind(position: number): void {
    this.#index = position;
  }

  peek(ahead = 1): Token {
    return this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)]!;
  }

  /** End of the token before the current one. */
  get lastEnd(): number {
    return this.#index === 0 ? 0 : this.#tokens[this.#index - 1]!.end;
  }

  next(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.#index += 1;
    return token;
  }

  isSymbol(text: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === text;
  }

  /** Words are case-insensitive; a name in backticks is never a word. */
  isWord(...words: readonly string[]): boolean {
    return isWordToken(this.token, words);
  }

  takeSymbol(text: string): boolean {
    if (!this.isSymbol(text)) return false;
    this.next();
    return true;
  }

  takeWord(...words: readonly string[]): boolean {
    if (!this.isWord(...words)) return false;
    this.next();
    return true;
  }

  expectSymbol(text: string, where: string): void {
    if (!this.takeSymbol(text)) this.fail('SYMBOL_MISSING', { missing: text, where });
  }

  expectWord(word: string, where: string): void {
    if (!this.takeWord(word)) this.fail('SYMBOL_MISSING', { missing: word, where });
  }

  /** Records that the current token does not fit, and gives up the current construct. */
  fail(code: DiagnosticCode, params: DiagnosticParams = {}, span: Span = this.token): never {
    const isEnd = span === this.token && this.token.kind === 'end';
    const symbol = this.text.slice(span.start, Math.min(span.end, span.start + maxSymbolChars));
    this.diagnostics.error(span, code, { symbol: isEnd ? '' : symbol, ...params });
    throw new SyntaxFault(code);
  }

  nested<T>(parse: () => T): T {
    if (this.#depth >= maxDepth) this.fail('TOO_DEEP');
    this.#depth += 1;
    try {
      return parse();
    } finally {
      this.#depth -= 1;
    }
  }

  /** To the next `|` outside brackets, or to the end. */
  skipCommand(): void {
    while (this.token.kind !== 'end' && !this.isSymbol('|')) this.next();
  }
}

export function isWordToken(token: Token, words: readonly string[]): boolean {
  return (
    token.kind === 'name' &&
    token.path.length === 1 &&
    token.path[0]!.quoted === false &&
    words.includes(token.text.toLowerCase())
  );
}
