import { type AdhocFilter, filterMatcher } from '../../../src/dashboards/variables/index.ts';
import { withAddedMatcher } from '../promql/selectors.ts';

/** The expression, variables put in, with the filters in each of its selectors. */
export function withFilters(expr: string, filters: readonly AdhocFilter[]): string {
  return filters.reduce((result, filter) => {
    const matcher = filterMatcher(filter);
    return matcher === undefined
      ? result
      : withAddedMatcher(result, matcher.name, matcher.operator, matcher.value);
  }, expr);
}
