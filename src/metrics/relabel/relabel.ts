import { createHash } from 'node:crypto';
import { compareText, type Labels, labelsOfMap } from '#metrics/model';
import { expandTemplate } from './expand.ts';
import { defaultRegex, isLabelName, type RelabelRule } from './rule.ts';

/**
 * Applies rules in order to `labels`, which it changes. False: a rule dropped them, and what the map
 * holds then does not matter. A value '' stands for no label: it is removed.
 */
export function relabelInPlace(
  rules: readonly RelabelRule[],
  labels: Map<string, string>,
): boolean {
  return rules.every((rule) => applyRule(rule, labels));
}

/** The labels after all rules; undefined when they were dropped. */
export function relabel(rules: readonly RelabelRule[], labels: Labels): Labels | undefined {
  if (rules.length === 0) return labels;
  const map = new Map<string, string>();
  for (let at = 0; at < labels.length; at += 2) map.set(labels[at]!, labels[at + 1]!);
  return relabelInPlace(rules, map) ? labelsOfMap(map) : undefined;
}

export interface RelabelStep {
  readonly rule: RelabelRule;
  readonly output: Labels;
  readonly keep: boolean;
}

/** What each rule makes of the labels, up to the one that drops them: for people who write rules. */
export function relabelSteps(rules: readonly RelabelRule[], labels: Labels): RelabelStep[] {
  const steps: RelabelStep[] = [];
  let output = labels;
  for (const rule of rules) {
    const next = relabel([rule], output);
    output = next ?? output;
    steps.push({ rule, output, keep: next !== undefined });
    if (next === undefined) break;
  }
  return steps;
}

function applyRule(rule: RelabelRule, labels: Map<string, string>): boolean {
  const { pattern, targetLabel } = rule;
  switch (rule.action) {
    case 'drop':
      return !pattern.test(sourceValue(rule, labels));
    case 'keep':
      return pattern.test(sourceValue(rule, labels));
    case 'dropequal':
      return (labels.get(targetLabel) ?? '') !== sourceValue(rule, labels);
    case 'keepequal':
      return (labels.get(targetLabel) ?? '') === sourceValue(rule, labels);
    case 'replace':
      replace(rule, labels);
      return true;
    case 'lowercase':
      setLabel(labels, targetLabel, sourceValue(rule, labels).toLowerCase());
      return true;
    case 'uppercase':
      setLabel(labels, targetLabel, sourceValue(rule, labels).toUpperCase());
      return true;
    case 'hashmod':
      setLabel(labels, targetLabel, hashMod(sourceValue(rule, labels), rule.modulus));
      return true;
    case 'labelmap':
      for (const [name, value] of [...labels].sort(([a], [b]) => compareText(a, b))) {
        const groups = pattern.groups(name);
        if (groups === undefined) continue;
        setLabel(labels, expandTemplate(rule.replacement, groups, pattern.groupNames), value);
      }
      return true;
    case 'labeldrop':
      for (const name of [...labels.keys()]) if (pattern.test(name)) labels.delete(name);
      return true;
    case 'labelkeep':
      for (const name of [...labels.keys()]) if (!pattern.test(name)) labels.delete(name);
      return true;
    default:
      return rule.action satisfies never;
  }
}

function sourceValue(
  { sourceLabels, separator }: RelabelRule,
  labels: Map<string, string>,
): string {
  if (sourceLabels.length === 1) return labels.get(sourceLabels[0]!) ?? '';
  let value = '';
  sourceLabels.forEach((name, index) => {
    value += `${index === 0 ? '' : separator}${labels.get(name) ?? ''}`;
  });
  return value;
}

function replace(rule: RelabelRule, labels: Map<string, string>): void {
  const { pattern, targetLabel, replacement } = rule;
  const isFixed = !targetLabel.includes('$') && !replacement.includes('$');
  if (isFixed) {
    if (pattern.source !== defaultRegex && !pattern.test(sourceValue(rule, labels))) return;
    setLabel(labels, targetLabel, replacement);
    return;
  }
  const value = sourceValue(rule, labels);
  const isWhole = pattern.source === defaultRegex;
  const groups = isWhole ? [value, value] : pattern.groups(value);
  if (groups === undefined) return;
  const names = isWhole ? [] : pattern.groupNames;
  const target = expandTemplate(targetLabel, groups, names);
  if (!isLabelName(target, rule.hasUtf8Names)) return;
  setLabel(labels, target, expandTemplate(replacement, groups, names));
}

function setLabel(labels: Map<string, string>, name: string, value: string): void {
  if (value === '') labels.delete(name);
  else labels.set(name, value);
}

/** The last 8 bytes of the MD5 sum, big endian, modulo: as the reference has always had it. */
function hashMod(value: string, modulus: bigint): string {
  const sum = createHash('md5').update(value).digest();
  return (sum.readBigUInt64BE(8) % modulus).toString();
}
