import type { LabelMatcher } from '#metrics/model';
import { childrenOf, type Expr } from './ast.ts';

/** The matchers of every selector of a query, in order of appearance. */
export function selectorsOf(expr: Expr): readonly (readonly LabelMatcher[])[] {
  if (expr.kind === 'vector') return [expr.matchers];
  if (expr.kind === 'matrix') return [expr.selector.matchers];
  return childrenOf(expr).flatMap(selectorsOf);
}
