import { AppError } from '#base';
import type { CharSet } from './ast.ts';

type Range = readonly [number, number];

const digit: readonly Range[] = [[48, 57]];
const hexDigit: readonly Range[] = [...digit, [65, 70], [97, 102]];
const space: readonly Range[] = [
  [9, 13],
  [32, 32],
];
const word: readonly Range[] = [...digit, [65, 90], [95, 95], [97, 122]];

const classEscapes: Readonly<Record<string, readonly Range[]>> = {
  d: digit,
  h: hexDigit,
  s: space,
  w: word,
};

/** POSIX brackets take all of Unicode, as in Onigmo's Ruby syntax. */
const posix: Readonly<Record<string, Pick<CharSet, 'ranges' | 'properties'>>> = {
  alnum: { ranges: [], properties: ['\\p{L}', '\\p{M}', '\\p{N}'] },
  alpha: { ranges: [], properties: ['\\p{L}', '\\p{M}'] },
  ascii: { ranges: [[0, 127]], properties: [] },
  blank: { ranges: [[9, 9]], properties: ['\\p{Zs}'] },
  cntrl: { ranges: [], properties: ['\\p{Cc}', '\\p{Cf}', '\\p{Cn}', '\\p{Co}', '\\p{Cs}'] },
  digit: { ranges: [], properties: ['\\p{Nd}'] },
  graph: { ranges: [], properties: ['\\p{L}', '\\p{M}', '\\p{N}', '\\p{P}', '\\p{S}'] },
  lower: { ranges: [], properties: ['\\p{Ll}'] },
  print: { ranges: [], properties: ['\\p{L}', '\\p{M}', '\\p{N}', '\\p{P}', '\\p{S}', '\\p{Zs}'] },
  punct: { ranges: [], properties: ['\\p{P}', '\\p{S}'] },
  space: {
    ranges: [
      [9, 13],
      [0x85, 0x85],
    ],
    properties: ['\\p{Z}'],
  },
  upper: { ranges: [], properties: ['\\p{Lu}'] },
  word: { ranges: [], properties: ['\\p{L}', '\\p{M}', '\\p{N}', '\\p{Pc}'] },
  xdigit: { ranges: hexDigit, properties: [] },
};

/** `\d`, `\H`, `\p{Hangul}` …; undefined when the escape at `at` is no set. */
export function backslashSet(text: string, at: number): { set: CharSet; end: number } | undefined {
  const letter = text[at + 1] ?? '';
  const ranges = classEscapes[letter.toLowerCase()];
  if (ranges !== undefined && /[dDhHsSwW]/.test(letter)) {
    const negated = letter !== letter.toLowerCase();
    return { set: { negated, ranges, properties: [] }, end: at + 2 };
  }
  if (letter !== 'p' && letter !== 'P') return undefined;
  const property = /\{(\^?)(\w+)\}/y;
  property.lastIndex = at + 2;
  const match = property.exec(text);
  if (match === null) return undefined;
  const negated = (letter === 'P') !== (match[1] === '^');
  const named = posix[match[2]!.toLowerCase()];
  const base = named ?? { ranges: [], properties: [javascriptProperty(match[2]!, text)] };
  return { set: { negated, ...base }, end: property.lastIndex };
}

function javascriptProperty(name: string, pattern: string): string {
  for (const spelled of [
    name,
    `Script=${name}`,
    `${name[0]!.toUpperCase()}${name.slice(1).toLowerCase()}`,
  ]) {
    for (const spelling of [`\\p{${spelled}}`, `\\p{Script=${spelled}}`]) {
      try {
        new RegExp(spelling, 'u');
        return spelling;
      } catch {
        // Not a name JavaScript knows in this spelling; the next one may be.
      }
    }
  }
  throw new AppError('REGEX_INVALID', `The pattern ${pattern} names the unknown property ${name}`);
}

