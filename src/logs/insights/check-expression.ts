import type { Expression, Query } from './ast.ts';
import { isTimeZone, strftimeFromC, strftimeFromJava } from './date-format.ts';
import { type Diagnostics, nearestName, type Span } from './diagnostics.ts';
import { fold } from './fold.ts';
import type { DiagnosticCode } from './messages.ts';
import { automaticBinMs, type Period, parsePeriod } from './period.ts';
import type { PlanExpression, QueryContext, ValueType } from './plan.ts';
import { type Regex, translateRegex } from './regex.ts';
import type { Scope } from './scope.ts';
import { type FunctionEntry, functionNamed, functions } from './vocabulary.ts';

/** What the checker of commands lends to the checker of expressions. */
export interface ExpressionHost {
  readonly diagnostics: Diagnostics;
  readonly scope: Scope;
  readonly context: QueryContext;
  /** Plans a subquery and gives its number. */
  subquery(query: Query): number;
  /** After stats: the column that was made from this very call, as in `sort count(*)`. */
  columnOfCall?(call: Extract<Expression, { kind: 'call' }>): PlanExpression | undefined;
  /** Inside stats: gives the column of an aggregate. Undefined elsewhere. */
  aggregate?(call: Extract<Expression, { kind: 'call' }>, entry: FunctionEntry): PlanExpression;
}

const nothing: PlanExpression = { kind: 'literal', value: null, type: 'string' };
const unknownRegex: Regex = { source: '', groups: [], literals: [] };

/** Syntax tree to typed expression; constant parts are computed. */
export function checkExpression(expression: Expression, host: ExpressionHost): PlanExpression {
  return fold(new ExpressionChecker(host).check(expression), host.context);
}

/** A regular expression as RE2 takes it; faults are told at their place in the query. */
export function checkRegex(
  node: Span & { readonly source: string; readonly flags: string },
  diagnostics: Diagnostics,
): Regex {
  const result = translateRegex(node.source, node.flags);
  if ('regex' in result) return result.regex;
  const start = node.start + 1 + result.fault.offset;
  diagnostics.error({ start, end: start + result.fault.length }, 'REGEX_INVALID', {
    fault: result.fault.message,
  });
  return unknownRegex;
}

/** Warns where a value above its unit's cap was cut down. */
export function checkPeriod(
  text: string,
  span: Span,
  diagnostics: Diagnostics,
): Period | undefined {
  const period = parsePeriod(text);
  if (period === undefined) {
    diagnostics.error(span, 'PERIOD_INVALID', { symbol: text });
  } else if (period.clamped !== undefined) {
    const { from, to } = period.clamped;
    diagnostics.warn(span, 'PERIOD_CUT', { from, to });
  }
  return period;
}

class ExpressionChecker {
  readonly #host: ExpressionHost;

  constructor(host: ExpressionHost) {
    this.#host = host;
  }

