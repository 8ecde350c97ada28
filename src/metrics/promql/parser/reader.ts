import { parseError } from '../errors.ts';
import { Lexer } from './lexer.ts';
import type { Span } from './position.ts';
import { describeToken, type Token } from './tokens.ts';

/** Which syntax beyond the stable one is accepted. */
export interface ParserOptions {
  /** Functions and aggregations that the reference marks as experimental. */
  readonly hasExperimentalFunctions: boolean;
  /** `[5m * 2]`, `offset (step() / 2)`. */
  readonly hasDurationExpressions: boolean;
  /** `anchored`, `smoothed`. */
  readonly hasExtendedRanges: boolean;
  /** `fill (0)`, `fill_left`, `fill_right`. */
  readonly hasFillModifiers: boolean;
}

/** All of 3.x. */
export const allSyntax: ParserOptions = {
  hasExperimentalFunctions: true,
  hasDurationExpressions: true,
  hasExtendedRanges: true,
  hasFillModifiers: true,
};

/** What a server of the reference accepts without flags. */
export const stableSyntax: ParserOptions = {
  hasExperimentalFunctions: false,
  hasDurationExpressions: false,
  hasExtendedRanges: false,
  hasFillModifiers: false,
};

/** What an unexpected token stands in, and what was expected. */
export interface Context {
  readonly inside: string;
  readonly expected: string;
}

/** Deeper queries are a mistake or an attack, and would end the stack. */
const maxDepth = 200;

/** Operators of one precedence nest to the left without nesting in the text. */
const maxOperators = 2_000;

/**
 * The tokens of a query with one token of look-ahead. Knows the construct that is being read, for the
 * text of errors.
 */
export class TokenReader {
  readonly text: string;
  readonly options: ParserOptions;
  #ahead: Token;
  #lastEnd = 0;
  #depth = 0;
  #operators = 0;
  readonly #lexer: Lexer;
  readonly #contexts: Context[] = [];

  constructor(text: string, options: ParserOptions) {
    this.text = text;
    this.options = options;
    this.#lexer = new Lexer(text);
    this.#ahead = this.#lexer.next();
  }

  peek(): Token {
    return this.#ahead;
  }

  /** Where the token that was taken last ends. */
  get lastEnd(): number {
    return this.#lastEnd;
  }

  take(): Token {
    const token = this.#ahead;
    this.#lastEnd = token.end;
    if (token.kind !== 'end') this.#ahead = this.#lexer.next();
    return token;
  }

  /** Punctuation, operators and keywords are told apart by their text, for none has another's. */
  isAt(value: string): boolean {
    const { kind } = this.#ahead;
    return this.#ahead.value === value && kind !== 'identifier' && kind !== 'string';
  }

  accept(value: string): Token | undefined {
    return this.isAt(value) ? this.take() : undefined;
  }

  expect(value: string, context?: Context): Token {
    return this.accept(value) ?? this.unexpected(context);
  }

  /** Errors within `read` that say nothing better name this construct. */
  within<T>(context: Context, read: () => T): T {
    this.#contexts.push(context);
    try {
      return read();
    } finally {
      this.#contexts.pop();
    }
  }

  /** Counts a level of nesting around `read`. */
  nested<T>(read: () => T): T {
    if (this.#depth >= maxDepth) {
      this.fail(this.#ahead, `expression is nested more than ${maxDepth} levels deep`);
    }
    this.#depth++;
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }

  /** Counts an operator, range or modifier that takes what stands before it. */
  countOperator(): void {
    this.#operators++;
    if (this.#operators > maxOperators) {
      this.fail(this.#ahead, `expression has more than ${maxOperators} operators`);
    }
  }

  /** The next token is not what can stand here. */
  unexpected(context: Context | undefined = this.#contexts.at(-1)): never {
    const { inside = '', expected = '' } = context ?? {};
    let reason = `unexpected ${describeToken(this.#ahead)}`;
    if (inside !== '') reason += ` in ${inside}`;
    if (expected !== '') reason += `, expected ${expected}`;
    return this.fail(this.#ahead, reason);
  }

  fail(span: Span, reason: string): never {
    throw parseError(this.text, span, reason);
  }
}
