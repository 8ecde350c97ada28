import type { Search } from '../../../state/url.ts';
import type { AlertingRule } from './rule-model.ts';

/** The page of a rule. */
export function ruleLink(rule: AlertingRule): { readonly to: string; readonly search: Search } {
  return rule.own === undefined
    ? {
        to: '/alerting/rule',
        search: { file: rule.folder, group: rule.group, name: rule.name },
      }
    : { to: `/alerting/grafana/${encodeURIComponent(rule.own.uid)}/view`, search: {} };
}

/** A silence of all alerts of a rule. */
export const silenceOfRule = (rule: AlertingRule): Search => ({
  alertmanager: 'grafana',
  matcher: [
    ...(rule.own === undefined
      ? [`alertname=${rule.name}`]
      : [`__alert_rule_uid__=${rule.own.uid}`, `alertname=${rule.name}`]),
  ],
});
