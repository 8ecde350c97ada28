import { templateInvalid } from './errors.ts';
import { type Delimiters, lexTemplate, type Token, type TokenKind } from './lexer.ts';
import type { Command, Expression, Node, Pipeline, TemplateTree } from './tree.ts';

/** A template nests a few levels; one that nests hundreds is an attack on the stack. */
const maxDepth = 200;

/**
 * Parses a template of Go's text/template. `functions` are the names that may be called.
 * @throws {AppError} TEMPLATE_INVALID
 */
export function parseTemplate(
  name: string,
  source: string,
  functions: ReadonlySet<string>,
  delimiters?: Delimiters,
): TemplateTree {
  return new Parser(name, lexTemplate(name, source, delimiters), functions).parse();
}

type BlockEnd = 'end' | 'else' | 'eof';

class Parser {
  readonly #name: string;
  readonly #tokens: readonly Token[];
  readonly #functions: ReadonlySet<string>;
  readonly #defined = new Map<string, readonly Node[]>();
  #at = 0;
  #depth = 0;
  #ranges = 0;
  #variables: string[] = ['$'];

  constructor(name: string, tokens: readonly Token[], functions: ReadonlySet<string>) {
    this.#name = name;
    this.#tokens = tokens;
    this.#functions = functions;
  }

  parse(): TemplateTree {
    const { nodes, end } = this.#nodes(true);
    if (end !== 'eof') throw this.#error(`unexpected {{${end}}}`);
    return { name: this.#name, body: nodes, defined: this.#defined };
  }

  #nodes(isTop: boolean): { readonly nodes: readonly Node[]; readonly end: BlockEnd } {
    if (++this.#depth > maxDepth) throw this.#error('nested too deep');
    const nodes: Node[] = [];
    try {
      for (;;) {
        const token = this.#next();
        if (token.kind === 'text') {
          nodes.push({ kind: 'text', text: token.text });
          continue;
        }
        if (token.kind === 'end') {
          if (!isTop) throw this.#error('unexpected EOF');
          return { nodes, end: 'eof' };
        }
        const word = this.#peekPast().kind === 'identifier' ? this.#peekPast().text : '';
        if (word === 'end' || word === 'else') {
          this.#takeWord();
          if (word === 'end') this.#close('end');
          return { nodes, end: word };
        }
        const node = this.#action(word, isTop);
        if (node !== undefined) nodes.push(node);
      }
    } finally {
      this.#depth--;
    }
  }

  #action(word: string, isTop: boolean): Node | undefined {
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        this.#takeWord();
        return this.#block(word);
      case 'define':
        if (!isTop) throw this.#error('unexpected {{define}} inside another block');
        this.#takeWord();
        this.#define(this.#templateName('define'));
        return undefined;
      case 'block': {
        this.#takeWord();
        const { line } = this.#tokens[this.#at]!;
        const name = this.#templateName('block');
        const pipeline = this.#pipeline('block', true);
        this.#defineBody(name);
        return { kind: 'template', name, pipeline, line };
      }
      case 'template': {
        this.#takeWord();
        const { line } = this.#tokens[this.#at]!;
        const name = this.#templateName('template');
        const isBare = this.#peekPast().kind === 'close';
        const pipeline = isBare ? undefined : this.#pipeline('template', true);
        if (isBare) this.#close('template');
        return { kind: 'template', name, pipeline, line };
      }
      case 'break':
      case 'continue':
        this.#takeWord();
        if (this.#ranges === 0) throw this.#error(`{{${word}}} outside {{range}}`);
        this.#close(word);
        return { kind: word };
      default:
        return { kind: 'action', pipeline: this.#pipeline('command', true) };
    }
  }

  #block(kind: 'if' | 'with' | 'range'): Node {
    const { line } = this.#tokens[this.#at]!;
    const outer = this.#variables.length;
    const pipeline = this.#pipeline(kind, true);
    if (kind === 'range') this.#ranges++;
    const { nodes: body, end } = this.#nodes(false);
    if (kind === 'range') this.#ranges--;
    let otherwise: readonly Node[] = [];
    if (end === 'else') {
      const word = this.#peekPast();
      // `{{else if}}` and `{{else with}}` share the {{end}} of the block that they go on with.
      if (word.kind === 'identifier' && word.text === kind && kind !== 'range') {
        this.#takeWord();
        otherwise = [this.#block(kind)];
      } else {
        this.#close('else');
        const rest = this.#nodes(false);
        if (rest.end !== 'end') throw this.#error('expected end; found {{else}}');
        otherwise = rest.nodes;
      }
    }
    this.#variables.length = outer;
    return { kind, pipeline, body, otherwise, line };
  }

  #define(name: string): void {
    this.#close('define');
    this.#defineBody(name);
  }

