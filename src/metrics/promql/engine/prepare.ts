import { executionError } from '../errors.ts';
import {
  childrenOf,
  type DurationExpr,
  type DurationOperand,
  type Expr,
  type TimeShift,
  unwrapped,
  type VectorSelector,
} from '../parser/ast.ts';

/** The times that a query was asked for. */
export interface QueryTimes {
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for an instant query. */
  readonly stepMs: number;
}

/** A query whose times are all known, and which of its parts are the same at every step. */
export interface PreparedQuery {
  readonly expr: Expr;
  isInvariant(expr: Expr): boolean;
  /** Of a selector's histograms only count and sum are looked at. */
  needsOnlyStatistics(selector: VectorSelector): boolean;
}

/** Their value follows from the step also where their argument does not. */
const timeDependent: ReadonlySet<string> = new Set([
  'days_in_month',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'hour',
  'minute',
  'month',
  'year',
  'predict_linear',
  'time',
  'timestamp',
  'start_timestamp',
]);

/**
 * Resolves everything that follows from the query's times: `@ start()`, computed durations, `step()`
 * and its like. Parentheses around arguments go.
 *
 * @throws {AppError} PROMQL_EXECUTION when a computed duration is none
 */
export function prepareQuery(expr: Expr, times: QueryTimes): PreparedQuery {
  const resolved = resolve(expr, times);
  const invariant = new Set<Expr>();
  markInvariant(resolved, invariant);
  const statistics = new Set<VectorSelector>();
  markStatistics(resolved, 'whole', statistics);
  return {
    expr: resolved,
    isInvariant: (each) => invariant.has(each),
    needsOnlyStatistics: (selector) => statistics.has(selector),
  };
}

const statisticsFunctions = new Set(['histogram_count', 'histogram_sum', 'histogram_avg']);
const bucketFunctions = new Set([
  'histogram_quantile',
  'histogram_quantiles',
  'histogram_fraction',
]);

/** `buckets`: something around needs them; steps of a subquery need them to see resets. */
type Need = 'whole' | 'statistics' | 'buckets';

function markStatistics(expr: Expr, need: Need, into: Set<VectorSelector>): void {
  if (expr.kind === 'vector') {
    if (need === 'statistics') into.add(expr);
    return;
  }
  let inner = need;
  if (expr.kind === 'subquery') inner = 'buckets';
  else if (expr.kind === 'binary' && (expr.op === '</' || expr.op === '>/')) inner = 'buckets';
  else if (expr.kind === 'call') {
    if (bucketFunctions.has(expr.func.name)) inner = 'buckets';
    else if (statisticsFunctions.has(expr.func.name) && need === 'whole') inner = 'statistics';
  }
  for (const child of childrenOf(expr)) markStatistics(child, inner, into);
}

function resolve(expr: Expr, times: QueryTimes): Expr {
  const inner = (each: Expr): Expr => resolve(each, times);
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr;
    case 'vector':
      return { ...expr, ...resolveShift(expr, times) };
    case 'matrix': {
      const selector = { ...expr.selector, ...resolveShift(expr.selector, times) };
      return { ...expr, selector, rangeMs: resolveDuration(expr.rangeMs, expr.rangeExpr, times) };
    }
    case 'subquery':
      return {
        ...expr,
        ...resolveShift(expr, times),
        expr: inner(expr.expr),
        rangeMs: resolveDuration(expr.rangeMs, expr.rangeExpr, times),
        stepMs: resolveDuration(expr.stepMs, expr.stepExpr, times),
      };
    case 'call': {
      const constant = queryConstant(expr.func.name, times);
      if (constant !== undefined) {
        return { kind: 'number', value: constant, isDuration: false, span: expr.span };
      }
      return { ...expr, args: expr.args.map((arg) => inner(unwrapped(arg))) };
    }
    case 'aggregation':
      return {
        ...expr,
        expr: inner(unwrapped(expr.expr)),
        param: expr.param === undefined ? undefined : inner(unwrapped(expr.param)),
      };
    case 'binary':
      return { ...expr, left: inner(expr.left), right: inner(expr.right) };
    case 'unary':
    case 'paren':
      return { ...expr, expr: inner(expr.expr) };
    default:
      return expr satisfies never;
  }
}

