import type { AgentEvent } from '../contract.ts';
import type { FilterPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';
import { splitWords } from '../fluentbit/values.ts';
import { parseRecordPath, type RecordPath, valueAt } from '../records/accessor.ts';
import { compileRegex, type Regex } from '../regex/compile.ts';

interface Rule {
  readonly kind: 'regex' | 'exclude';
  readonly path: RecordPath;
  readonly regex: Regex;
}

/** Keeps or drops events by patterns over their values; only text values can match. */
export const grepFilter: FilterPlugin = {
  name: 'grep',
  options: { regex: option.words(2), exclude: option.words(2), logical_op: option.text },
  create: (settings) => {
    const rules: Rule[] = [];
    for (const { key, value } of settings.lines) {
      if (key !== 'regex' && key !== 'exclude') continue;
      const [path = '', pattern = ''] = splitWords(value, 2);
      rules.push({ kind: key, path: parseRecordPath(path), regex: compileRegex(pattern) });
    }
    const operation = settings.text('logical_op', 'legacy').toLowerCase();
    if (operation !== 'legacy' && operation !== 'and' && operation !== 'or') {
      throw settings.problem(
        `grep: logical_op must be legacy, and or or, not '${operation}'`,
        'logical_op',
      );
    }
    const kinds = new Set(rules.map((rule) => rule.kind));
    if (operation !== 'legacy' && kinds.size > 1) {
      throw settings.problem("grep: Both 'regex' and 'exclude' are set.", 'logical_op');
    }
    const keeps =
      operation === 'legacy'
        ? (event: AgentEvent) => keepsLegacy(rules, event)
        : (event: AgentEvent) => keepsByOperation(rules, operation, event);
    return {
      name: settings.name,
      apply: (_tag, events) => (rules.length === 0 ? events : events.filter(keeps)),
    };
  },
};

function hits(rule: Rule, event: AgentEvent): boolean {
  const value = valueAt(event.record, rule.path);
  return typeof value === 'string' && rule.regex.test(value);
}

/** In order; the first Regex that matches keeps at once, so later rules are not looked at. */
function keepsLegacy(rules: readonly Rule[], event: AgentEvent): boolean {
  for (const rule of rules) {
    const hit = hits(rule, event);
    if (rule.kind === 'regex') return hit;
    if (hit) return false;
  }
  return true;
}

function keepsByOperation(
  rules: readonly Rule[],
  operation: 'and' | 'or',
  event: AgentEvent,
): boolean {
  const found =
    operation === 'and'
      ? rules.every((rule) => hits(rule, event))
      : rules.some((rule) => hits(rule, event));
  return rules[0]?.kind === 'exclude' ? !found : found;
}
