/** Rules of people that keep series out of the store. */
export type { DropCounts, DropPreview, DropRule, DropRuleView } from './contract.ts';
export { DropRules, type DropRulesDeps } from './drop-rules.ts';
