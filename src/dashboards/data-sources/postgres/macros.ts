import { intervalText, parseIntervalMs } from '#dashboards/variables';
import { dataError } from '../errors.ts';
import type { TimeFill } from '../tabular/column.ts';
import { mustRead, type SqlPiece, splitSql } from './sql-text.ts';

export interface ExpandedSql {
  readonly text: string;
  /** Of `$1`, `$2`, … */
  readonly parameters: readonly string[];
  readonly fill: TimeFill | undefined;
}

export interface MacroContext {
  readonly fromMs: number;
  readonly toMs: number;
  /** `$__interval`. */
  readonly intervalMs: number;
}

/** Around the number of what is hidden: characters for private use. */
const markStart = '\ue000';
const markEnd = '\ue001';
const mark = new RegExp(`${markStart}(\\d+)${markEnd}`, 'g');

/** A macro of which nobody knows would only puzzle the database. */
const macroNames = [
  'time',
  'timeEpoch',
  'timeFilter',
  'timeFrom',
  'timeTo',
  'timeGroup',
  'timeGroupAlias',
  'unixEpochFilter',
  'unixEpochFrom',
  'unixEpochTo',
  'unixEpochNanoFilter',
  'unixEpochNanoFrom',
  'unixEpochNanoTo',
  'unixEpochGroup',
  'unixEpochGroupAlias',
] as const;
type MacroName = (typeof macroNames)[number];

/** Values that macros stand for, bound as parameters: no value is ever a part of the text. */
class Bound {
  readonly values: string[] = [];
  readonly #typed = new Map<string, string>();

  /** A parameter of its own, whose type follows from where it stands. */
  untyped(value: string): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** The same parameter for the same value: grouped expressions must be equal. */
  bigint(value: number): string {
    const text = String(Math.round(value));
    const held = this.#typed.get(text);
    if (held !== undefined) return held;
    const made = `${this.untyped(text)}::bigint`;
    this.#typed.set(text, made);
    return made;
  }
}

/**
 * Puts what Grafana's macros of PostgreSQL stand for into a query. Texts and names are left alone but
 * for `$__interval`, whose own text has nothing that could end them; comments go.
 * @throws {AppError} DATA_QUERY_INVALID
 */
export function expandMacros(sql: string, context: MacroContext): ExpandedSql {
  const pieces = mustRead(splitSql(withIntervals(sql, context)));
  const bound = new Bound();
  // Arguments of a macro may hold texts and names: what is not code is hidden behind a mark meanwhile.
  const hidden: string[] = [];
  const code = pieces
    .map(({ kind, text }: SqlPiece) => {
      if (kind === 'code') return text;
      // Lines stay where they are, for the places that the database names in its errors.
      if (kind === 'comment') return text.replace(/[^\n]+/g, ' ');
      hidden.push(text);
      return `${markStart}${hidden.length - 1}${markEnd}`;
    })
    .join('');
  const reveal = (text: string): string =>
    text.replace(mark, (_, at: string) => hidden[Number(at)]!);
  const expander = new Expander(context, bound, reveal);
  return { text: reveal(expander.expand(code)), parameters: bound.values, fill: expander.fill };
}

function withIntervals(sql: string, { fromMs, toMs, intervalMs }: MacroContext): string {
  if (sql.includes(markStart) || sql.includes(markEnd)) {
    throw dataError(
      'DATA_QUERY_INVALID',
      'The query holds a character that means nothing (U+E000)',
    );
  }
  const rangeMs = Math.round(toMs - fromMs);
  const values: Readonly<Record<string, string>> = {
    interval: intervalText(intervalMs),
    interval_ms: String(Math.round(intervalMs)),
    range: `${Math.round(rangeMs / 1000)}s`,
    range_s: String(Math.round(rangeMs / 1000)),
    range_ms: String(rangeMs),
  };
  return sql.replace(
    /\$(?:__(interval|interval_ms|range|range_s|range_ms)(?!\w)|\{__(interval|interval_ms|range|range_s|range_ms)\})/g,
    (_, plain?: string, braced?: string) => values[plain ?? braced ?? '']!,
  );
}

class Expander {
  readonly #context: MacroContext;
  readonly #bound: Bound;
  /** What marks in an argument stand for. */
  readonly #reveal: (text: string) => string;
  fill: TimeFill | undefined;

  constructor(context: MacroContext, bound: Bound, reveal: (text: string) => string) {
    this.#context = context;
    this.#bound = bound;
    this.#reveal = reveal;
  }

  expand(code: string): string {
    let out = '';
    let from = 0;
    for (const match of code.matchAll(/\$__(\w+)/g)) {
      if (match.index < from) continue;
      const name = macroNames.find((known) => known === match[1]);
      if (name === undefined) throw unknownMacro(match[0]);
      const { args, end } = argumentsAt(code, match.index + match[0].length, match[0]);
      out += code.slice(from, match.index) + this.#macro(name, args);
      from = end;
    }
    return out + code.slice(from);
  }

