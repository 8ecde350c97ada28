import { AppError } from '#base';
import type { CharSet, ParsedRegex, RegexNode } from './ast.ts';
import { backslashSet, ClassReader, simpleEscapes } from './char-class.ts';

const maxPatternLength = 16_384;
const maxGroupDepth = 200;
const maxRepeat = 1000;

/**
 * Parses a pattern as Fluent Bit reads it: `/p/imx` loses its slashes, `i` ignores case, `m` lets the
 * dot match a newline, `x` skips white space and comments.
 * @throws {AppError} REGEX_INVALID
 */
export function parseOnigmo(text: string): ParsedRegex {
  const slashed = /^\/([\s\S]*)\/([imx]*)$/.exec(text);
  const pattern = slashed === null ? text : slashed[1]!;
  const flags = slashed === null ? '' : slashed[2]!;
  if (pattern.length > maxPatternLength) {
    throw invalid(text, 0, `is longer than ${maxPatternLength} characters`);
  }
  const parser = new OnigmoParser(pattern, flags.includes('m'), flags.includes('x'));
  return { ...parser.parse(), ignoreCase: flags.includes('i') };
}

interface Flags {
  readonly dotAll: boolean;
  readonly extended: boolean;
}

class OnigmoParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #flags: Flags;
  #captures = 0;
  readonly #hasNames: boolean;
  readonly #names = new Map<string, number[]>();
  /** Backward references by name or number are looked up when the whole pattern is known. */
  readonly #backrefs: { node: { indexes: number[] }; name: string; at: number }[] = [];

  constructor(text: string, dotAll: boolean, extended: boolean) {
    this.#text = text;
    this.#flags = { dotAll, extended };
    this.#hasNames = /\(\?(?:<[A-Za-z_]|')/.test(text.replace(/\\./gs, ''));
  }

  parse(): Omit<ParsedRegex, 'ignoreCase'> {
    const root = this.#alternatives();
    if (this.#at < this.#text.length) throw this.#error('has a ")" without a "("');
    for (const { node, name, at } of this.#backrefs) {
      const number = Number(name);
      const indexes = Number.isInteger(number) && name !== '' ? [number] : this.#names.get(name);
      if (indexes === undefined || indexes.some((index) => index < 1 || index > this.#captures)) {
        throw invalid(this.#text, at, `refers to the group "${name}", which it does not have`);
      }
      node.indexes.push(...indexes);
    }
    return { root, captureCount: this.#captures, names: this.#names };
  }

  #error(what: string): AppError {
    return invalid(this.#text, this.#at, what);
  }

  #alternatives(): RegexNode {
    const branches = [this.#sequence()];
    while (this.#text[this.#at] === '|') {
      this.#at++;
      branches.push(this.#sequence());
    }
    return branches.length === 1 ? branches[0]! : { kind: 'alternatives', branches };
  }

  #sequence(): RegexNode {
    const items: RegexNode[] = [];
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at]!;
      if (char === '|' || char === ')') break;
      if (this.#flags.extended && this.#skipExtended()) continue;
      const atom = this.#atom();
      if (atom === undefined) continue;
      items.push(this.#quantified(atom));
    }
    return items.length === 1 ? items[0]! : { kind: 'sequence', items };
  }

  #skipExtended(): boolean {
    const char = this.#text[this.#at]!;
    if (/\s/.test(char)) {
      this.#at++;
      return true;
    }
    if (char !== '#') return false;
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#text.length : end + 1;
    return true;
  }

  #atom(): RegexNode | undefined {
    const char = this.#text[this.#at]!;
    switch (char) {
      case '(':
        return this.#group();
      case '[': {
        const reader = new ClassReader(this.#text, this.#at);
        const set = reader.read();
        this.#at = reader.at;
        return { kind: 'set', set };
      }
      case '.':
        this.#at++;
        return { kind: 'set', set: this.#flags.dotAll ? anyCharacter : anyButNewline };
      case '^':
        this.#at++;
        return { kind: 'anchor', anchor: 'lineStart' };
      case '$':
        this.#at++;
        return { kind: 'anchor', anchor: 'lineEnd' };
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw this.#error(`has nothing to repeat before "${char}"`);
      default: {
        const code = this.#text.codePointAt(this.#at)!;
        this.#at += code > 0xffff ? 2 : 1;
        return literal(code);
      }
    }
  }

  #escape(): RegexNode {
    const start = this.#at;
    const char = this.#text[this.#at + 1];
    if (char === undefined) throw this.#error('ends with a backslash');
    this.#at += 2;
    switch (char) {
      case 'A':
        return { kind: 'anchor', anchor: 'textStart' };
      case 'z':
        return { kind: 'anchor', anchor: 'textEnd' };
      case 'Z':
        return { kind: 'anchor', anchor: 'textEndOrNewline' };
      case 'b':
        return { kind: 'anchor', anchor: 'wordBoundary' };
      case 'B':
        return { kind: 'anchor', anchor: 'notWordBoundary' };
      case 'G':
      case 'K':
      case 'g':
      case 'X':
        this.#at = start;
        throw this.#error(`uses \\${char}, which is not supported`);
      case 'R':
        return lineBreak;
      case 'k':
        return this.#namedBackref(start);
    }
    if (char >= '1' && char <= '9') {
      const digits = /\d+/y;
      digits.lastIndex = this.#at - 1;
      const number = digits.exec(this.#text)![0];
      this.#at = digits.lastIndex;
      return this.#backref(number, start);
    }
    const set = backslashSet(this.#text, start);
    if (set !== undefined) {
      this.#at = set.end;
      return { kind: 'set', set: set.set };
    }
    const simple = simpleEscapes(this.#text, start);
    if (simple === undefined) {
      this.#at = start;
      throw this.#error('has a malformed escape');
    }
    this.#at = simple.end;
    return literal(simple.code);
  }

  #namedBackref(start: number): RegexNode {
    const name = /<([\w-]+)>|'([\w-]+)'/y;
    name.lastIndex = this.#at;
    const match = name.exec(this.#text);
    if (match === null) throw this.#error('has \\k without a group name');
    this.#at = name.lastIndex;
    return this.#backref(match[1] ?? match[2]!, start);
  }

  #backref(name: string, at: number): RegexNode {
    const node = { kind: 'backref' as const, indexes: [] as number[] };
    this.#backrefs.push({ node, name, at });
    return node;
  }

  #group(): RegexNode | undefined {
    if (++this.#depth > maxGroupDepth) throw this.#error('nests its groups too deeply');
    const start = this.#at;
    const text = this.#text;
    const outer = this.#flags;
    const inside = (skip: number): RegexNode => {
      this.#at += skip;
      const body = this.#alternatives();
      if (text[this.#at] !== ')') {
        this.#at = start;
        throw this.#error('has a "(" without a ")"');
      }
      this.#at++;
      this.#flags = outer;
      this.#depth--;
      return body;
    };
    const opens = (prefix: string): boolean => text.startsWith(prefix, start);
    if (!opens('(?')) {
      if (this.#hasNames) return nonCapture(inside(1));
      const index = ++this.#captures;
      return { kind: 'capture', index, body: inside(1) };
    }
    if (opens('(?#')) {
      const end = text.indexOf(')', start);
      if (end === -1) throw this.#error('has a comment that does not end');
      this.#at = end + 1;
      this.#depth--;
      return undefined;
    }
    if (opens('(?:')) return nonCapture(inside(3));
    if (opens('(?=')) return { kind: 'look', ahead: true, negative: false, body: inside(3) };
    if (opens('(?!')) return { kind: 'look', ahead: true, negative: true, body: inside(3) };
    if (opens('(?<=')) return { kind: 'look', ahead: false, negative: false, body: inside(4) };
    if (opens('(?<!')) return { kind: 'look', ahead: false, negative: true, body: inside(4) };
    if (opens('(?>')) return { kind: 'atomic', body: inside(3) };
    const name = /\(\?(?:P?<([^>!=]+)>|'([^']+)')/y;
    name.lastIndex = start;
    const named = name.exec(text);
    if (named !== null) {
      const index = ++this.#captures;
      const key = named[1] ?? named[2]!;
      this.#names.set(key, [...(this.#names.get(key) ?? []), index]);
      return { kind: 'capture', index, body: inside(named[0].length) };
    }
    return this.#flagGroup(start, inside);
  }

  #flagGroup(start: number, inside: (skip: number) => RegexNode): RegexNode {
    const options = /\(\?([imxadu]*)(?:-([imx]*))?([:)])/y;
    options.lastIndex = start;
    const match = options.exec(this.#text);
    if (match === null) throw this.#error('has a group of an unknown kind');
    const [whole, on = '', off = '', close] = match;
    const outer = this.#flags;
    const has = (flag: string, before: boolean): boolean =>
      off.includes(flag) ? false : on.includes(flag) || before;
    this.#flags = { dotAll: has('m', outer.dotAll), extended: has('x', outer.extended) };
    const changesCase = on.includes('i') || off.includes('i');
    const wrap = (body: RegexNode): RegexNode =>
      changesCase ? { kind: 'ignoreCase', on: !off.includes('i'), body } : nonCapture(body);
    if (close === ':') return wrap(inside(whole.length));
    // (?i) holds for the rest of the group it stands in, over its alternatives too.
    this.#at += whole.length;
    this.#depth--;
    return wrap(this.#alternatives());
  }

  #quantified(atom: RegexNode): RegexNode {
    let node = atom;
    for (;;) {
      if (this.#flags.extended) while (this.#at < this.#text.length && this.#skipExtended());
      const quantifier = /([*+?])([+?]?)|\{(\d*)(,?)(\d*)\}(\??)/y;
      quantifier.lastIndex = this.#at;
      const match = quantifier.exec(this.#text);
      if (match === null) return node;
      if (match[1] === undefined && match[3] === '' && match[5] === '') return node;
      if (node.kind === 'anchor') throw this.#error('repeats a place, not a character');
      this.#at = quantifier.lastIndex;
      if (match[1] !== undefined) {
        const mode = match[2] === '?' ? 'lazy' : match[2] === '+' ? 'possessive' : 'greedy';
        const min = match[1] === '+' ? 1 : 0;
        const max = match[1] === '?' ? 1 : Number.POSITIVE_INFINITY;
        node = { kind: 'repeat', body: node, min, max, mode };
        continue;
      }
      const min = Number(match[3]);
      const max =
        match[4] === '' ? min : match[5] === '' ? Number.POSITIVE_INFINITY : Number(match[5]);
      if (min > maxRepeat || (max > maxRepeat && max !== Number.POSITIVE_INFINITY) || max < min) {
        throw this.#error(`has the repeat count ${match[0]}, which must be 0 to ${maxRepeat}`);
      }
      node = { kind: 'repeat', body: node, min, max, mode: match[6] === '?' ? 'lazy' : 'greedy' };
    }
  }
}

function nonCapture(body: RegexNode): RegexNode {
  return body.kind === 'sequence' ? body : { kind: 'sequence', items: [body] };
}

function literal(code: number): RegexNode {
  return { kind: 'set', set: { negated: false, ranges: [[code, code]], properties: [] } };
}

const anyButNewline: CharSet = { negated: true, ranges: [[10, 10]], properties: [] };
const anyCharacter: CharSet = { negated: true, ranges: [], properties: [] };

const lineBreak: RegexNode = {
  kind: 'alternatives',
  branches: [
    { kind: 'sequence', items: [literal(13), literal(10)] },
    {
      kind: 'set',
      set: {
        negated: false,
        ranges: [
          [10, 13],
          [0x85, 0x85],
          [0x2028, 0x2029],
        ],
        properties: [],
      },
    },
  ],
};

function invalid(pattern: string, at: number, what: string): AppError {
  return new AppError('REGEX_INVALID', `The pattern ${pattern} ${what} (at character ${at + 1})`, {
    hint: 'Patterns are in Ruby syntax, as in Fluent Bit',
    details: { pattern, position: at },
  });
}
