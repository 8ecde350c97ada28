import type { ArithmeticOperator, CompareOperator, Expression, FieldPath, Query } from './ast.ts';
import type { Token } from './lexer.ts';
import { isWordToken, type TokenReader } from './token-reader.ts';

/** Parses a query inside parentheses; given by the command parser, which this file must not know. */
export type SubqueryParser = () => Query;

const compareOperators: Readonly<Record<string, CompareOperator>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** Words that cannot be fields where an operand is expected. */
const reserved = ['and', 'or', 'like', 'in', 'as', 'by'];

/** Each operator of a chain nests the ones before it: longer ones would exhaust the engine. */
const maxChain = 200;

/** Precedence, loosest first: or, and, not, comparisons, + -, * / %, unary -, ^, access. */
export class ExpressionParser {
  readonly #reader: TokenReader;
  readonly #subquery: SubqueryParser;

  constructor(reader: TokenReader, subquery: SubqueryParser) {
    this.#reader = reader;
    this.#subquery = subquery;
  }

  parse(): Expression {
    return this.#reader.nested(() => this.#or());
  }

  /** An operand without operators around it: the source of `parse` and `unnest`. */
  operand(): Expression {
    return this.#reader.nested(() => this.#postfix());
  }

  field(): FieldPath & { readonly start: number; readonly end: number } {
    const token = this.#reader.token;
    if (token.kind !== 'name') this.#reader.fail('FIELD_EXPECTED');
    this.#reader.next();
    return { name: token.text, segments: token.path, start: token.start, end: token.end };
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#reader.takeWord('or')) {
      const right = this.#and();
      left = { kind: 'or', left, right, start: left.start, end: right.end };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#reader.takeWord('and')) {
      const right = this.#not();
      left = { kind: 'and', left, right, start: left.start, end: right.end };
    }
    return left;
  }

  #not(): Expression {
    const start = this.#reader.token.start;
    // AWS's own samples write !ispresent(field).
    if (!this.#reader.takeWord('not') && !this.#reader.takeSymbol('!')) return this.#comparison();
    const operand = this.#reader.nested(() => this.#not());
    return { kind: 'not', operand, start, end: operand.end };
  }

  #comparison(): Expression {
    let left = this.#additive();
    for (let length = 1; ; length++) {
      if (length > maxChain) this.#reader.fail('TOO_DEEP');
      const token = this.#reader.token;
      const operator = token.kind === 'symbol' ? compareOperators[token.text] : undefined;
      if (operator !== undefined) {
        this.#reader.next();
        const right = this.#additive();
        left = { kind: 'compare', operator, left, right, start: left.start, end: right.end };
        continue;
      }
      const match = this.#match(left);
      if (match === undefined) return left;
      left = match;
    }
  }

  /** `like`, `=~`, `in` and their negations. */
  #match(value: Expression): Expression | undefined {
    const reader = this.#reader;
    const start = value.start;
    const negated = reader.isWord('not') && isWordToken(reader.peek(), ['like', 'in']);
    if (negated) reader.next();
    if (reader.isSymbol('=~') || reader.isSymbol('~=') || reader.isWord('like')) {
      reader.next();
      const pattern = this.#additive();
      return { kind: 'like', negated, value, pattern, start, end: pattern.end };
    }
    if (!reader.takeWord('in')) return undefined;
    const set = this.#set();
    return { kind: 'in', negated, value, set, start, end: reader.lastEnd };
  }

  #set(): Expression | Query {
    const reader = this.#reader;
    const opening = reader.token;
    if (!reader.isSymbol('(')) return this.#additive();
    const inner = reader.peek();
    const command = inner.kind === 'name' && reader.peek(2).kind !== 'symbol';
    const source = isWordToken(inner, ['source']);
    const bareCommand = isWordToken(inner, [
      'fields',
      'filter',
      'stats',
      'display',
      'parse',
      'where',
    ]);
    if (source || command || bareCommand) {
      reader.next();
      const query = this.#subquery();
      reader.expectSymbol(')', 'after the subquery');
      return query;
    }
    reader.next();
    const items = this.#items(')');
    return { kind: 'list', items, start: opening.start, end: reader.lastEnd };
  }

  #items(closing: string): Expression[] {
    const reader = this.#reader;
    const items: Expression[] = [];
    while (!reader.isSymbol(closing)) {
      items.push(this.parse());
      if (!reader.takeSymbol(',')) break;
    }
    reader.expectSymbol(closing, 'at the end of the list');
    return items;
  }

  #additive(): Expression {
    return this.#leftToRight(['+', '-'], () => this.#multiplicative());
  }

  #multiplicative(): Expression {
    return this.#leftToRight(['*', '/', '%'], () => this.#unary());
  }

  #leftToRight(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    let length = 1;
    while (this.#reader.token.kind === 'symbol' && operators.includes(this.#reader.token.text)) {
      if (length++ > maxChain) this.#reader.fail('TOO_DEEP');
      const operator = this.#reader.next().text as ArithmeticOperator;
      const right = operand();
      left = { kind: 'arithmetic', operator, left, right, start: left.start, end: right.end };
    }
    return left;
  }

  #unary(): Expression {
    const start = this.#reader.token.start;
    if (this.#reader.takeSymbol('-')) {
      const operand = this.#reader.nested(() => this.#unary());
      return operand.kind === 'number'
        ? { kind: 'number', value: -operand.value, start, end: operand.end }
        : { kind: 'negate', operand, start, end: operand.end };
    }
    if (this.#reader.takeSymbol('+')) return this.#reader.nested(() => this.#unary());
    return this.#power();
  }

  #power(): Expression {
    const left = this.#postfix();
    if (!this.#reader.takeSymbol('^')) return left;
    const right = this.#reader.nested(() => this.#unary()); // 2^3^2 is 2^(3^2)
    return { kind: 'arithmetic', operator: '^', left, right, start: left.start, end: right.end };
  }

  #postfix(): Expression {
    const reader = this.#reader;
    const object = this.#primary();
    const steps: string[] = [];
    for (;;) {
      const token = reader.token;
      const adjacent = token.start === reader.lastEnd;
      if (adjacent && token.kind === 'member') {
        steps.push(...token.path.map((segment) => segment.text));
        reader.next();
      } else if (adjacent && reader.isSymbol('[') && object.kind !== 'list') {
        const index = reader.peek();
        if (index.kind !== 'number' && index.kind !== 'string') break;
        reader.next();
        reader.next();
        steps.push(index.kind === 'string' ? index.value : index.text);
        reader.expectSymbol(']', 'after the index');
      } else {
        break;
      }
    }
    if (steps.length === 0) return object;
    return { kind: 'access', object, steps, start: object.start, end: reader.lastEnd };
  }

  #primary(): Expression {
    const reader = this.#reader;
    const token = reader.token;
    const { start, end } = token;
    switch (token.kind) {
      case 'string':
        reader.next();
        return { kind: 'string', value: token.value, start, end };
      case 'number':
        reader.next();
        return { kind: 'number', value: token.value, start, end };
      case 'period':
        reader.next();
        return { kind: 'period', text: token.text, start, end };
      case 'regex':
        reader.next();
        return { kind: 'regex', source: token.source, flags: token.flags, start, end };
      case 'name':
        return this.#nameOrCall(token);
      case 'symbol':
        if (token.text === '(') {
          reader.next();
          const inner = this.parse();
          reader.expectSymbol(')', 'to close the parenthesis');
          return { ...inner, start, end: reader.lastEnd };
        }
        if (token.text === '[') {
          reader.next();
          const items = this.#items(']');
          return { kind: 'list', items, start, end: reader.lastEnd };
        }
        return reader.fail('OPERAND_EXPECTED');
      default:
        return reader.fail('OPERAND_EXPECTED');
    }
  }

  #nameOrCall(token: Extract<Token, { kind: 'name' }>): Expression {
    const reader = this.#reader;
    const { start, end } = token;
    if (isWordToken(token, reserved)) {
      reader.fail('OPERAND_RESERVED');
    }
    reader.next();
    if (reader.isSymbol('(') && token.path.length === 1 && !token.path[0]!.quoted) {
      reader.next();
      const star = reader.isSymbol('*');
      if (star) reader.next();
      const args = star ? [] : this.#items(')');
      if (star) reader.expectSymbol(')', `after ${token.text}(*`);
      return {
        kind: 'call',
        name: token.text,
        nameSpan: token,
        args,
        star,
        start,
        end: reader.lastEnd,
      };
    }
    if (isWordToken(token, ['true', 'false'])) {
      return { kind: 'boolean', value: token.text.toLowerCase() === 'true', start, end };
    }
    return { kind: 'field', path: { name: token.text, segments: token.path }, start, end };
  }
}