  #macro(name: MacroName, args: readonly string[]): string {
    const { fromMs, toMs } = this.#context;
    const bound = this.#bound;
    const column = (): string => {
      const [first = ''] = args;
      if (first === '') throw dataError('DATA_QUERY_INVALID', `$__${name}: the column is missing`);
      return first;
    };
    const none = (text: string): string => {
      if (args.length === 0) return text;
      throw dataError('DATA_QUERY_INVALID', `$__${name} takes no argument`);
    };
    const from = (): string => bound.untyped(new Date(fromMs).toISOString());
    const to = (): string => bound.untyped(new Date(toMs).toISOString());
    switch (name) {
      case 'time':
        return `${column()} AS "time"`;
      case 'timeEpoch':
        return `extract(epoch from ${column()}) AS "time"`;
      case 'timeFilter':
        return `${column()} BETWEEN ${from()} AND ${to()}`;
      case 'timeFrom':
        return none(from());
      case 'timeTo':
        return none(to());
      case 'timeGroup':
        return this.#group(`extract(epoch from ${column()})`, name, args);
      case 'timeGroupAlias':
        return `${this.#group(`extract(epoch from ${column()})`, name, args)} AS "time"`;
      case 'unixEpochGroup':
        return this.#group(column(), name, args);
      case 'unixEpochGroupAlias':
        return `${this.#group(column(), name, args)} AS "time"`;
      case 'unixEpochFilter':
        return this.#between(column(), 1000, 1);
      case 'unixEpochNanoFilter':
        return this.#between(column(), 1, 1_000_000);
      case 'unixEpochFrom':
        return none(bound.bigint(Math.floor(fromMs / 1000)));
      case 'unixEpochTo':
        return none(bound.bigint(Math.floor(toMs / 1000)));
      case 'unixEpochNanoFrom':
        return none(nanoseconds(bound, fromMs));
      case 'unixEpochNanoTo':
        return none(nanoseconds(bound, toMs));
      default:
        return name satisfies never;
    }
  }

  #between(column: string, divisor: number, factor: number): string {
    const { fromMs, toMs } = this.#context;
    const bound = this.#bound;
    const value = (timeMs: number): string =>
      factor === 1 ? bound.bigint(Math.floor(timeMs / divisor)) : nanoseconds(bound, timeMs);
    return `${column} >= ${value(fromMs)} AND ${column} <= ${value(toMs)}`;
  }

  #group(seconds: string, name: MacroName, args: readonly string[]): string {
    const interval = this.#reveal(args[1] ?? '').replace(/^'(.*)'$/, '$1');
    const intervalMs = parseIntervalMs(interval);
    if (args.length < 2 || args.length > 3 || intervalMs === undefined || intervalMs < 1000) {
      throw dataError(
        'DATA_QUERY_INVALID',
        `$__${name}(column, interval, fill): "${interval}" is no interval (allowed: 30s, 5m, 1h, $__interval; fill: NULL, previous or a number)`,
      );
    }
    const fill = args[2];
    if (fill !== undefined) this.fill = { intervalMs, value: fillOf(this.#reveal(fill), name) };
    const step = this.#bound.bigint(intervalMs / 1000);
    return `floor((${seconds})/${step})*${step}`;
  }
}

/** Times in ns are beyond what a double holds exactly: the zeros are added to the text. */
const nanoseconds = (bound: Bound, timeMs: number): string =>
  `${bound.untyped(`${Math.floor(timeMs)}000000`)}::bigint`;

function fillOf(text: string, name: MacroName): TimeFill['value'] {
  const word = text.trim().toLowerCase();
  if (word === 'null' || word === 'previous') return word;
  if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(word)) return Number(word);
  throw dataError(
    'DATA_QUERY_INVALID',
    `$__${name}: "${text}" fills nothing (allowed: NULL, previous or a number)`,
  );
}

/** The arguments in parentheses that begin at `at`; commas within parentheses separate nothing. */
function argumentsAt(
  code: string,
  at: number,
  macro: string,
): { readonly args: readonly string[]; readonly end: number } {
  if (code[at] !== '(') throw dataError('DATA_QUERY_INVALID', `${macro} needs parentheses`);
  const args: string[] = [];
  let depth = 0;
  let start = at + 1;
  for (let end = at; end < code.length; end++) {
    const char = code[end]!;
    if (char === '(' || char === '[') depth++;
    else if (char === ')' || char === ']') depth--;
    if (depth === 0 || (depth === 1 && char === ',')) {
      args.push(code.slice(start, end).trim());
      start = end + 1;
    }
    if (depth === 0) return { args: args.length === 1 && args[0] === '' ? [] : args, end: end + 1 };
  }
  throw dataError('DATA_QUERY_INVALID', `${macro}: the parenthesis does not close`);
}

function unknownMacro(macro: string): Error {
  const allowed = macroNames.map((name) => `$__${name}`).join(', ');
  return dataError('DATA_QUERY_INVALID', `${macro} is no macro (allowed: ${allowed}, $__interval)`);
}
