import { metricNameLabel } from '#metrics/model';
import { parseError } from '../errors.ts';
import {
  type Aggregation,
  type Binary,
  type Call,
  type Expr,
  isComparison,
  isSetOperator,
  typeOf,
  type ValueType,
  type VectorSelector,
} from './ast.ts';
import type { Span } from './position.ts';

/** Words for `subquery is only allowed on …`, which differ from those of other errors. */
const internalTypes: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  string: 'string',
  'instant vector': 'vector',
  'range vector': 'matrix',
};

/**
 * Checks types and whatever syntax alone cannot say. Sets what follows from types: many-to-many of
 * set operators, no matching where one side is a scalar.
 *
 * @throws {AppError} PROMQL_PARSE
 */
export function checkTypes(expr: Expr, query: string): void {
  const fail = (span: Span, reason: string): never => {
    throw parseError(query, span, reason);
  };
  const check = (node: Expr): void => checkNode(node, { check, fail, query });
  check(expr);
}

interface Checker {
  check(expr: Expr): void;
  fail(span: Span, reason: string): never;
  readonly query: string;
}

function checkNode(expr: Expr, checker: Checker): void {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return;
    case 'vector':
      checkSelector(expr, checker);
      return;
    case 'matrix':
      checker.check(expr.selector);
      return;
    case 'paren':
      checker.check(expr.expr);
      return;
    case 'subquery': {
      checker.check(expr.expr);
      const type = typeOf(expr.expr);
      if (type !== 'instant vector') {
        checker.fail(
          expr.span,
          `subquery is only allowed on instant vector, got ${internalTypes[type]} instead`,
        );
      }
      return;
    }
    case 'unary': {
      checker.check(expr.expr);
      const type = typeOf(expr.expr);
      if (type !== 'scalar' && type !== 'instant vector') {
        checker.fail(
          expr.span,
          `unary expression only allowed on expressions of type scalar or instant vector, got "${type}"`,
        );
      }
      return;
    }
    case 'aggregation':
      checkAggregation(expr, checker);
      return;
    case 'call':
      checkCall(expr, checker);
      return;
    case 'binary':
      checkBinary(expr, checker);
      return;
    default:
      expr satisfies never;
  }
}

function expectType(expr: Expr, wanted: ValueType, where: string, checker: Checker): void {
  checker.check(expr);
  const type = typeOf(expr);
  if (type !== wanted) checker.fail(expr.span, `expected type ${wanted} in ${where}, got ${type}`);
}

function checkAggregation({ op, expr, param }: Aggregation, checker: Checker): void {
  expectType(expr, 'instant vector', 'aggregation expression', checker);
  if (param === undefined) return;
  const wanted = op === 'count_values' ? 'string' : 'scalar';
  expectType(param, wanted, 'aggregation parameter', checker);
}

function checkCall(call: Call, checker: Checker): void {
  const { func, args, span } = call;
  const name = JSON.stringify(func.name);
  const count = func.args.length;
  if (func.variadic === 0) {
    if (args.length !== count) {
      checker.fail(span, `expected ${count} argument(s) in call to ${name}, got ${args.length}`);
    }
  } else {
    const least = count - 1;
    const most = least + func.variadic;
    if (args.length < least) {
      checker.fail(
        span,
        `expected at least ${least} argument(s) in call to ${name}, got ${args.length}`,
      );
    }
    if (func.variadic > 0 && args.length > most) {
      checker.fail(
        span,
        `expected at most ${most} argument(s) in call to ${name}, got ${args.length}`,
      );
    }
  }
  if (func.name === 'info') checkInfo(call, checker);
  for (const [index, arg] of args.entries()) {
    const wanted = func.args[Math.min(index, count - 1)]!;
    checker.check(arg);
    const type = typeOf(arg);
    if (type !== wanted) {
      checker.fail(arg.span, `expected type ${wanted} in call to function ${name}, got ${type}`);
    }
  }
}