function queryConstant(name: string, times: QueryTimes): number | undefined {
  switch (name) {
    case 'start':
      return times.startMs / 1000;
    case 'end':
      return times.endMs / 1000;
    case 'range':
      return (times.endMs - times.startMs) / 1000;
    case 'step':
      return times.startMs === times.endMs ? 0 : times.stepMs / 1000;
    default:
      return undefined;
  }
}

function resolveShift(shift: TimeShift, times: QueryTimes): TimeShift {
  const { atBound, offsetExpr } = shift;
  let { atMs, offsetMs } = shift;
  if (atBound !== undefined) atMs = atBound === 'start' ? times.startMs : times.endMs;
  if (offsetExpr !== undefined) offsetMs = durationMs(offsetExpr, times);
  return { atMs, atBound, offsetMs, offsetExpr };
}

function resolveDuration(known: number, expr: DurationExpr | undefined, times: QueryTimes): number {
  if (expr === undefined) return known;
  const ms = durationMs(expr, times);
  if (ms <= 0) throw durationError(expr, 'duration must be greater than 0');
  return ms;
}

function durationMs(expr: DurationExpr, times: QueryTimes): number {
  const seconds = evaluate(expr, times);
  if (!Number.isFinite(seconds)) throw durationError(expr, 'duration is NaN or infinite');
  if (Math.abs(seconds) > 2 ** 63 / 1e9) throw durationError(expr, 'duration is out of range');
  return Math.trunc(seconds * 1000);
}

function evaluate(operand: DurationOperand, times: QueryTimes): number {
  if (operand.kind === 'number') return operand.value;
  const { op } = operand;
  if (op === 'step') return times.stepMs / 1000;
  if (op === 'range') return (times.endMs - times.startMs) / 1000;
  const right = evaluate(operand.right!, times);
  if (operand.left === undefined) return op === '-' ? -right : right;
  const left = evaluate(operand.left, times);
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      if (right === 0) throw durationError(operand, 'division by zero');
      return left / right;
    case '%':
      if (right === 0) throw durationError(operand, 'modulo by zero');
      return left % right;
    case '^':
      return left ** right;
    case 'min_of':
      return Math.min(left, right);
    case 'max_of':
      return Math.max(left, right);
    default:
      return op satisfies never;
  }
}

/** Places are given as the reference gives them: start and end, not line and column. */
const durationError = ({ span }: DurationExpr, reason: string) =>
  executionError(`${span.start}:${span.end}: ${reason}`);

/** Marks what has the same value at every step. */
function markInvariant(expr: Expr, into: Set<Expr>): boolean {
  let isInvariant: boolean;
  switch (expr.kind) {
    case 'number':
    case 'string':
      return true;
    case 'vector':
      isInvariant = expr.atMs !== undefined;
      break;
    case 'matrix':
      return expr.selector.atMs !== undefined;
    case 'subquery':
      markInvariant(expr.expr, into);
      return expr.atMs !== undefined;
    case 'call': {
      const args = expr.args.map((arg) => markInvariant(arg, into));
      const ofSelector = expr.func.name === 'timestamp' && expr.args[0]?.kind === 'vector';
      isInvariant = args.every(Boolean) && (ofSelector || !timeDependent.has(expr.func.name));
      // Constants alone are not worth it.
      isInvariant &&= args.length > 0;
      break;
    }
    default:
      isInvariant = childrenOf(expr)
        .map((child) => markInvariant(child, into))
        .every(Boolean);
  }
  if (isInvariant) into.add(expr);
  return isInvariant;
}
