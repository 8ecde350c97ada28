import type { DataSourceRef, Variable } from '#dashboards/model';
import type { AdhocFilter, VariableStates } from './contract.ts';

/** `|` parts the three of a filter in a link, so it is written otherwise within them. */
const escapes: readonly (readonly [string, string])[] = [
  ['|', '__gfp__'],
  ['#', '__gfh__'],
  [',', '__gfc__'],
];

const escapePart = (text: string): string =>
  escapes.reduce((result, [char, code]) => result.replaceAll(char, code), text);
const unescapePart = (text: string): string =>
  escapes.reduce((result, [char, code]) => result.replaceAll(code, char), text);

const operators = new Set(['=', '!=', '=~', '!~', '<', '>', '=|', '!=|']);

/** `key|operator|value`; operators for one of several have all of them. */
export function adhocText({ key, operator, value, values }: AdhocFilter): string {
  return [key, operator, ...(values ?? [value])].map(escapePart).join('|');
}

/** Undefined when it is no filter. */
export function readAdhocText(text: string): AdhocFilter | undefined {
  const [key = '', operator = '', ...values] = text.split('|').map(unescapePart);
  const [value] = values;
  if (key === '' || value === undefined || !operators.has(operator)) return undefined;
  return operator.endsWith('|') ? { key, operator, value, values } : { key, operator, value };
}

/** The filters that a dashboard was saved with; what is none of them is left out. */
export function savedFilters(variable: Variable): readonly AdhocFilter[] {
  const list = variable['filters'];
  if (!Array.isArray(list)) return [];
  return list.filter(
    (filter: Partial<AdhocFilter> | null) =>
      typeof filter?.key === 'string' &&
      filter.key !== '' &&
      operators.has(String(filter.operator)),
  ) as readonly AdhocFilter[];
}

export interface FilterMatcher {
  readonly name: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

const matchOperators: ReadonlySet<string> = new Set(['=', '!=', '=~', '!~']);

/** A text as it stands in a regular expression. */
const literal = (text: string): string => text.replace(/[\\^$*+?.()|[\]{}]/g, '\\$&');

/** The filter as a matcher of labels. Undefined: labels are texts, there is no less and more of them. */
export function filterMatcher(filter: AdhocFilter): FilterMatcher | undefined {
  const { key: name, operator, value, values = [value] } = filter;
  if (matchOperators.has(operator)) {
    return { name, operator: operator as FilterMatcher['operator'], value };
  }
  if (operator !== '=|' && operator !== '!=|') return undefined;
  return { name, operator: operator === '=|' ? '=~' : '!~', value: values.map(literal).join('|') };
}

/** What ad hoc and group-by variables say of one data source. */
export interface SourceFilters {
  readonly filters: readonly AdhocFilter[];
  /** Labels that aggregations group by as well. */
  readonly grouping: readonly string[];
}

/** @param isOf whether a variable's data source is the one that is asked */
export function sourceFilters(
  states: VariableStates,
  isOf: (ref: DataSourceRef | null | undefined) => boolean,
): SourceFilters {
  const own = [...states.values()].filter(
    ({ variable, filters = [] }) =>
      (filters.length > 0 || variable.type === 'groupby') && isOf(variable.datasource),
  );
  return {
    filters: own.flatMap(({ filters = [] }) => filters),
    grouping: own
      .filter(({ variable }) => variable.type === 'groupby')
      .flatMap(({ value }) => value),
  };
}
