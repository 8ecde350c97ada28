/** Go's text/template: alert annotations, notification texts and messages are written in it. */
export type { TemplateFunction } from './builtins.ts';
export { Template, type TemplateOptions } from './execute.ts';
export { significantText, sprintf } from './printf.ts';
export {
  bounded,
  floatText,
  type HasMethods,
  isTrue,
  type Printable,
  plainText,
  type TemplateValue,
  typeName,
  valueText,
} from './value.ts';
