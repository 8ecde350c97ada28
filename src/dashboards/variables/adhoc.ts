import type { Variable } from '#dashboards/model';
import type { AdhocFilter } from './contract.ts';

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
