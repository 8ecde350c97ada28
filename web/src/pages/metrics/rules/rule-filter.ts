import type { WireRule, WireRuleGroup } from '../../../api/metrics.ts';

/** In the order of trouble. */
export const ruleStates = ['failing', 'firing', 'pending', 'inactive', 'recording'] as const;
export type RuleState = (typeof ruleStates)[number];

/** A rule that cannot be evaluated is failing, whatever it said before. */
export function stateOf(rule: WireRule): RuleState {
  if (rule.health === 'err') return 'failing';
  return rule.type === 'recording' ? 'recording' : (rule.state ?? 'inactive');
}

/** Groups with only the rules that match; groups in trouble first, otherwise as configured. */
export function filteredGroups(
  groups: readonly WireRuleGroup[],
  filter: string,
  state: RuleState | undefined,
): readonly WireRuleGroup[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (rule: WireRule): boolean => {
    if (state !== undefined && stateOf(rule) !== state) return false;
    const labels = Object.entries(rule.labels).map(([name, value]) => `${name}=${value}`);
    const text = [rule.name, rule.query, ...labels].join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const rank = (group: WireRuleGroup): number =>
    Math.min(...group.rules.map((rule) => Math.min(3, ruleStates.indexOf(stateOf(rule)))));
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter(matches) }))
    .filter((group) => group.rules.length > 0)
    .toSorted((a, b) => rank(a) - rank(b));
}