/** The second argument of `info` chooses labels, not a metric. */
function checkInfo({ args, span }: Call, checker: Checker): void {
  const selector = args[1];
  if (selector === undefined) return;
  const type = typeOf(selector);
  if (type !== 'instant vector') {
    checker.fail(span, `expected type instant vector in call to function "info", got ${type}`);
  }
  if (selector.kind !== 'vector') {
    checker.fail(selector.span, 'expected label selectors only');
  }
  if (selector.name !== '') {
    checker.fail(selector.span, 'expected label selectors only, got vector selector instead');
  }
  selector.isLabelSelector = true;
}

function checkSelector(selector: VectorSelector, checker: Checker): void {
  const { name, matchers, span } = selector;
  if (name !== '') {
    const twice = matchers.slice(0, -1).find((matcher) => matcher.name === metricNameLabel);
    if (twice !== undefined) {
      checker.fail(
        span,
        `metric name must not be set twice: ${JSON.stringify(name)} or ${JSON.stringify(twice.value)}`,
      );
    }
    return;
  }
  if (selector.isLabelSelector || matchers.some((matcher) => !matcher.matches(''))) return;
  checker.fail(span, 'vector selector must contain at least one non-empty matcher');
}

/** The operator with what follows it, without the spaces around. */
function operatorSpan({ left, right }: Binary, query: string): Span {
  let start = left.span.end;
  let end = right.span.start - 1;
  while (/\s/.test(query[start] ?? '')) start++;
  while (/\s/.test(query[end] ?? '')) end--;
  return { start, end };
}

function checkBinary(expr: Binary, checker: Checker): void {
  const { op, left, right, span, matching } = expr;
  checker.check(left);
  checker.check(right);
  const types = [typeOf(left), typeOf(right)] as const;
  const failAtOperator = (reason: string): never =>
    checker.fail(operatorSpan(expr, checker.query), reason);
  if (expr.isBool && !isComparison(op)) {
    failAtOperator('bool modifier can only be used on comparison operators');
  }
  const areScalars = types[0] === 'scalar' && types[1] === 'scalar';
  if (isComparison(op) && !expr.isBool && areScalars) {
    failAtOperator('comparisons between scalars must use BOOL modifier');
  }
  if (matching !== undefined) {
    if (isSetOperator(op) && matching.card === 'one-to-one') matching.card = 'many-to-many';
    const both = matching.labels.find((label) => matching.include.includes(label));
    if (matching.isOn && both !== undefined) {
      failAtOperator(`label ${JSON.stringify(both)} must not occur in ON and GROUP clause at once`);
    }
  }
  for (const [index, side] of [left, right].entries()) {
    if (types[index] !== 'scalar' && types[index] !== 'instant vector') {
      checker.fail(
        side.span,
        'binary expression must contain only scalar and instant vector types',
      );
    }
  }
  checkMatching(expr, types, checker);
  if (types.includes('scalar') && isSetOperator(op)) {
    checker.fail(span, `set operator "${op}" not allowed in binary scalar expression`);
  }
}

function checkMatching(
  expr: Binary,
  types: readonly [ValueType, ValueType],
  checker: Checker,
): void {
  const { op, matching, span } = expr;
  if (matching === undefined) return;
  const isFilled = matching.fillLeft !== undefined || matching.fillRight !== undefined;
  if (types[0] !== 'instant vector' || types[1] !== 'instant vector') {
    if (matching.labels.length > 0) {
      checker.fail(span, 'vector matching only allowed between instant vectors');
    }
    if (isFilled) {
      checker.fail(span, 'filling in missing series only allowed between instant vectors');
    }
    expr.matching = undefined;
    return;
  }
  if (!isSetOperator(op)) return;
  if (matching.card === 'one-to-many' || matching.card === 'many-to-one') {
    checker.fail(span, `no grouping allowed for "${op}" operation`);
  }
  if (matching.card !== 'many-to-many') {
    checker.fail(span, 'set operations must always be many-to-many');
  }
  if (isFilled) checker.fail(span, 'filling in missing series not allowed for set operators');
}
