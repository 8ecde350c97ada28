import type { LabelSelector, LabelSelectorRequirement } from 'kubernetes-types/meta/v1.d.ts';
import type { Rule } from './job.ts';
import type { SpecReader } from './reader.ts';

/** A label selector of a spec, checked. @throws {InvalidObjectError} */
export function readSelector(spec: SpecReader | undefined): LabelSelector {
  if (spec === undefined) return {};
  const matchExpressions = spec
    .children('matchExpressions')
    .map((one): LabelSelectorRequirement => {
      const key = one.text('key');
      const operator = one.text('operator') ?? '';
      const values = one.texts('values');
      if (key === undefined) throw one.error('key', 'is missing');
      if (!['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator)) {
        throw one.error('operator', `"${operator}" is not one of In, NotIn, Exists, DoesNotExist`);
      }
      if (operator.endsWith('In') !== values.length > 0) {
        const what = values.length > 0 ? `${operator} takes no values` : `${operator} needs values`;
        throw one.error('values', what);
      }
      return { key, operator, ...(values.length > 0 ? { values: [...values] } : {}) };
    });
  return {
    matchLabels: { ...spec.record('matchLabels') },
    ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
  };
}

export const sanitize = (name: string): string => name.replace(/[^a-zA-Z0-9_]/g, '_');

/** A selector as rules that keep what it fits, over the labels of a `pod`, `service` or `ingress`. */
export function selectorRules(word: string, selector: LabelSelector): Rule[] {
  const label = (key: string): string => `__meta_kubernetes_${word}_label_${sanitize(key)}`;
  const present = (key: string): string =>
    `__meta_kubernetes_${word}_labelpresent_${sanitize(key)}`;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const rules: Rule[] = Object.keys(matchLabels)
    .sort()
    .map((key) => ({
      action: 'keep',
      source_labels: [label(key), present(key)],
      regex: `(${matchLabels[key]});true`,
    }));
  for (const { key, operator, values = [] } of matchExpressions) {
    const action = operator === 'In' || operator === 'Exists' ? 'keep' : 'drop';
    rules.push(
      operator.endsWith('In')
        ? {
            action,
            source_labels: [label(key), present(key)],
            regex: `(${values.join('|')});true`,
          }
        : { action, source_labels: [present(key)], regex: 'true' },
    );
  }
  return rules;
}
