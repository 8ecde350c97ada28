import { patternError } from './errors.ts';

/** Walks over a pattern's text, character by character. */
export class Scanner {
  readonly text: string;
  at: number;

  constructor(text: string, at = 0) {
    this.text = text;
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  char(): string {
    return this.text[this.at] ?? '';
  }

  skipSpace(): void {
    while (/\s/.test(this.char())) this.at += 1;
  }

  /** Takes this text after white space, if it is next. */
  take(token: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  /** Takes a word, in any case, that no further letter follows. */
  takeWord(word: string): boolean {
    this.skipSpace();
    const next = this.text.slice(this.at, this.at + word.length);
    const after = this.text[this.at + word.length] ?? '';
    if (next.toUpperCase() !== word || /\w/.test(after)) return false;
    this.at += word.length;
    return true;
  }

  takeMatch(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.at += match[0].length;
    return match[0];
  }

  /** The content of a quoted string whose opening quote is next; `\` escapes. */
  quoted(): string {
    const start = this.at;
    const quote = this.char();
    let value = '';
    for (this.at += 1; !this.done; this.at += 1) {
      if (this.char() === quote) {
        this.at += 1;
        return value;
      }
      if (this.char() === '\\' && this.at + 1 < this.text.length) this.at += 1;
      value += this.char();
    }
    throw patternError(`This text has no closing ${quote}`, start);
  }

  /** The source between `%` and `%`, the first of which is next. */
  percent(): { readonly source: string; readonly offset: number } {
    const start = this.at;
    let at = start + 1;
    while (at < this.text.length && this.text[at] !== '%') at += this.text[at] === '\\' ? 2 : 1;
    if (at >= this.text.length)
      throw patternError('This regular expression has no closing %', start);
    this.at = at + 1;
    return { source: this.text.slice(start + 1, at), offset: start + 1 };
  }

  fail(message: string, hint?: string): never {
    throw patternError(this.done ? `${message}: the pattern ends here` : message, this.at, hint);
  }
}
