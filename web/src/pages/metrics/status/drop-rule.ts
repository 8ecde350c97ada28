import type { DropRule } from '../../../api/drop-rules.ts';

/** The rule that drops what the cardinality page names: a metric, the series of a label's value, a label. */
export function dropRule(what: {
  readonly metric?: string;
  readonly label?: string;
  readonly value?: string;
}): DropRule {
  if (what.metric !== undefined) return drop('__name__', what.metric);
  if (what.label !== undefined && what.value !== undefined) return drop(what.label, what.value);
  return { action: 'labeldrop', sourceLabels: [], regex: escapePattern(what.label ?? '') };
}

/** A `metric_relabel_configs` section with the rule. */
export function ruleYaml({ action, sourceLabels, regex }: DropRule): string {
  return [
    'metric_relabel_configs:',
    ...(sourceLabels.length === 0
      ? [`  - regex: ${yamlText(regex)}`]
      : [`  - source_labels: [${sourceLabels.join(', ')}]`, `    regex: ${yamlText(regex)}`]),
    `    action: ${action}`,
  ].join('\n');
}

/** What a rule is about, as people write selectors: `{path="/a"}`; the pattern where it is one. */
export function ruleText({ action, sourceLabels, regex }: DropRule): string {
  const plain = plainText(regex);
  if (action === 'labeldrop') return plain ?? regex;
  const [only] = sourceLabels;
  if (sourceLabels.length === 1 && only === '__name__' && plain !== undefined) return plain;
  const name = sourceLabels.join(';');
  return plain === undefined
    ? `{${name}=~${JSON.stringify(regex)}}`
    : `{${name}=${JSON.stringify(plain)}}`;
}

const drop = (label: string, value: string): DropRule => ({
  action: 'drop',
  sourceLabels: [label],
  regex: escapePattern(value),
});

const special = /[\\^$.*+?()[\]{}|]/g;
const escapePattern = (text: string): string => text.replaceAll(special, '\\$&');

/** The one text that a pattern matches; undefined: it matches more than one. */
function plainText(regex: string): string | undefined {
  const text = regex.replaceAll(/\\([\\^$.*+?()[\]{}|])/g, '$1');
  return escapePattern(text) === regex ? text : undefined;
}

const yamlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
