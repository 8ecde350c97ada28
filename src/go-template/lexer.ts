import { templateInvalid } from './errors.ts';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'identifier'
  | 'field'
  | 'variable'
  | 'dot'
  | 'string'
  | 'number'
  | 'character'
  | 'pipe'
  | 'declare'
  | 'assign'
  | 'comma'
  | 'left'
  | 'right'
  | 'space'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a text: what it prints; of a string: its value. */
  readonly text: string;
  readonly line: number;
}

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** What begins and ends an action. */
export interface Delimiters {
  readonly left: string;
  readonly right: string;
}

const usualDelimiters: Delimiters = { left: '{{', right: '}}' };

/**
 * Cuts a template into texts and the tokens of its actions; white space that `{{-` and `-}}` eat is gone.
 * @throws {AppError} TEMPLATE_INVALID
 */
export function lexTemplate(
  name: string,
  source: string,
  { left, right }: Delimiters = usualDelimiters,
): readonly Token[] {
  const closingPattern = new RegExp(`^(?:[ \\t\\r\\n]+-)?${RegExp.escape(right)}`);
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  let trimsNext = false;

  const addText = (text: string, trimsEnd: boolean): void => {
    let shown = trimsNext ? text.replace(/^[ \t\r\n]+/, '') : text;
    if (trimsEnd) shown = shown.replace(/[ \t\r\n]+$/, '');
    if (shown !== '') tokens.push({ kind: 'text', text: shown, line });
    line += count(text);
  };

  while (at < source.length) {
    const open = source.indexOf(left, at);
    if (open < 0) {
      addText(source.slice(at), false);
      break;
    }
    const inside = open + left.length;
    const trimsBefore = source[inside] === '-' && /[ \t\r\n]/.test(source[inside + 1] ?? '');
    addText(source.slice(at, open), trimsBefore);
    at = inside + (trimsBefore ? 2 : 0);
    trimsNext = false;
    if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2);
      if (end < 0) throw templateInvalid(name, line, 'unclosed comment');
      const closing = closingPattern.exec(source.slice(end + 2, end + 64))?.[0];
      if (closing === undefined) {
        throw templateInvalid(name, line, 'comment ends before closing delimiter');
      }
      trimsNext = closing !== right;
      line += count(source.slice(at, end));
      at = end + 2 + closing.length;
      continue;
    }
    tokens.push({ kind: 'open', text: left, line });
    for (;;) {
      const rest = source.slice(at);
      const closing = closingPattern.exec(rest)?.[0];
      if (closing !== undefined) {
        trimsNext = closing !== right;
        tokens.push({ kind: 'close', text: right, line });
        line += count(closing);
        at += closing.length;
        break;
      }
      if (rest === '') throw templateInvalid(name, line, 'unclosed action');
      const { token, length } = lexInside(name, rest, line);
      tokens.push(token);
      line += count(rest.slice(0, length));
      at += length;
    }
  }
  tokens.push({ kind: 'end', text: '', line });
  return tokens;
}

const count = (text: string): number => text.split('\n').length - 1;

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /^[ \t\r\n]+/],
  ['declare', /^:=/],
  ['assign', /^=/],
  ['pipe', /^\|/],
  ['comma', /^,/],
  ['left', /^\(/],
  ['right', /^\)/],
  ['variable', /^\$[\p{L}_]?[\p{L}\p{N}_]*/u],
  [
    'number',
    /^[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/,
  ],
  ['field', /^\.[\p{L}_][\p{L}\p{N}_]*/u],
  ['dot', /^\./],
  ['identifier', /^[\p{L}_][\p{L}\p{N}_]*/u],
];

function lexInside(
  name: string,
  rest: string,
  line: number,
): { readonly token: Token; readonly length: number } {
  const first = rest[0];
  if (first === '"') return lexString(name, rest, line);
  if (first === '`') {
    const end = rest.indexOf('`', 1);
    if (end < 0) throw templateInvalid(name, line, 'unterminated raw quoted string');
    return { token: { kind: 'string', text: rest.slice(1, end), line }, length: end + 1 };
  }
  if (first === "'") {
    const match = /^'(?:[^'\\\n]|\\.)+'/u.exec(rest)?.[0];
    if (match === undefined) throw templateInvalid(name, line, 'unterminated character constant');
    const text = unquote(name, match.slice(1, -1), line);
    return { token: { kind: 'character', text, line }, length: match.length };
  }
  for (const [kind, pattern] of patterns) {
    const match = pattern.exec(rest)?.[0];
    if (match !== undefined) return { token: { kind, text: match, line }, length: match.length };
  }
  const char = String.fromCodePoint(rest.codePointAt(0)!);
  const code = rest.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  throw templateInvalid(name, line, `unexpected bad character U+${code} '${char}' in command`);
}

function lexString(
  name: string,
  rest: string,
  line: number,
): { readonly token: Token; readonly length: number } {
  const match = /^"(?:[^"\\\n]|\\.)*"/.exec(rest)?.[0];
  if (match === undefined) throw templateInvalid(name, line, 'unterminated quoted string');
  const text = unquote(name, match.slice(1, -1), line);
  return { token: { kind: 'string', text, line }, length: match.length };
}

function unquote(name: string, inner: string, line: number): string {
  return inner.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/g,
    (_all, x?: string, u?: string, big?: string, octal?: string, char?: string) => {
      const hex = x ?? u ?? big;
      if (hex !== undefined) return codePoint(name, Number.parseInt(hex, 16), line);
      if (octal !== undefined) return codePoint(name, Number.parseInt(octal, 8), line);
      const escaped = escapes[char ?? ''];
      if (escaped === undefined) throw templateInvalid(name, line, `invalid escape \\${char}`);
      return escaped;
    },
  );
}

function codePoint(name: string, value: number, line: number): string {
  if (value > 0x10ffff) throw templateInvalid(name, line, 'escape is not a character');
  return String.fromCodePoint(value);
}
