import type { Template } from '#go-template';
import type { LabelRequirement } from '#kubernetes/cluster';
import type { GroupResource, ResourceLabels } from './contract.ts';

/** What a query is made for. */
export interface QueryParts {
  readonly series: string;
  /** Values by label: one is matched as it is, several as a choice. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** More of the selector, in PromQL. */
  readonly matchers: readonly string[];
  readonly groupBy: readonly string[];
}

/** @throws {AppError} TEMPLATE_FAILED */
export function queryOf(template: Template, parts: QueryParts): string {
  const { series, values, matchers, groupBy } = parts;
  const own = [...values].map(([label, names]) =>
    names.length === 1
      ? `${label}=${quoted(names[0] ?? '')}`
      : `${label}=~${quoted(names.map(escaped).join('|'))}`,
  );
  return template.execute({
    Series: series,
    LabelMatchers: [...own, ...matchers].join(','),
    LabelValuesByName: Object.fromEntries(
      [...values].map(([label, names]) => [label, names.join('|')]),
    ),
    GroupBy: groupBy.join(','),
    GroupBySlice: groupBy,
  });
}

const quoted = (text: string): string => JSON.stringify(text);
/** Names of objects have dots. */
const escaped = (text: string): string => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');

/** A requirement of a label selector, in PromQL. */
export function requirementMatcher({ name, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'in':
    case 'notin': {
      const [only = ''] = values;
      const sign = operator === 'in' ? '=' : '!';
      if (values.length === 1) return `${name}${operator === 'in' ? '=' : '!='}${quoted(only)}`;
      return `${name}${sign}~${quoted(values.map(escaped).join('|'))}`;
    }
    case 'exists':
      return `${name}!=""`;
    case 'absent':
      return `${name}=""`;
  }
}

/** A resource of the cluster, as discovery names it. */
export interface NamedResource {
  readonly group: string;
  readonly resource: string;
  readonly singular: string;
}

/** The label that names objects of a resource; undefined: none does. */
export function labelOf(labels: ResourceLabels, wanted: NamedResource): string | undefined {
  for (const [label, named] of labels.overrides) if (isSame(named, wanted)) return label;
  return labels.template?.execute({
    Group: wanted.group.replaceAll('.', '_'),
    Resource: wanted.singular,
  });
}

function isSame({ group, resource }: GroupResource, wanted: NamedResource): boolean {
  const isNamed = resource === wanted.resource || resource === wanted.singular;
  return isNamed && (group ?? '') === wanted.group;
}
