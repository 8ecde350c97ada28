import { type Expr, parseQuery, printQuery } from '#metrics/promql';

/** What a rule compares: shown as a chart with a line. */
export interface Condition {
  /** Without the comparison. */
  readonly query: string;
  readonly threshold:
    | { readonly value: number; readonly operator: string; readonly isAbove: boolean | undefined }
    | undefined;
}

/** `x > 0.9`: the query `x` and its threshold. Undefined: it is no query. */
export function conditionOf(expression: string): Condition | undefined {
  let tree: Expr;
  try {
    tree = parseQuery(expression);
  } catch {
    return undefined;
  }
  return conditionIn(tree) ?? { query: expression, threshold: undefined };
}

const flipped: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
const comparisons: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=']);

function conditionIn(expr: Expr): Condition | undefined {
  if (expr.kind === 'paren') return conditionIn(expr.expr);
  if (expr.kind !== 'binary') return undefined;
  const { op, left, right } = expr;
  if (comparisons.has(op)) {
    const rightNumber = numberOf(right);
    if (rightNumber !== undefined) return compared(left, op, rightNumber);
    const leftNumber = numberOf(left);
    return leftNumber === undefined ? undefined : compared(right, flipped[op] ?? op, leftNumber);
  }
  // `x > 1 and on (pod) y`: the left side is what is told of.
  return op === 'and' || op === 'unless' ? conditionIn(left) : undefined;
}

const compared = (side: Expr, operator: string, value: number): Condition => ({
  query: printQuery(side),
  threshold: {
    value,
    operator,
    isAbove: operator.startsWith('>') ? true : operator.startsWith('<') ? false : undefined,
  },
});

function numberOf(expr: Expr): number | undefined {
  switch (expr.kind) {
    case 'number':
      return expr.value;
    case 'paren':
      return numberOf(expr.expr);
    case 'unary': {
      const value = numberOf(expr.expr);
      return value === undefined ? undefined : expr.op === '-' ? -value : value;
    }
    case 'binary': {
      const left = numberOf(expr.left);
      const right = numberOf(expr.right);
      if (left === undefined || right === undefined) return undefined;
      return arithmetic(expr.op, left, right);
    }
    default:
      return undefined;
  }
}

function arithmetic(operator: string, left: number, right: number): number | undefined {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '^':
      return left ** right;
    default:
      return undefined;
  }
}
