import { isAppError } from '#base';
import { type LabelMatcher, labelMatcher, type MatchOperator } from '#metrics/model';
import { invalidInput } from './errors.ts';
import type { LabelSet } from './labels.ts';

/** All of them must hold; a label that is not there is empty. */
export type Matchers = readonly LabelMatcher[];

export const matchesAll = (matchers: Matchers, labels: LabelSet): boolean =>
  matchers.every(({ name, matches }) => matches(labelIn(labels, name)));

export const labelIn = (labels: LabelSet, name: string): string =>
  Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';

/** A text such as `a="b", c=~d` with more conditions than this is none. */
const maxMatchers = 1000;

/** @throws {AppError} ALERTING_INVALID when a pattern is none */
export function matcherOf(name: string, operator: MatchOperator, value: string): LabelMatcher {
  try {
    return labelMatcher(name, operator, value);
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw invalidInput(`${name}${operator}${JSON.stringify(value)}: ${error.message}`);
  }
}

/**
 * `{a="b", "dotted.name"!~"x.*"}`, braces or not, quoted or bare; what cannot be read so is read in the
 * older way, where a bare value runs to the next comma.
 * @throws {AppError} ALERTING_INVALID
 */
export function parseMatchers(text: string): Matchers {
  try {
    return new MatcherParser(text).all();
  } catch (error) {
    if (!isAppError(error, 'ALERTING_INVALID')) throw error;
    return parseClassic(text, error);
  }
}

/** One condition, as a `filter` of the API has it. */
export function parseMatcher(text: string): LabelMatcher {
  const [first, ...others] = parseMatchers(text);
  if (first === undefined || others.length > 0) throw invalidInput(`bad matcher format: ${text}`);
  return first;
}

export function formatMatchers(matchers: Matchers): string {
  const texts = [...matchers]
    .sort(byText)
    .map(({ name, operator, value }) => `${quotedName(name)}${operator}${JSON.stringify(value)}`);
  return `{${texts.join(',')}}`;
}

const operatorOrder: readonly MatchOperator[] = ['=', '!=', '=~', '!~'];

function byText(a: LabelMatcher, b: LabelMatcher): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return operatorOrder.indexOf(a.operator) - operatorOrder.indexOf(b.operator);
}

const quotedName = (name: string): string =>
  /[\s{}!=~,\\"'`]/.test(name) ? JSON.stringify(name) : name;

const bareChar = /[^\s{}!=~,\\"'`]/;

class MatcherParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  all(): Matchers {
    const found: LabelMatcher[] = [];
    this.#space();
    const isBraced = this.#take('{');
    for (;;) {
      this.#space();
      if (isBraced && this.#take('}')) break;
      if (this.#at === this.#text.length) {
        if (isBraced) throw this.#bad('expected a closing brace');
        break;
      }
      if (found.length === maxMatchers) throw this.#bad(`more than ${maxMatchers} matchers`);
      found.push(this.#one());
      this.#space();
      if (this.#take(',')) continue;
      if (isBraced && this.#take('}')) break;
      if (this.#at < this.#text.length) throw this.#bad('expected a comma');
      if (isBraced) throw this.#bad('expected a closing brace');
      break;
    }
    this.#space();
    if (this.#at < this.#text.length) throw this.#bad('unexpected text after the matchers');
    return found;
  }

  #one(): LabelMatcher {
    const name = this.#word('a label name');
    if (name === '') throw this.#bad('a label name cannot be empty');
    this.#space();
    const operator = (['=~', '!~', '!=', '='] as const).find((known) => this.#take(known));
    if (operator === undefined) throw this.#bad('expected one of =, !=, =~, !~');
    this.#space();
    return matcherOf(name, operator, this.#word('a value'));
  }

  #word(what: string): string {
    const start = this.#at;
    if (this.#text[start] === '"') return this.#quoted();
    while (bareChar.test(this.#text[this.#at] ?? ' ')) this.#at++;
    if (this.#at === start) throw this.#bad(`expected ${what}`);
    return this.#text.slice(start, this.#at);
  }

  #quoted(): string {
    const start = this.#at++;
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at];
      if (char === '\\') this.#at++;
      else if (char === '"') {
        this.#at++;
        const value = unquote(this.#text.slice(start, this.#at));
        if (value === undefined) throw this.#bad('an escape that is none');
        return value;
      }
    }
    throw this.#bad('expected a closing quote');
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #take(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #bad(why: string): Error {
    return invalidInput(`bad matcher format: ${this.#text}: ${why} at position ${this.#at}`);
  }
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** A text in double quotes as Go writes it; undefined: none. */
function unquote(quoted: string): string | undefined {
  let isGood = true;
  const pattern = /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S])/g;
  const value = quoted.slice(1, -1).replace(pattern, (_all, code: string) => {
    if (code.length > 1) {
      const point = Number.parseInt(code.slice(1), 16);
      if (point <= 0x10ffff) return String.fromCodePoint(point);
    }
    const plain = escapes[code];
    if (plain === undefined) isGood = false;
    return plain ?? '';
  });
  return isGood ? value : undefined;
}

function parseClassic(text: string, reason: unknown): Matchers {
  const inner = text.trim().replace(/^\{([\s\S]*)\}$/, '$1');
  return splitAtCommas(inner).map((part) => {
    const match = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!~|!=|=)\s*([\s\S]*?)\s*$/.exec(part);
    if (match === null) throw reason;
    const [, name = '', operator = '=', written = ''] = match;
    return matcherOf(name, operator as MatchOperator, classicValue(written, text));
  });
}

/** Quotes are optional; only `\"`, `\\` and `\n` are escapes, any other backslash stands for itself. */
function classicValue(written: string, text: string): string {
  const isQuoted = written.length > 1 && written.startsWith('"') && written.endsWith('"');
  const inner = isQuoted ? written.slice(1, -1) : written;
  if (/(?<!\\)(?:\\\\)*"/.test(inner)) {
    throw invalidInput(`bad matcher format: ${text}: a quote that is not escaped`);
  }
  return inner.replace(/\\([\\"n])/g, (_all, code: string) => (code === 'n' ? '\n' : code));
}

function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === ',' && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.filter((part) => part.trim() !== '');
}
