import type { Anchor, CharSet, ParsedRegex, RegexNode } from './ast.ts';

/**
 * A parsed pattern as source for `RegExp` with the `v` flag. Captures keep their numbers through
 * `groupNumbers`, since atomic groups need captures of their own.
 */
export interface JavaScriptPattern {
  readonly source: string;
  readonly flags: string;
  /** `groupNumbers[i]` is where capture `i` of the pattern stands in the match. */
  readonly groupNumbers: readonly number[];
}

export function printJavaScript(parsed: ParsedRegex): JavaScriptPattern {
  const groupNumbers: number[] = [0];
  let groups = 0;
  const print = (node: RegexNode): string => {
    switch (node.kind) {
      case 'sequence':
        return node.items
          .map((item) => (item.kind === 'alternatives' ? `(?:${print(item)})` : print(item)))
          .join('');
      case 'alternatives':
        return node.branches.map(print).join('|');
      case 'set':
        return printSet(node.set);
      case 'anchor':
        return anchors[node.anchor];
      case 'capture': {
        const number = ++groups;
        groupNumbers[node.index] = number;
        return `(${print(node.body)})`;
      }
      case 'ignoreCase':
        return `(?${node.on ? 'i' : '-i'}:${print(node.body)})`;
      case 'look':
        return `(?${node.ahead ? '' : '<'}${node.negative ? '!' : '='}${print(node.body)})`;
      case 'atomic':
        return atomic(() => print(node.body));
      case 'repeat': {
        const greedy = (): string =>
          `${isSingle(node.body) ? print(node.body) : `(?:${print(node.body)})`}${count(node.min, node.max)}`;
        if (node.mode === 'possessive') return atomic(greedy);
        return node.mode === 'lazy' ? `${greedy()}?` : greedy();
      }
      case 'backref': {
        // A reference to several groups of one name matches whichever took part last; in JavaScript
        // one that took no part matches the empty text, so try them from the last.
        const numbers = node.indexes.map((index) => groupNumbers[index] ?? 0).filter((n) => n > 0);
        if (numbers.length === 0) return '(?!)';
        return `(?:${numbers
          .reverse()
          .map((n) => `\\${n}`)
          .join('|')})`;
      }
    }
  };
  // A look-ahead never gives back what it matched, and a reference repeats exactly that.
  const atomic = (body: () => string): string => {
    const number = ++groups;
    return `(?:(?=(${body()}))\\${number})`;
  };
  const source = print(parsed.root);
  return { source, flags: parsed.ignoreCase ? 'vi' : 'v', groupNumbers };
}

/** A pattern for a linear-time engine; undefined when it has what such an engine cannot do. */
export function printLinear(parsed: ParsedRegex): string | undefined {
  let possible = true;
  const print = (node: RegexNode): string => {
    switch (node.kind) {
      case 'sequence':
        return node.items
          .map((item) => (item.kind === 'alternatives' ? `(?:${print(item)})` : print(item)))
          .join('');
      case 'alternatives':
        return node.branches.map(print).join('|');
      case 'set': {
        if (node.set.nested !== undefined || node.set.intersect !== undefined) possible = false;
        return linearSet(node.set);
      }
      case 'anchor': {
        const anchor = linearAnchors[node.anchor];
        if (anchor === undefined) possible = false;
        return anchor ?? '';
      }
      case 'capture':
        return `(${print(node.body)})`;
      case 'ignoreCase':
        return `(?${node.on ? 'i' : '-i'}:${print(node.body)})`;
      case 'repeat':
        if (node.mode === 'possessive') possible = false;
        return `(?:${print(node.body)})${count(node.min, node.max)}${node.mode === 'lazy' ? '?' : ''}`;
      case 'look':
      case 'atomic':
      case 'backref':
        possible = false;
        return '';
    }
  };
  const source = print(parsed.root);
  return possible ? (parsed.ignoreCase ? `(?i:${source})` : source) : undefined;
}

const wordSet = '[\\p{L}\\p{M}\\p{N}\\p{Pc}]';

const anchors: Readonly<Record<Anchor, string>> = {
  // JavaScript's own ^ and $ also stop at \r, U+2028 and U+2029; Onigmo only at \n.
  lineStart: '(?<![^\\n])',
  lineEnd: '(?![^\\n])',
  textStart: '(?<![^])',
  textEnd: '(?![^])',
  textEndOrNewline: '(?=\\n?(?![^]))',
  wordBoundary: `(?:(?<=${wordSet})(?!${wordSet})|(?<!${wordSet})(?=${wordSet}))`,
  notWordBoundary: `(?:(?<=${wordSet})(?=${wordSet})|(?<!${wordSet})(?!${wordSet}))`,
};

const linearAnchors: Readonly<Partial<Record<Anchor, string>>> = {
  lineStart: '(?m:^)',
  lineEnd: '(?m:$)',
  textStart: '\\A',
  textEnd: '\\z',
};

function isSingle(node: RegexNode): boolean {
  return node.kind === 'set' || node.kind === 'capture';
}

function count(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function codePoint(code: number): string {
  const char = String.fromCodePoint(code);
  return /^[A-Za-z0-9 "',:;@_=<>~%#`!&-]$/.test(char) && char !== '-' && char !== '&'
    ? char
    : `\\u{${code.toString(16)}}`;
}

function classCode(code: number): string {
  return /^[A-Za-z0-9 _]$/.test(String.fromCodePoint(code))
    ? String.fromCodePoint(code)
    : `\\u{${code.toString(16)}}`;
}

function printSet(set: CharSet): string {
  const [first] = set.ranges;
  const plain =
    set.properties.length === 0 && set.nested === undefined && set.intersect === undefined;
  if (plain && !set.negated && set.ranges.length === 1 && first![0] === first![1]) {
    return codePoint(first![0]);
  }
  const own = setBody(set);
  if (set.intersect === undefined) return `[${set.negated ? '^' : ''}${own}]`;
  return `[${set.negated ? '^' : ''}[${own}]&&${printSetAsClass(set.intersect)}]`;
}

function printSetAsClass(set: CharSet): string {
  const printed = printSet(set);
  return printed.startsWith('[') ? printed : `[${printed}]`;
}

function setBody(set: CharSet): string {
  const ranges = set.ranges.map(([first, last]) =>
    first === last ? classCode(first) : `${classCode(first)}-${classCode(last)}`,
  );
  return [...ranges, ...set.properties, ...(set.nested ?? []).map(printSetAsClass)].join('');
}

function linearSet(set: CharSet): string {
  if (set.ranges.length === 0 && set.properties.length === 0) return '(?s:.)';
  const hex = (code: number): string => `\\x{${code.toString(16)}}`;
  const ranges = set.ranges.map(([first, last]) =>
    first === last ? hex(first) : `${hex(first)}-${hex(last)}`,
  );
  return `[${set.negated ? '^' : ''}${ranges.join('')}${set.properties.join('').replaceAll('Script=', '')}]`;
}