/** The code point of `\n`, `\x41`, `\x{1F600}`, `\u00e9`, `\101`, `\.`; undefined when malformed. */
export function simpleEscapes(text: string, at: number): { code: number; end: number } | undefined {
  const numeric =
    /\\(?:x\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|(0[0-7]{0,2}))/y;
  numeric.lastIndex = at;
  const match = numeric.exec(text);
  if (match !== null) {
    const hex = match[1] ?? match[2] ?? match[3];
    const code = hex === undefined ? Number.parseInt(match[4]!, 8) : Number.parseInt(hex, 16);
    return code > 0x10ffff ? undefined : { code, end: numeric.lastIndex };
  }
  const letter = text[at + 1];
  if (letter === undefined || letter === 'x' || letter === 'u') return undefined;
  const control = controls[letter];
  if (control !== undefined) return { code: control, end: at + 2 };
  const code = text.codePointAt(at + 1)!;
  return { code, end: at + (code > 0xffff ? 3 : 2) };
}

const controls: Readonly<Record<string, number>> = {
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  a: 7,
  e: 27,
};

/** Reads a bracket expression: ranges, escapes, `[:alpha:]`, nested sets and `&&`. */
export class ClassReader {
  readonly #text: string;
  readonly #start: number;
  at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#start = at;
    this.at = at;
  }

  /** @throws {AppError} REGEX_INVALID */
  read(depth = 0): CharSet {
    if (depth > 50) throw this.#error('nests its sets too deeply');
    const text = this.#text;
    this.at++;
    const negated = text[this.at] === '^';
    if (negated) this.at++;
    const ranges: Range[] = [];
    const properties: string[] = [];
    const nested: CharSet[] = [];
    let intersect: CharSet | undefined;
    for (let first = true; ; first = false) {
      const char = text[this.at];
      if (char === undefined) throw this.#error('has a "[" without a "]"');
      if (char === ']' && !first) break;
      if (text.startsWith('&&', this.at)) {
        this.at += 1;
        // The rest of this bracket is the other side: read it as a set of its own.
        intersect = this.read(depth + 1);
        this.at--;
        break;
      }
      const bracket = /\[:(\^?)(\w+):\]/y;
      bracket.lastIndex = this.at;
      const named = bracket.exec(text);
      if (named !== null) {
        const set = posix[named[2]!];
        if (set === undefined) throw this.#error(`names the unknown class ${named[0]}`);
        if (named[1] === '^') nested.push({ negated: true, ...set });
        else {
          ranges.push(...set.ranges);
          properties.push(...set.properties);
        }
        this.at = bracket.lastIndex;
        continue;
      }
      if (char === '[') {
        nested.push(this.read(depth + 1));
        continue;
      }
      if (char === '\\') {
        const set = backslashSet(text, this.at);
        if (set !== undefined) {
          if (set.set.negated) nested.push(set.set);
          else {
            ranges.push(...set.set.ranges);
            properties.push(...set.set.properties);
          }
          this.at = set.end;
          continue;
        }
      }
      ranges.push(this.#range());
    }
    this.at++;
    return {
      negated,
      ranges,
      properties,
      ...(nested.length > 0 && { nested }),
      ...(intersect !== undefined && { intersect }),
    };
  }

  #range(): Range {
    const first = this.#character();
    if (this.#text[this.at] !== '-' || this.#text[this.at + 1] === ']') return [first, first];
    if (this.#text[this.at + 1] === '\\' && backslashSet(this.#text, this.at + 1) !== undefined) {
      return [first, first];
    }
    this.at++;
    const last = this.#character();
    if (last < first) throw this.#error('has a range that runs backwards');
    return [first, last];
  }

  #character(): number {
    if (this.#text[this.at] === '\\') {
      if (this.#text[this.at + 1] === 'b') {
        this.at += 2;
        return 8;
      }
      const spelling = simpleEscapes(this.#text, this.at);
      if (spelling === undefined) throw this.#error('has a malformed escape');
      this.at = spelling.end;
      return spelling.code;
    }
    const code = this.#text.codePointAt(this.at);
    if (code === undefined) throw this.#error('has a "[" without a "]"');
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  #error(what: string): AppError {
    return new AppError(
      'REGEX_INVALID',
      `The pattern ${this.#text} ${what} (at character ${this.#start + 1})`,
      { details: { pattern: this.#text, position: this.#start } },
    );
  }
}
