import { compilePatternRegex } from './regex.ts';
import type { Scanner } from './scanner.ts';

/** A scalar of a message: a JSON value or a word. Undefined: missing; other values are no scalars. */
export type Scalar = string | number | boolean | null | undefined;

/** All values that a selector finds. */
export type Select<M> = (message: M) => readonly Scalar[];

/** A condition over a parsed message `M`, and what it tells about itself. */
export interface Condition<M> {
  readonly test: (message: M) => boolean;
  /** Texts that a message with this condition true must hold. */
  readonly literals: readonly string[];
  readonly explain: string;
}

export interface Selector<M> {
  readonly name: string;
  readonly select: Select<M>;
}

export interface ConditionSyntax<M> {
  /** Reads a selector at the scanner's place; undefined where none stands. */
  selector(scanner: Scanner): Selector<M> | undefined;
  readonly what: string;
  /** IS NULL, NOT EXISTS and so on are for JSON only. */
  readonly hasExistence: boolean;
}

/** CloudWatch allows two regular expressions in a JSON or space-delimited pattern. */
const maxRegexes = 2;
/** Parentheses nested deeper than this are a mistake. */
const maxDepth = 50;

/** Reads `term && term || (term)`, where `&&` binds tighter. */
export class ConditionParser<M> {
  readonly #scanner: Scanner;
  readonly #syntax: ConditionSyntax<M>;
  #regexes = 0;
  #depth = 0;

  constructor(scanner: Scanner, syntax: ConditionSyntax<M>) {
    this.#scanner = scanner;
    this.#syntax = syntax;
  }

  parse(): Condition<M> {
    const options = [this.#and()];
    while (this.#scanner.take('||')) options.push(this.#and());
    if (options.length === 1) return options[0]!;
    return {
      test: (message) => options.some((one) => one.test(message)),
      literals: [],
      explain: `(${options.map((one) => one.explain).join(' or ')})`,
    };
  }

  #and(): Condition<M> {
    const all = [this.#term()];
    while (this.#scanner.take('&&')) all.push(this.#term());
    if (all.length === 1) return all[0]!;
    return {
      test: (message) => all.every((one) => one.test(message)),
      literals: all.flatMap((one) => one.literals),
      explain: all.map((one) => one.explain).join(' and '),
    };
  }

  #term(): Condition<M> {
    const scanner: Scanner = this.#scanner;
    if (scanner.take('(')) {
      this.#depth += 1;
      if (this.#depth > maxDepth) scanner.fail('Parentheses are nested too deeply');
      const inner = this.parse();
      if (!scanner.take(')')) scanner.fail('A closing parenthesis is missing');
      this.#depth -= 1;
      return inner;
    }
    scanner.skipSpace();
    const selector = this.#syntax.selector(scanner);
    if (selector === undefined) return scanner.fail(`${this.#syntax.what} is expected here`);
    return this.#syntax.hasExistence
      ? (this.#existence(selector) ?? this.#comparison(selector))
      : this.#comparison(selector);
  }

  #existence({ name, select }: Selector<M>): Condition<M> | undefined {
    const scanner: Scanner = this.#scanner;
    if (scanner.takeWord('NOT')) {
      if (!scanner.takeWord('EXISTS')) scanner.fail('After NOT only EXISTS may stand');
      return {
        test: (message) => select(message).every((value) => value === undefined),
        literals: [],
        explain: `${name} is missing`,
      };
    }
    if (scanner.takeWord('EXISTS')) {
      return scanner.fail('EXISTS is not supported', `Write ${name} = * for a field that is there`);
    }
    if (!scanner.takeWord('IS')) return undefined;
    const words = { NULL: null, TRUE: true, FALSE: false } as const;
    for (const [word, wanted] of Object.entries(words)) {
      if (!scanner.takeWord(word)) continue;
      return {
        test: (message) => select(message).some((value) => value === wanted),
        literals: [],
        explain: `${name} is ${word.toLowerCase()}`,
      };
    }
    return scanner.fail('After IS only NULL, TRUE or FALSE may stand');
  }

  #comparison({ name, select }: Selector<M>): Condition<M> {
    const scanner: Scanner = this.#scanner;
    scanner.skipSpace();
    const operator = scanner.takeMatch(/(?:!=|<=|>=|=|<|>)/y);
    if (operator === undefined) {
      return scanner.fail('One of =, !=, <, <=, >, >= is expected here');
    }
    scanner.skipSpace();
    const { test, literals, shown } = this.#value(operator);
    return {
      test: (message) =>
        select(message).some((value) => value !== undefined && value !== null && test(value)),
      literals,
      explain: `${name} ${operator} ${shown}`,
    };
  }

  #value(operator: string): {
    readonly test: (value: string | number | boolean) => boolean;
    readonly literals: readonly string[];
    readonly shown: string;
  } {
    const scanner: Scanner = this.#scanner;
    const start = scanner.at;
    const isEquality = operator === '=' || operator === '!=';
    const negate = operator === '!=';
    if (scanner.char() === '%') {
      const { source, offset } = scanner.percent();
      if (!isEquality) scanner.fail('A regular expression goes with = and != only');
      this.#regexes += 1;
      if (this.#regexes > maxRegexes) {
        scanner.at = start;
        scanner.fail(`A pattern may hold ${maxRegexes} regular expressions`);
      }
      const regex = compilePatternRegex(source, offset);
      return {
        test: (value) => regex.test(String(value)) !== negate,
        literals: [],
        shown: `%${source}%`,
      };
    }
    const isQuoted = scanner.char() === '"';
    const text = isQuoted ? scanner.quoted() : scanner.takeMatch(/[^\s&|(),\]}"]+/y);
    if (text === undefined) return scanner.fail('A value is expected here');
    const number = isQuoted ? undefined : numberOf(text);
    if (!isEquality) {
      if (number === undefined) {
        scanner.at = start;
        return scanner.fail(`${operator} compares with numbers only`);
      }
      const test = orders[operator]!;
      return {
        test: (value) => {
          const given = numberOf(value);
          return given !== undefined && test(given, number);
        },
        literals: [],
        shown: text,
      };
    }
    const shown = isQuoted ? JSON.stringify(text) : text;
    if (number !== undefined) {
      const test = (value: string | number | boolean): boolean =>
        (numberOf(value) === number || value === text) !== negate;
      return { test, literals: [], shown };
    }
    const matchesText = globTest(text);
    return {
      test: (value) => matchesText(String(value)) !== negate,
      literals: negate ? [] : globLiterals(text),
      shown,
    };
  }
}

const orders: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function numberOf(value: string | number | boolean): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return undefined;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) return undefined;
  return Number(value);
}

/** `*` stands for any text. Linear: after a `*` the first place that fits is the best one. */
export function globTest(glob: string): (text: string) => boolean {
  const parts = glob.split('*');
  if (parts.length === 1) return (text) => text === glob;
  const first = parts[0]!;
  const last = parts.at(-1)!;
  const middle = parts.slice(1, -1);
  return (text) => {
    if (text.length < first.length + last.length) return false;
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    const end = text.length - last.length;
    for (const part of middle) {
      const found = text.indexOf(part, at);
      if (found === -1 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/**
 * Texts that stand in a message as they are, whatever writes its JSON: letters, digits and the few
 * signs that no JSON writer escapes.
 */
function globLiterals(glob: string): string[] {
  return glob.split('*').filter((part) => part.length >= 3 && /^[A-Za-z0-9_.: -]+$/.test(part));
}
