import type { FilterPattern } from './contract.ts';
import { parseDelimitedPattern } from './delimited.ts';
import { patternError } from './errors.ts';
import { parseJsonPattern } from './json.ts';
import { parseUnstructured } from './unstructured.ts';

/** CloudWatch's bound. */
const maxPatternChars = 1024;

/**
 * Reads a CloudWatch filter pattern ("Filter pattern syntax" of the CloudWatch Logs user guide).
 * @throws {AppError} FILTER_PATTERN_INVALID with details.offset
 */
export function parseFilterPattern(text: string): FilterPattern {
  if (text.length > maxPatternChars) {
    throw patternError(`A pattern is at most ${maxPatternChars} characters long`, maxPatternChars);
  }
  const trimmed = text.trim();
  if (trimmed === '' || /^"\s*"$/.test(trimmed)) {
    return {
      kind: 'all',
      text,
      matches: () => true,
      extract: () => ({}),
      valueOf: () => undefined,
      requiredSubstrings: [],
      explain: () => 'Every message',
      warnings: [],
    };
  }
  if (trimmed.startsWith('{')) return parseJsonPattern(text);
  if (trimmed.startsWith('[')) return parseDelimitedPattern(text);
  return parseUnstructured(text);
}
