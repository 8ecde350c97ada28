/** Recording and alerting rules: files, evaluation, state. */
export type {
  Alert,
  AlertSink,
  AlertState,
  OutgoingAlert,
  RuleConfig,
  RuleGroupConfig,
} from './contract.ts';
export { type GroupSettings, RuleGroup } from './group.ts';
export {
  loadRuleFiles,
  RuleManager,
  type RuleManagerDeps,
  type RuleManagerOptions,
  type RulesConfig,
} from './manager.ts';
export { Rule } from './rule.ts';
export { parseRuleFile } from './rule-file.ts';
export { type RuleMetrics, ruleMetrics } from './rule-metrics.ts';
export {
  functionsOf as ruleTemplateFunctions,
  type TemplateScope,
  titleCase,
} from './template/expand.ts';
export { goTimeText, humanizeDuration } from './template/humanize.ts';
export { findsMatch, replaceMatches } from './template/regex.ts';
export { alertsJson, groupsJson, type RulesQuery } from './view.ts';
