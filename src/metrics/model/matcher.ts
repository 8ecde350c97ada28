import { compileLabelPattern, type LabelPattern } from './pattern.ts';

export type MatchOperator = '=' | '!=' | '=~' | '!~';

/** One condition on a label. A label that a series lacks has the value ''. */
export interface LabelMatcher {
  readonly name: string;
  readonly operator: MatchOperator;
  /** The text, or the pattern as it was written. */
  readonly value: string;
  matches(value: string): boolean;
  /** Of the operators with a pattern: what is known of the values that it matches. */
  readonly pattern?: LabelPattern;
}

/** @throws {AppError} METRICS_PATTERN_INVALID when a pattern cannot be compiled */
export function labelMatcher(name: string, operator: MatchOperator, value: string): LabelMatcher {
  switch (operator) {
    case '=':
      return { name, operator, value, matches: (text) => text === value };
    case '!=':
      return { name, operator, value, matches: (text) => text !== value };
    case '=~': {
      const pattern = compileLabelPattern(value);
      return { name, operator, value, pattern, matches: (text) => pattern.test(text) };
    }
    case '!~': {
      const pattern = compileLabelPattern(value);
      return { name, operator, value, pattern, matches: (text) => !pattern.test(text) };
    }
    default:
      return operator satisfies never;
  }
}

/** As queries write it: `job=~"a|b"`. */
export function formatMatcher(matcher: LabelMatcher): string {
  const name = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(matcher.name)
    ? matcher.name
    : JSON.stringify(matcher.name);
  return `${name}${matcher.operator}${JSON.stringify(matcher.value)}`;
}
