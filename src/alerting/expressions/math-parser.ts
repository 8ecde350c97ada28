import {
  type BinaryOperator,
  type MathFunction,
  type MathNode,
  mathFunctions,
} from './math-tree.ts';

/** Longer expressions are made by mistake. */
const maxChars = 10_000;
const maxDepth = 100;

/** From what binds least to what binds most; all of them group to the left. */
const levels: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
  ['**'],
];

const operators = ['**', '&&', '||', '==', '!=', '<=', '>=', ...'<>+-*/%!(),'] as const;

interface Token {
  readonly kind: 'number' | 'variable' | 'name' | 'operator' | 'end';
  readonly text: string;
  readonly at: number;
}

/**
 * Reads `$A / ${B two} >= 1 && !is_nan($C)`.
 * @throws {SyntaxError} with the position, 1-based
 */
export function parseMath(text: string): MathNode {
  if (text.length > maxChars) throw new SyntaxError(`longer than ${maxChars} characters`);
  if (text.trim() === '') throw new SyntaxError('the expression is empty');
  const parser = new MathParser(tokensOf(text));
  return parser.all();
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
    ['number', /0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
    ['variable', /\$\{[^}]*\}|\$[A-Za-z0-9_]+/y],
    ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ];
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at]!)) {
      at++;
      continue;
    }
    const operator = operators.find((one) => text.startsWith(one, at));
    if (operator !== undefined) {
      tokens.push({ kind: 'operator', text: operator, at });
      at += operator.length;
      continue;
    }
    let found: Token | undefined;
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const match = pattern.exec(text)?.[0];
      if (match === undefined) continue;
      found = { kind, text: match, at };
      break;
    }
    if (found === undefined) throw unexpected(text[at]!, at);
    tokens.push(found);
    at += found.text.length;
  }
  tokens.push({ kind: 'end', text: 'end of the expression', at: text.length });
  return tokens;
}

const unexpected = (text: string, at: number): SyntaxError =>
  new SyntaxError(`unexpected ${JSON.stringify(text)} at position ${at + 1}`);

class MathParser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  all(): MathNode {
    const node = this.#binary(0);
    const rest = this.#peek();
    if (rest.kind !== 'end') throw unexpected(rest.text, rest.at);
    return node;
  }

  #binary(level: number): MathNode {
    const own = levels[level];
    if (own === undefined) return this.#operand();
    let left = this.#binary(level + 1);
    for (;;) {
      const { kind, text } = this.#peek();
      const operator = kind === 'operator' ? own.find((one) => one === text) : undefined;
      if (operator === undefined) return left;
      this.#at++;
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1) };
    }
  }

  #operand(): MathNode {
    const token = this.#peek();
    if (++this.#depth > maxDepth) throw new SyntaxError(`nested deeper than ${maxDepth}`);
    this.#at++;
    const node = this.#operandOf(token);
    this.#depth--;
    return node;
  }

  #operandOf(token: Token): MathNode {
    const { kind, text, at } = token;
    switch (kind) {
      case 'number':
        return { kind, value: Number(text) };
      case 'variable': {
        const refId = text.startsWith('${') ? text.slice(2, -1) : text.slice(1);
        if (refId.trim() === '') throw unexpected(text, at);
        return { kind, refId };
      }
      case 'name':
        return this.#call(token);
      case 'end':
        throw new SyntaxError(`unexpected end of the expression at position ${at + 1}`);
      case 'operator':
        if (text === '-' || text === '!') {
          return { kind: 'unary', operator: text, operand: this.#operand() };
        }
        if (text !== '(') throw unexpected(text, at);
        {
          const inner = this.#binary(0);
          this.#expect(')');
          return inner;
        }
    }
  }

  #call({ text, at }: Token): MathNode {
    if (!Object.hasOwn(mathFunctions, text)) {
      throw new SyntaxError(
        `unknown function ${JSON.stringify(text)} at position ${at + 1}; there are ${Object.keys(mathFunctions).join(', ')}`,
      );
    }
    const name = text as MathFunction;
    this.#expect('(');
    const argument = mathFunctions[name] ? this.#binary(0) : undefined;
    this.#expect(')');
    return { kind: 'call', name, argument };
  }

  #expect(text: string): void {
    const token = this.#peek();
    if (token.kind !== 'operator' || token.text !== text) {
      throw new SyntaxError(
        `expected ${JSON.stringify(text)} at position ${token.at + 1}, found ${JSON.stringify(token.text)}`,
      );
    }
    this.#at++;
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }
}
