import type { DataSourceRef, Variable } from '../../../../src/dashboards/model/contract.ts';

/** Types that can be made here; others are kept as they are. */
export const variableTypes = [
  'query',
  'custom',
  'interval',
  'datasource',
  'constant',
  'textbox',
  'adhoc',
  'switch',
  'groupby',
] as const;

export type VariableType = (typeof variableTypes)[number];

const isListed = (type: string): boolean => type === 'query' || type === 'custom';

/** Whether several values and "All" can be chosen. */
export const mayBeMany = (type: string): boolean => isListed(type) || type === 'datasource';

const presets: Readonly<Record<VariableType, object>> = {
  query: { query: '', refresh: 1, sort: 1 },
  custom: { query: '' },
  interval: { query: '1m,5m,10m,30m,1h', auto: false, auto_count: 30, auto_min: '10s' },
  datasource: { query: 'prometheus', refresh: 1 },
  constant: { query: '', hide: 2 },
  textbox: { query: '' },
  adhoc: { filters: [] },
  switch: { enabledValue: 'true', disabledValue: 'false' },
  groupby: {},
};

/** A variable of a type with what it needs; of the one before only what every type has. */
export function withVariableType(variable: Variable, type: VariableType): Variable {
  const { name, label, description, skipUrlSync } = variable;
  const shared = { name, label, description, skipUrlSync };
  const kept = Object.entries(shared).filter(([, value]) => value !== undefined);
  return { ...presets[type], ...Object.fromEntries(kept), type } as Variable;
}

/** With a name that is free. */
export function newVariable(list: readonly Variable[], source?: DataSourceRef): Variable {
  const names = new Set(list.map(({ name }) => name));
  let number = 1;
  while (names.has(`var${number}`)) number++;
  const variable = withVariableType({ name: `var${number}`, type: 'query' }, 'query');
  return source === undefined ? variable : { ...variable, datasource: source };
}

export type NameProblem = 'taken' | 'bad';

/** Why a variable cannot have that name. */
export function nameProblem(
  name: string,
  list: readonly Variable[],
  index: number,
): NameProblem | undefined {
  if (!/^\w+$/.test(name) || name.startsWith('__')) return 'bad';
  return list.some((one, at) => at !== index && one.name === name) ? 'taken' : undefined;
}

/** The text of a query, whatever form the document has it in. */
export function queryTextOf({ query }: Variable): string {
  if (typeof query === 'string') return query;
  const text = (query as { readonly query?: unknown } | null | undefined)?.query;
  return typeof text === 'string' ? text : '';
}

/** Another query, in the form that the document has; the values chosen before mean nothing now. */
export function withQueryText(variable: Variable, text: string): Variable {
  const { query } = variable;
  const isObject = typeof query === 'object' && query !== null;
  return { ...variable, query: isObject ? { ...query, query: text } : text, definition: text };
}
