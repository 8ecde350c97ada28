import type {
  Command,
  Expression,
  Name,
  NamedExpression,
  ParsePattern,
  Query,
  SortKey,
  Source,
} from './ast.ts';
import { type Diagnostics, nearestName, type Span } from './diagnostics.ts';
import { tokenize } from './lexer.ts';
import { ExpressionParser } from './parse-expression.ts';
import { parseJoin } from './parse-join.ts';
import { parseLookup, parseRareCommand } from './parse-rare.ts';
import { isWordToken, SyntaxFault, TokenReader } from './token-reader.ts';
import { commands as knownCommands, unsupportedCommands } from './vocabulary.ts';

/** CloudWatch's bound on the rows of a query. */
export const maxLimitRows = 100_000;

/**
 * Text to syntax tree. Mistakes go to `diagnostics`; the parser then goes on at the next `|`, so that
 * one run tells of all of them.
 */
export function parseQuery(text: string, diagnostics: Diagnostics): Query {
  const reader = new TokenReader(text, tokenize(text, diagnostics), diagnostics);
  const query = new QueryParser(reader).query();
  if (!reader.atEnd) {
    const { start, end } = reader.token;
    diagnostics.error({ start, end }, 'SYMBOL_UNEXPECTED', { symbol: reader.token.text });
  }
  return query;
}

/** What parsing a command needs; shared with the files that hold the rare ones. */
export interface CommandContext {
  readonly reader: TokenReader;
  readonly expressions: ExpressionParser;
  name(): Name;
  names(): Name[];
  namedExpressions(): NamedExpression[];
  /** A query up to a closing parenthesis. */
  query(): Query;
}

class QueryParser implements CommandContext {
  readonly reader: TokenReader;
  readonly expressions: ExpressionParser;

  constructor(reader: TokenReader) {
    this.reader = reader;
    this.expressions = new ExpressionParser(reader, () => this.query());
  }

  query(): Query {
    const reader: TokenReader = this.reader;
    const start = reader.token.start;
    const commands: Command[] = [];
    let source: Source | undefined;
    while (reader.takeSymbol('|'));
    while (!reader.atEnd && !reader.isSymbol(')')) {
      const before = reader.position;
      try {
        if (reader.isWord('source') && commands.length === 0 && source === undefined) {
          source = this.#source();
        } else {
          commands.push(this.#command());
        }
        if (!reader.atEnd && !reader.isSymbol('|') && !reader.isSymbol(')')) {
          reader.fail('COMMANDS_UNSEPARATED');
        }
      } catch (error) {
        if (!(error instanceof SyntaxFault)) throw error;
        if (reader.position === before) reader.next();
        reader.skipCommand();
      }
      while (reader.takeSymbol('|'));
    }
    return { kind: 'query', source, commands, start, end: reader.lastEnd };
  }

  #command(): Command {
    const reader: TokenReader = this.reader;
    const word = reader.token;
    if (word.kind !== 'name') reader.fail('COMMAND_EXPECTED');
    reader.next();
    const shape = this.#commandBody(word.text.toLowerCase(), word);
    return { ...shape, start: word.start, end: reader.lastEnd } as Command;
  }