  check(node: Expression): PlanExpression {
    switch (node.kind) {
      case 'string':
        return { kind: 'literal', value: node.value, type: 'string' };
      case 'number':
        return { kind: 'literal', value: node.value, type: 'number' };
      case 'boolean':
        return { kind: 'literal', value: node.value, type: 'boolean' };
      case 'field':
        return this.#host.scope.resolve(node.path, node);
      case 'access': {
        const object = this.check(node.object);
        if (object.kind !== 'raw')
          return { kind: 'access', object, steps: node.steps, type: 'string' };
        const steps = node.steps.map((text) => ({ text, quoted: true }));
        return {
          ...object,
          name: [object.name, ...node.steps].join('.'),
          path: [...object.path, ...steps],
        };
      }
      case 'call':
        return this.#call(node);
      case 'not':
        return { kind: 'not', operand: this.check(node.operand), type: 'boolean' };
      case 'negate':
        return { kind: 'negate', operand: this.check(node.operand), type: 'number' };
      case 'arithmetic':
        return {
          kind: 'arithmetic',
          operator: node.operator,
          left: this.check(node.left),
          right: this.check(node.right),
          type: 'number',
        };
      case 'compare':
        if (node.right.kind === 'regex') {
          const negated = node.operator === '!=';
          return this.#like({
            ...node,
            kind: 'like',
            negated,
            value: node.left,
            pattern: node.right,
          });
        }
        return {
          kind: 'compare',
          operator: node.operator,
          left: this.check(node.left),
          right: this.check(node.right),
          type: 'boolean',
        };
      case 'and':
      case 'or':
        return {
          kind: node.kind,
          operands: operandsOf(node).map((one) => this.check(one)),
          type: 'boolean',
        };
      case 'like':
        return this.#like(node);
      case 'in':
        return this.#in(node);
      case 'regex':
        return this.#misplaced(node, 'REGEX_MISPLACED');
      case 'period':
        return this.#misplaced(node, 'PERIOD_MISPLACED');
      case 'list':
        return this.#misplaced(node, 'LIST_MISPLACED');
      default:
        node satisfies never;
        return nothing;
    }
  }

  #misplaced(span: Span & { readonly kind: string }, code: DiagnosticCode): PlanExpression {
    this.#host.diagnostics.error(span, code, { symbol: span.kind });
    return nothing;
  }

  #like(node: Extract<Expression, { kind: 'like' }>): PlanExpression {
    const value = this.check(node.value);
    let test: PlanExpression;
    if (node.pattern.kind === 'regex') {
      const regex = checkRegex(node.pattern, this.#host.diagnostics);
      test = { kind: 'matches', value, regex, type: 'boolean' };
    } else {
      test = { kind: 'contains', value, part: this.check(node.pattern), type: 'boolean' };
    }
    return node.negated ? { kind: 'not', operand: test, type: 'boolean' } : test;
  }

  #in(node: Extract<Expression, { kind: 'in' }>): PlanExpression {
    const value = this.check(node.value);
    let test: PlanExpression;
    if (node.set.kind === 'query') {
      test = {
        kind: 'inSubquery',
        value,
        subquery: this.#host.subquery(node.set),
        type: 'boolean',
      };
    } else if (node.set.kind === 'list') {
      const items = node.set.items.map((item) => this.check(item));
      test = { kind: 'in', value, items, type: 'boolean' };
    } else {
      test = { kind: 'inList', value, list: this.check(node.set), type: 'boolean' };
    }
    return node.negated ? { kind: 'not', operand: test, type: 'boolean' } : test;
  }

  #call(node: Extract<Expression, { kind: 'call' }>): PlanExpression {
    const made = this.#host.columnOfCall?.(node);
    if (made !== undefined) return made;
    const entry = functionNamed(node.name);
    const { diagnostics } = this.#host;
    if (entry === undefined) {
      const names = functions.map((one) => one.name);
      diagnostics.error(node.nameSpan, 'FUNCTION_UNKNOWN', {
        symbol: node.name,
        near: nearestName(node.name, names),
      });
      return nothing;
    }
    const count = node.args.length;
    if (count < entry.minArgs || count > entry.maxArgs || (node.star && entry.name !== 'count')) {
      diagnostics.error(node, 'ARGUMENTS_WRONG', {
        symbol: node.star ? '*' : ')',
        name: entry.name,
        signature: entry.signature,
      });
      return nothing;
    }
    if (entry.group === 'aggregate') {
      if (this.#host.aggregate !== undefined) return this.#host.aggregate(node, entry);
      diagnostics.error(node.nameSpan, 'AGGREGATE_MISPLACED', {
        symbol: node.name,
        name: entry.name,
      });
      return nothing;
    }
    return this.#scalarCall(node, entry);
  }

  #scalarCall(node: Extract<Expression, { kind: 'call' }>, entry: FunctionEntry): PlanExpression {
    const name = entry.name.toLowerCase();
    switch (name) {
      case 'bin':
        return this.#bin(node);
      case 'datefloor':
      case 'dateceil':
        return this.#bucket(this.check(node.args[0]!), node.args[1]!, name === 'dateceil');
      case 'regexreplace':
        return this.#regexReplace(node);
      case 'unmask':
        return this.check(node.args[0]!);
      case 'jsonparse': {
        const arg = this.check(node.args[0]!);
        return arg.type === 'json' ? arg : { kind: 'call', name, args: [arg], type: 'json' };
      }
      default: {
        const args = node.args.map((arg) => this.check(arg));
        this.#checkConstants(name, node, args);
        const type = entry.result === 'same' ? commonType(valueArgs(name, args)) : entry.result;
        return { kind: 'call', name, args, type };
      }
    }
  }

  /** Some arguments decide how the query is compiled and must be written out. */
  #checkConstants(
    name: string,
    node: Extract<Expression, { kind: 'call' }>,
    args: readonly PlanExpression[],
  ): void {
    const constant =
      name.endsWith('insubnet') || name === 'cidrlookup'
        ? [1]
        : ['parsedate', 'formatdate', 'strftime'].includes(name)
          ? [1, 2]
          : [];
    for (const index of constant) {
      const arg = args[index];
      if (arg === undefined || (arg.kind === 'literal' && typeof arg.value === 'string')) continue;
      this.#host.diagnostics.error(node.args[index]!, 'ARGUMENT_NOT_TEXT');
      return;
    }
    if (name === 'parsedate' || name === 'formatdate' || name === 'strftime') {
      this.#checkDateFormat(name, node, args);
    }
  }

  #checkDateFormat(
    name: 'parsedate' | 'formatdate' | 'strftime',
    node: Extract<Expression, { kind: 'call' }>,
    args: readonly PlanExpression[],
  ): void {
    const [, format, zone] = args.map((arg) => (arg.kind === 'literal' ? String(arg.value) : ''));
    const read = name === 'strftime' ? strftimeFromC(format!) : strftimeFromJava(format!);
    if ('unknown' in read) {
      const example = name === 'strftime' ? '%Y-%m-%d %H:%M:%S' : 'yyyy-MM-dd HH:mm:ss';
      this.#host.diagnostics.error(node.args[1]!, 'DATE_FORMAT_INVALID', {
        part: read.unknown,
        example,
      });
    }
    if (zone !== undefined && zone !== '' && !isTimeZone(zone)) {
      this.#host.diagnostics.error(node.args[2]!, 'TIME_ZONE_UNKNOWN', { zone });
    }
  }

  #bin(node: Extract<Expression, { kind: 'call' }>): PlanExpression {
    const { context, diagnostics, scope } = this.#host;
    const path = { name: '@timestamp', segments: [{ text: '@timestamp', quoted: false }] };
    if (scope.closed) {
      diagnostics.error(node, 'BIN_AFTER_STATS');
      return nothing;
    }
    const value = scope.resolve(path, node);
    const arg = node.args[0];
    if (arg !== undefined) return this.#bucket(value, arg, false);
    const ms = automaticBinMs(context.fromMs, context.toMs);
    const period: Period = { ms, months: 0, clamped: undefined };
    return { kind: 'bucket', value, period, up: false, offsetMs: 0, type: 'timestamp' };
  }

  #bucket(value: PlanExpression, node: Expression, up: boolean): PlanExpression {
    const { diagnostics } = this.#host;
    if (node.kind !== 'period' && node.kind !== 'string') {
      diagnostics.error(node, 'PERIOD_EXPECTED');
      return nothing;
    }
    const text = node.kind === 'period' ? node.text : node.value;
    const period = checkPeriod(text, node, diagnostics);
    if (period === undefined) return nothing;
    return { kind: 'bucket', value, period, up, offsetMs: 0, type: 'timestamp' };
  }

  #regexReplace(node: Extract<Expression, { kind: 'call' }>): PlanExpression {
    const pattern = node.args[1]!;
    const { diagnostics } = this.#host;
    if (pattern.kind !== 'regex' && pattern.kind !== 'string') {
      diagnostics.error(pattern, 'REGEX_EXPECTED');
      return nothing;
    }
    const source =
      pattern.kind === 'regex' ? pattern : { ...pattern, source: pattern.value, flags: '' };
    const regex = checkRegex(source, diagnostics);
    const args = [this.check(node.args[0]!), this.check(node.args[2]!)];
    return { kind: 'call', name: 'regexreplace', args, regex, type: 'string' };
  }
}

/** All of `a or b or c`, in order: a list of hundreds is no nesting. */
function operandsOf(node: Extract<Expression, { kind: 'and' | 'or' }>): readonly Expression[] {
  const operands: Expression[] = [];
  let at: Expression = node;
  while ((at.kind === 'and' || at.kind === 'or') && at.kind === node.kind) {
    operands.push(at.right);
    at = at.left;
  }
  operands.push(at);
  return operands.toReversed();
}

/** The arguments that a function may give back. */
function valueArgs(name: string, args: readonly PlanExpression[]): readonly PlanExpression[] {
  if (name === 'if') return args.slice(1);
  if (name === 'case') {
    const hasDefault = args.length % 2 === 1;
    return args.filter((_, index) => index % 2 === 1 || (hasDefault && index === args.length - 1));
  }
  return args;
}

/** One type for values that may come from several places: their own if it is the same, else text. */
export function commonType(expressions: readonly PlanExpression[]): ValueType {
  const types = new Set(
    expressions
      .filter((one) => !(one.kind === 'literal' && one.value === null))
      .map((one) => one.type),
  );
  return types.size === 1 ? [...types][0]! : 'string';
}
