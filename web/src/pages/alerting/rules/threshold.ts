import { parser } from '@prometheus-io/lezer-promql';

/** What is compared with what, in an expression such as `rate(x[5m]) > 10`. */
export interface Threshold {
  /** The side that varies. */
  readonly expr: string;
  readonly operator: string;
  readonly value: number;
}

const mirrored: Readonly<Record<string, string>> = {
  '>': '<',
  '<': '>',
  '>=': '<=',
  '<=': '>=',
  '==': '==',
  '!=': '!=',
};

/**
 * Takes an expression apart at the comparison with a number that decides it; undefined: there is none,
 * and the expression is best drawn as it is.
 */
export function thresholdOf(expression: string): Threshold | undefined {
  const tree = parser.parse(expression);
  let node = tree.topNode.firstChild;
  while (node !== null && node.name === 'ParenExpr') node = node.firstChild;
  if (node?.name !== 'BinaryExpr') return undefined;
  const left = node.firstChild;
  const right = node.lastChild;
  if (left === null || right === null) return undefined;
  const text = (from: number, to: number): string => expression.slice(from, to).trim();
  const operator = /^(==|!=|>=|<=|>|<)(?:\s*bool)?$/.exec(
    text(left.to, right.from).replace(/#.*$/gm, '').trim(),
  )?.[1];
  if (operator === undefined) return undefined;
  const numberIn = (side: { readonly from: number; readonly to: number }): number | undefined => {
    const value = text(side.from, side.to).replace(/^\((.*)\)$/s, '$1');
    return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value) ? Number(value) : undefined;
  };
  const bound = numberIn(right);
  if (bound !== undefined) {
    return { expr: text(left.from, left.to), operator, value: bound };
  }
  const flipped = numberIn(left);
  if (flipped === undefined) return undefined;
  return {
    expr: text(right.from, right.to),
    operator: mirrored[operator] ?? operator,
    value: flipped,
  };
}
