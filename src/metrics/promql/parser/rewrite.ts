import type { LabelMatcher } from '#metrics/model';
import type { Expr, VectorSelector } from './ast.ts';

export interface Rewrite {
  /** Added to every selector, beside all that it has. */
  readonly matchers: readonly LabelMatcher[];
  /** Added to what every aggregation groups by; those that leave labels out stay. */
  readonly grouping: readonly string[];
}

/** The tree with more matchers and labels to group by, as filters of dashboards add them. */
export function rewritten(expr: Expr, rewrite: Rewrite): Expr {
  const inside = <T extends Expr>(child: T): T => rewritten(child, rewrite) as T;
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr;
    case 'vector':
      return withMatchers(expr, rewrite.matchers);
    case 'matrix':
      return { ...expr, selector: withMatchers(expr.selector, rewrite.matchers) };
    case 'subquery':
    case 'unary':
    case 'paren':
      return { ...expr, expr: inside(expr.expr) };
    case 'call':
      return { ...expr, args: expr.args.map(inside) };
    case 'binary':
      return { ...expr, left: inside(expr.left), right: inside(expr.right) };
    case 'aggregation': {
      const more = rewrite.grouping.filter((label) => !expr.grouping.includes(label));
      return {
        ...expr,
        expr: inside(expr.expr),
        param: expr.param && inside(expr.param),
        grouping: expr.isWithout ? expr.grouping : [...expr.grouping, ...more],
      };
    }
    default:
      return expr satisfies never;
  }
}

function withMatchers(selector: VectorSelector, matchers: readonly LabelMatcher[]): VectorSelector {
  // The second argument of `info` chooses labels, not series.
  if (selector.isLabelSelector || matchers.length === 0) return selector;
  const isHeld = (one: LabelMatcher): boolean =>
    selector.matchers.some(
      ({ name, operator, value }) =>
        name === one.name && operator === one.operator && value === one.value,
    );
  return {
    ...selector,
    matchers: [...matchers.filter((one) => !isHeld(one)), ...selector.matchers],
  };
}