  #commandBody(name: string, word: Span): CommandShape {
    switch (name) {
      case 'fields':
      case 'display':
        return { kind: name, items: this.namedExpressions() };
      case 'filter':
      case 'where':
        return { kind: 'filter', condition: this.expressions.parse() };
      case 'search':
        return { kind: 'filter', condition: this.#search() };
      case 'filterindex':
        return { kind: 'filterIndex', condition: this.expressions.parse() };
      case 'stats':
        return this.#stats();
      case 'sort':
      case 'order':
        this.reader.takeWord('by');
        return { kind: 'sort', keys: this.#sortKeys() };
      case 'limit':
      case 'head':
      case 'tail':
        return this.#limit(name === 'tail');
      case 'parse':
        return this.#parse();
      case 'dedup':
        return { kind: 'dedup', keys: this.#expressionList() };
      case 'lookup':
        return parseLookup(this);
      case 'join':
        return parseJoin(this);
      default: {
        const rare = parseRareCommand(name, this);
        if (rare !== undefined) return rare;
        return this.#unknown(name, word);
      }
    }
  }

  /** `search "text"` and `search /regex/` look into the message; else it is another filter. */
  #search(): Expression {
    const condition = this.expressions.parse();
    if (condition.kind !== 'string' && condition.kind !== 'regex') return condition;
    const { start, end } = condition;
    const path = { name: '@message', segments: [{ text: '@message', quoted: false }] };
    const value: Expression = { kind: 'field', path, start, end };
    return { kind: 'like', negated: false, value, pattern: condition, start, end };
  }

  #unknown(name: string, word: Span): CommandShape {
    const known = unsupportedCommands.find((one) => one.toLowerCase() === name);
    if (known !== undefined) {
      this.reader.diagnostics.error(word, 'COMMAND_UNSUPPORTED', { command: known });
      this.reader.skipCommand();
      return { kind: 'unsupported', name: known };
    }
    if (name === 'source') return this.reader.fail('SOURCE_FIRST', {}, word);
    const names = knownCommands.map((one) => one.name);
    return this.reader.fail('COMMAND_EXPECTED', { near: nearestName(name, names) }, word);
  }

