import { AppError } from '#base';
import { labelMatcher } from '#metrics/model';
import { type Expr, parseQuery, printQuery } from '#metrics/promql';
import { parseRuleFile, type RuleGroupConfig } from '#metrics/rules';
import { type Making, put, type Section } from './job.ts';
import { InvalidObjectError, type SpecReader } from './reader.ts';
import { enforcedLabelFor } from './settings.ts';

/**
 * The groups of a PrometheusRule, under a file that names it. One mistake refuses the whole object.
 * @throws {InvalidObjectError}
 */
export function ruleGroups(making: Making): readonly RuleGroupConfig[] {
  const { spec, namespace, name, settings } = making;
  const label = enforcedLabelFor(settings, making);
  const groups = spec.children('groups').map((group) => groupOf(group, label, namespace));
  const file = `prometheusRule/${namespace}/${name}`;
  try {
    return parseRuleFile(file, JSON.stringify({ groups })).map((group) =>
      withInterval(group, making),
    );
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // Lines of a text that nobody wrote say nothing.
    const message = error.message.replaceAll(/^prometheusRule\/\S+: \d+:\d+: /gm, '');
    throw new InvalidObjectError('', message);
  }
}

function withInterval(group: RuleGroupConfig, { settings }: Making): RuleGroupConfig {
  const { evaluationInterval } = settings;
  if (group.intervalMs !== undefined || evaluationInterval === undefined) return group;
  const [withOne] = parseRuleFile(
    group.file,
    JSON.stringify({ groups: [{ name: group.name, interval: evaluationInterval }] }),
  );
  return { ...group, intervalMs: withOne?.intervalMs };
}

function groupOf(group: SpecReader, label: string | undefined, namespace: string): Section {
  const section: Section = { name: group.text('name') ?? '' };
  put(section, 'interval', group.text('interval'));
  put(section, 'query_offset', group.text('query_offset'));
  put(section, 'limit', group.number('limit'));
  if (group.has('labels')) section['labels'] = group.record('labels');
  section['rules'] = group.children('rules').map((rule) => {
    const written: Section = {};
    put(written, 'record', rule.text('record'));
    put(written, 'alert', rule.text('alert'));
    const expr = String(rule.textOrNumber('expr') ?? '');
    written['expr'] = label === undefined ? expr : confined(expr, label, namespace, rule);
    put(written, 'for', rule.text('for'));
    put(written, 'keep_firing_for', rule.text('keep_firing_for'));
    const labels = rule.record('labels');
    written['labels'] = label === undefined ? labels : { ...labels, [label]: namespace };
    if (rule.has('annotations')) written['annotations'] = rule.record('annotations');
    return written;
  });
  return section;
}

/** A query that reads one namespace's series only. */
function confined(query: string, label: string, namespace: string, rule: SpecReader): string {
  let tree: Expr;
  try {
    tree = parseQuery(query);
  } catch (error) {
    throw rule.error('expr', error instanceof Error ? error.message : String(error));
  }
  return printQuery(confine(tree, label, namespace) as Expr);
}

/** Trees are plain values: every selector in them gets the matcher in place of its own of that label. */
function confine(node: unknown, label: string, namespace: string): unknown {
  if (Array.isArray(node)) return node.map((one) => confine(one, label, namespace));
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([key, value]) => {
    if (key !== 'matchers' || !Array.isArray(value)) {
      return [key, isTree(value) ? confine(value, label, namespace) : value];
    }
    const others = (value as { readonly name: string }[]).filter(({ name }) => name !== label);
    return [key, [labelMatcher(label, '=', namespace), ...others]];
  });
  return Object.fromEntries(entries);
}

const isTree = (value: unknown): boolean =>
  Array.isArray(value) || (typeof value === 'object' && value !== null && 'kind' in value);
