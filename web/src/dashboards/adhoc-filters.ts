import type { AdhocFilter } from '../../../src/dashboards/variables/index.ts';
import { type MatchOperator, withAddedMatcher } from '../promql/selectors.ts';

/** A text as it stands in a regular expression. */
const literal = (text: string): string => text.replace(/[\\^$*+?.()|[\]{}]/g, '\\$&');

const plainOperators: ReadonlySet<string> = new Set(['=', '!=', '=~', '!~']);

/** The expression, variables put in, with the filters in each of its selectors. */
export function withFilters(expr: string, filters: readonly AdhocFilter[]): string {
  return filters.reduce((result, { key, operator, value, values = [value] }) => {
    if (plainOperators.has(operator)) {
      return withAddedMatcher(result, key, operator as MatchOperator, value);
    }
    // Labels are texts: there is no less and more of them.
    if (operator !== '=|' && operator !== '!=|') return result;
    const regex = values.map(literal).join('|');
    return withAddedMatcher(result, key, operator === '=|' ? '=~' : '!~', regex);
  }, expr);
}