  #defineBody(name: string): void {
    const outer = this.#variables;
    this.#variables = ['$'];
    const { nodes, end } = this.#nodes(false);
    if (end !== 'end') throw this.#error('unexpected {{else}} in define clause');
    this.#variables = outer;
    this.#defined.set(name, nodes);
  }

  #templateName(context: string): string {
    this.#skipSpace();
    const token = this.#next();
    if (token.kind !== 'string') throw this.#unexpected(token, `${context} clause`);
    return token.text;
  }

  /** A pipeline up to its closing delimiter, or to `)`. */
  #pipeline(context: string, isAction: boolean): Pipeline {
    this.#skipSpace();
    const { line } = this.#tokens[this.#at]!;
    const { variables, isAssignment } = this.#declaration(context);
    const commands: Command[] = [];
    for (;;) {
      this.#skipSpace();
      const token = this.#tokens[this.#at]!;
      const isEnd = isAction ? token.kind === 'close' : token.kind === 'right';
      if (isEnd) {
        if (commands.length === 0) throw this.#error(`missing value for ${context}`);
        this.#at++;
        if (!isAssignment) this.#variables.push(...variables);
        return { variables, isAssignment, commands, line };
      }
      if (token.kind === 'pipe') {
        if (commands.length === 0) throw this.#error(`missing value for ${context}`);
        this.#at++;
        this.#skipSpace();
      }
      commands.push(this.#command(context, commands.length > 0));
    }
  }

  #declaration(context: string): {
    readonly variables: readonly string[];
    readonly isAssignment: boolean;
  } {
    const start = this.#at;
    const variables: string[] = [];
    for (;;) {
      this.#skipSpace();
      const token = this.#tokens[this.#at]!;
      if (token.kind !== 'variable') break;
      this.#at++;
      this.#skipSpace();
      variables.push(token.text);
      const next = this.#tokens[this.#at]!;
      if (next.kind === 'comma' && context === 'range' && variables.length < 2) {
        this.#at++;
        continue;
      }
      if (next.kind === 'declare' || next.kind === 'assign') {
        this.#at++;
        if (next.kind === 'assign') for (const name of variables) this.#mustKnow(name);
        return { variables, isAssignment: next.kind === 'assign' };
      }
      break;
    }
    this.#at = start;
    return { variables: [], isAssignment: false };
  }

  #command(context: string, isPiped: boolean): Command {
    const { line } = this.#tokens[this.#at]!;
    const operand = this.#operand(context);
    if (isPiped && operand.kind === 'literal') {
      throw this.#error('non executable command in pipeline stage 2');
    }
    const args: Expression[] = [];
    for (;;) {
      const token = this.#tokens[this.#at]!;
      if (token.kind !== 'space') {
        if (['pipe', 'close', 'right'].includes(token.kind)) break;
        throw this.#unexpected(token, 'operand');
      }
      this.#skipSpace();
      if (['pipe', 'close', 'right'].includes(this.#tokens[this.#at]!.kind)) break;
      args.push(this.#operand(context));
    }
    return { operand, args, line };
  }

  #operand(context: string): Expression {
    const token = this.#next();
    const { line } = token;
    let expression: Expression;
    switch (token.kind) {
      case 'dot':
        expression = { kind: 'dot' };
        break;
      case 'field':
        expression = { kind: 'field', of: { kind: 'dot' }, names: [token.text.slice(1)], line };
        break;
      case 'variable':
        this.#mustKnow(token.text);
        expression = { kind: 'variable', name: token.text, line };
        break;
      case 'string':
        expression = { kind: 'literal', value: token.text };
        break;
      case 'character':
        expression = { kind: 'literal', value: BigInt(token.text.codePointAt(0) ?? 0) };
        break;
      case 'number':
        expression = { kind: 'literal', value: this.#number(token) };
        break;
      case 'identifier':
        expression = this.#word(token);
        break;
      case 'left':
        if (++this.#depth > maxDepth) throw this.#error('nested too deep');
        expression = {
          kind: 'pipeline',
          pipeline: this.#pipeline('parenthesized pipeline', false),
        };
        this.#depth--;
        break;
      default:
        throw this.#unexpected(token, context);
    }
    const names: string[] = [];
    while (this.#tokens[this.#at]!.kind === 'field') names.push(this.#next().text.slice(1));
    if (names.length === 0) return expression;
    if (expression.kind === 'literal' || expression.kind === 'nil') {
      throw this.#error(`unexpected . after term`);
    }
    return expression.kind === 'field'
      ? { ...expression, names: [...expression.names, ...names] }
      : { kind: 'field', of: expression, names, line };
  }

  #word(token: Token): Expression {
    if (token.text === 'true' || token.text === 'false') {
      return { kind: 'literal', value: token.text === 'true' };
    }
    if (token.text === 'nil') return { kind: 'nil' };
    if (!this.#functions.has(token.text)) {
      throw templateInvalid(this.#name, token.line, `function "${token.text}" not defined`);
    }
    return { kind: 'function', name: token.text, line: token.line };
  }

  #number(token: Token): number | bigint {
    const text = token.text.replaceAll('_', '');
    const isWhole = /^[+-]?(\d+|0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)$/.test(text);
    if (isWhole) {
      const sign = text.startsWith('-') ? -1n : 1n;
      const digits = text.replace(/^[+-]/, '');
      // Go: a leading 0 means octal.
      return sign * BigInt(/^0\d+$/.test(digits) ? `0o${digits}` : digits);
    }
    const value = Number(text);
    if (Number.isNaN(value))
      throw templateInvalid(this.#name, token.line, `bad number syntax: "${token.text}"`);
    return value;
  }

  #mustKnow(name: string): void {
    if (!this.#variables.includes(name)) throw this.#error(`undefined variable "${name}"`);
  }

  #close(context: string): void {
    this.#skipSpace();
    const token = this.#next();
    if (token.kind !== 'close') throw this.#unexpected(token, context);
  }

  /** The word that opens an action; the parser stands after `{{`. */
  #takeWord(): void {
    this.#skipSpace();
    this.#at++;
  }

  #peekPast(): Token {
    let at = this.#at;
    while (this.#tokens[at]!.kind === 'space') at++;
    return this.#tokens[at]!;
  }

  #skipSpace(): void {
    while (this.#tokens[this.#at]!.kind === 'space') this.#at++;
  }

  #next(): Token {
    const token = this.#tokens[this.#at]!;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #unexpected(token: Token, context: string): Error {
    const words: Partial<Record<TokenKind, string>> = { end: 'EOF', close: '"}}"', text: 'text' };
    const shown = words[token.kind] ?? JSON.stringify(token.text);
    return templateInvalid(this.#name, token.line, `unexpected ${shown} in ${context}`);
  }

  #error(message: string): Error {
    const { line } = this.#tokens[Math.min(this.#at, this.#tokens.length - 1)]!;
    return templateInvalid(this.#name, line, message);
  }
}
