import type { LabelMatcher } from '#metrics/model';
import type { DurationExpr, DurationOperand, Expr, TimeShift, ValueType } from './ast.ts';
import { formatFloat } from './go-text.ts';

const typeNames: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  string: 'string',
  'instant vector': 'vector',
  'range vector': 'matrix',
};

/** A JSON value. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * The tree of a query as `/api/v1/parse_query` answers it; durations in ms.
 *
 * Source: `web/api/v1/translate_ast.go` of Prometheus.
 */
export function queryTree(expr: Expr): Json {
  switch (expr.kind) {
    case 'number':
      return { type: 'numberLiteral', val: formatFloat(expr.value) };
    case 'string':
      return { type: 'stringLiteral', val: expr.value };
    case 'paren':
      return { type: 'parenExpr', expr: queryTree(expr.expr) };
    case 'unary':
      return { type: 'unaryExpr', op: expr.op, expr: queryTree(expr.expr) };
    case 'vector':
      return {
        type: 'vectorSelector',
        name: expr.name,
        ...shiftTree(expr),
        matchers: expr.matchers.map(matcherTree),
        anchored: expr.isAnchored,
        smoothed: expr.isSmoothed,
      };
    case 'matrix': {
      const { selector } = expr;
      return {
        type: 'matrixSelector',
        name: selector.name,
        range: expr.rangeMs,
        rangeExpr: durationTree(expr.rangeExpr),
        ...shiftTree(selector),
        matchers: selector.matchers.map(matcherTree),
        anchored: selector.isAnchored,
        smoothed: selector.isSmoothed,
      };
    }
    case 'subquery':
      return {
        type: 'subquery',
        expr: queryTree(expr.expr),
        range: expr.rangeMs,
        rangeExpr: durationTree(expr.rangeExpr),
        ...shiftTree(expr),
        step: expr.stepMs,
        stepExpr: durationTree(expr.stepExpr),
      };
    case 'call':
      return {
        type: 'call',
        func: {
          name: expr.func.name,
          argTypes: expr.func.args.map((type) => typeNames[type]),
          variadic: expr.func.variadic,
          returnType: typeNames[expr.func.returns],
        },
        args: expr.args.map(queryTree),
      };
    case 'aggregation':
      return {
        type: 'aggregation',
        op: expr.op,
        expr: queryTree(expr.expr),
        param: expr.param === undefined ? null : queryTree(expr.param),
        grouping: expr.grouping,
        without: expr.isWithout,
      };
    case 'binary': {
      const { matching } = expr;
      return {
        type: 'binaryExpr',
        op: expr.op,
        lhs: queryTree(expr.left),
        rhs: queryTree(expr.right),
        matching:
          matching === undefined
            ? null
            : {
                card: matching.card,
                labels: matching.labels,
                on: matching.isOn,
                include: matching.include,
                fillValues: { lhs: matching.fillLeft ?? null, rhs: matching.fillRight ?? null },
              },
        bool: expr.isBool,
      };
    }
    default:
      return expr satisfies never;
  }
}

function shiftTree({ offsetMs, offsetExpr, atMs, atBound }: TimeShift): Record<string, Json> {
  return {
    offset: offsetMs,
    offsetExpr: durationTree(offsetExpr),
    timestamp: atMs ?? null,
    startOrEnd: atBound ?? null,
  };
}

function durationTree(expr: DurationExpr | DurationOperand | undefined): Json {
  if (expr === undefined) return null;
  if (expr.kind === 'number') {
    return { type: 'numberLiteral', val: formatFloat(expr.value), duration: expr.isDuration };
  }
  return {
    type: 'durationExpr',
    op: expr.op,
    lhs: durationTree(expr.left),
    rhs: durationTree(expr.right),
    wrapped: expr.isWrapped,
  };
}

const matcherTree = ({ name, value, operator }: LabelMatcher): Json => ({
  name,
  value,
  type: operator,
});
