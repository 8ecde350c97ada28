import type { PlanExpression, QueryContext } from './plan.ts';
import { children } from './plan.ts';

/** Computes what does not depend on events, so that time conditions can be pushed into the store. */
export function fold(expression: PlanExpression, context: QueryContext): PlanExpression {
  switch (expression.kind) {
    case 'call': {
      const args = expression.args.map((arg) => fold(arg, context));
      const value = constantCall(expression.name, context);
      if (value !== undefined) return { kind: 'literal', value, type: 'number' };
      return { ...expression, args };
    }
    case 'negate': {
      const operand = fold(expression.operand, context);
      const value = numberOf(operand);
      return value === undefined
        ? { ...expression, operand }
        : { kind: 'literal', value: -value, type: 'number' };
    }
    case 'arithmetic': {
      const left = fold(expression.left, context);
      const right = fold(expression.right, context);
      const value = compute(expression.operator, numberOf(left), numberOf(right));
      return value === undefined
        ? { ...expression, left, right }
        : { kind: 'literal', value, type: 'number' };
    }
    case 'compare':
      return {
        ...expression,
        left: fold(expression.left, context),
        right: fold(expression.right, context),
      };
    case 'not':
      return { ...expression, operand: fold(expression.operand, context) };
    case 'and':
    case 'or':
      return { ...expression, operands: expression.operands.map((one) => fold(one, context)) };
    default:
      return expression;
  }
}

function numberOf(expression: PlanExpression): number | undefined {
  return expression.kind === 'literal' && typeof expression.value === 'number'
    ? expression.value
    : undefined;
}

function constantCall(name: string, context: QueryContext): number | undefined {
  switch (name) {
    case 'now':
      return Math.floor(context.nowMs / 1000);
    case 'querystarttime':
      return context.fromMs;
    case 'queryendtime':
      return context.toMs;
    case 'querytimerange':
      return context.toMs - context.fromMs;
    default:
      return undefined;
  }
}

function compute(
  operator: string,
  a: number | undefined,
  b: number | undefined,
): number | undefined {
  if (a === undefined || b === undefined) return undefined;
  const value =
    operator === '+'
      ? a + b
      : operator === '-'
        ? a - b
        : operator === '*'
          ? a * b
          : operator === '/'
            ? a / b
            : operator === '%'
              ? a % b
              : a ** b;
  // Division by zero and the like are left to the engine, which makes them null.
  return Number.isFinite(value) ? value : undefined;
}

/** True when no event can change the value. */
export function isConstant(expression: PlanExpression): boolean {
  if (expression.kind === 'literal') return true;
  const inner = children(expression);
  return inner.length > 0 && inner.every(isConstant);
}
