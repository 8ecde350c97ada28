/** relabel_config: rules that rename, drop and make labels. */
export { expandTemplate } from './expand.ts';
export { type RelabelStep, relabel, relabelInPlace, relabelSteps } from './relabel.ts';
export {
  compileRelabelRule,
  type RelabelAction,
  type RelabelRule,
  type RelabelRuleConfig,
  relabelActions,
} from './rule.ts';
