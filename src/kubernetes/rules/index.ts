/** Recording rules that come with the program: what dashboards for Kubernetes and its nodes look for. */
export { type BuiltinRulesOptions, builtinRuleGroups } from './builtin.ts';
