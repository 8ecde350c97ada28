/** CloudWatch filter patterns: text to a matcher of messages. */
export type { FilterPattern } from './contract.ts';
export { parseFilterPattern } from './parse.ts';