  #stats(): CommandShape {
    const aggregates = this.reader.isWord('by') ? [] : this.namedExpressions();
    const groups = this.reader.takeWord('by') ? this.namedExpressions() : [];
    return { kind: 'stats', aggregates, groups };
  }

  namedExpressions(): NamedExpression[] {
    const items: NamedExpression[] = [];
    do {
      // A comma at the end of the list is a slip that costs nothing to forgive.
      if (items.length > 0 && (this.reader.isSymbol('|') || this.reader.atEnd)) break;
      const expression = this.expressions.parse();
      let offset: (Span & { text: string }) | undefined;
      if (this.reader.isWord('offset') && this.reader.peek().kind === 'period') {
        this.reader.next();
        const period = this.reader.next();
        offset = { text: period.text, start: period.start, end: period.end };
      }
      const alias = this.reader.takeWord('as') ? this.#alias() : undefined;
      const text = this.reader.text
        .slice(expression.start, expression.end)
        .replace(/\s+/g, ' ')
        .trim();
      items.push({ expression, alias, text: text.replaceAll('`', ''), ...(offset && { offset }) });
    } while (this.reader.takeSymbol(','));
    return items;
  }

  #alias(): Span & { name: string } {
    const token = this.reader.token;
    if (token.kind !== 'name' && token.kind !== 'string' && token.kind !== 'period') {
      this.reader.fail('ALIAS_EXPECTED');
    }
    this.reader.next();
    const name = token.kind === 'string' ? token.value : token.text;
    return { name, start: token.start, end: token.end };
  }

  #expressionList(): Expression[] {
    const items = [this.expressions.parse()];
    while (this.reader.takeSymbol(',')) items.push(this.expressions.parse());
    return items;
  }

  #sortKeys(): SortKey[] {
    const keys: SortKey[] = [];
    do {
      const expression = this.expressions.parse();
      const descending = this.reader.takeWord('desc');
      if (!descending) this.reader.takeWord('asc');
      keys.push({ expression, descending });
    } while (this.reader.takeSymbol(','));
    return keys;
  }

  #limit(oldest: boolean): CommandShape {
    const any = this.reader.takeWord('any');
    const token = this.reader.token;
    if (token.kind !== 'number') this.reader.fail('LIMIT_EXPECTED');
    this.reader.next();
    if (!Number.isInteger(token.value) || token.value < 1 || token.value > maxLimitRows) {
      this.reader.fail('LIMIT_INVALID', { max: maxLimitRows }, token);
    }
    return { kind: 'limit', rows: token.value, any, oldest };
  }

  #parse(): CommandShape {
    const reader: TokenReader = this.reader;
    const patternFirst =
      reader.token.kind === 'regex' ||
      (reader.token.kind === 'string' && reader.peek().kind !== 'string');
    const source = patternFirst || this.#bareFormat() ? undefined : this.expressions.operand();
    const pattern = this.#parsePattern();
    let multi = reader.takeWord('multi');
    const names = reader.takeWord('as') ? this.names() : [];
    multi = reader.takeWord('multi') || multi;
    return { kind: 'parse', source, pattern, names, multi };
  }

  /** `parse logfmt as m`: the word is the format, unless a pattern follows it. */
  #bareFormat(): boolean {
    const next = this.reader.peek();
    const isField =
      next.kind === 'string' || next.kind === 'regex' || isWordToken(next, ['logfmt', 'csv']);
    return this.reader.isWord('logfmt', 'csv') && !isField;
  }

  #parsePattern(): ParsePattern {
    const reader: TokenReader = this.reader;
    const token = reader.token;
    const { start, end } = token;
    if (token.kind === 'string') {
      reader.next();
      return { kind: 'glob', text: token.value, start, end };
    }
    if (token.kind === 'regex') {
      reader.next();
      return { kind: 'regex', source: token.source, flags: token.flags, start, end };
    }
    if (reader.takeWord('logfmt')) return { kind: 'logfmt', start, end };
    if (reader.takeWord('csv')) return { kind: 'csv', start, end };
    return reader.fail('PARSE_PATTERN');
  }

  name(): Name {
    const { start, end, ...path } = this.expressions.field();
    return { path, start, end };
  }

  names(): Name[] {
    const names = [this.name()];
    while (this.reader.takeSymbol(',')) names.push(this.name());
    return names;
  }

  /** `SOURCE logGroups(namePrefix:['p'], class:['STANDARD'])` or `SOURCE '/group', …`. */
  #source(): Source {
    const reader: TokenReader = this.reader;
    const start = reader.next().start;
    const namePrefixes: string[] = [];
    const names: string[] = [];
    let kind: Source['kind'] = 'names';
    if (reader.takeWord('loggroups')) {
      kind = 'groups';
      reader.expectSymbol('(', 'after logGroups');
      while (!reader.isSymbol(')')) {
        const key = this.name();
        reader.expectSymbol(':', `after ${key.path.name}`);
        const values = this.#strings();
        const option = key.path.name.toLowerCase();
        if (option === 'nameprefix') namePrefixes.push(...values);
        else if (!['accountidentifiers', 'accountidentifier', 'class'].includes(option)) {
          reader.fail('SOURCE_OPTION', {}, key);
        }
        if (!reader.takeSymbol(',')) break;
      }
      reader.expectSymbol(')', 'after logGroups(');
    } else {
      do {
        const token = reader.token;
        if (token.kind !== 'string') reader.fail('SOURCE_NAMES');
        names.push(token.value);
        reader.next();
      } while (reader.takeSymbol(','));
    }
    // Exports of the CloudWatch console add START=-3600s END=0s: the request's own times count.
    while (reader.isWord('start', 'end')) {
      reader.next();
      reader.expectSymbol('=', 'after START or END');
      reader.takeSymbol('-');
      reader.next();
    }
    return { kind, namePrefixes, names, start, end: reader.lastEnd };
  }

  #strings(): string[] {
    const reader: TokenReader = this.reader;
    const values: string[] = [];
    const bracket = reader.takeSymbol('[');
    do {
      const token = reader.token;
      if (token.kind !== 'string') reader.fail('TEXT_EXPECTED');
      values.push(token.value);
      reader.next();
    } while (bracket && reader.takeSymbol(','));
    if (bracket) reader.expectSymbol(']', 'at the end of the list');
    return values;
  }
}

type WithoutSpan<T> = T extends unknown ? Omit<T, 'start' | 'end'> : never;
/** A command before its span is known. */
export type CommandShape = WithoutSpan<Command>;
