import { isAppError } from '#base';
import { type FilterPattern, parseFilterPattern } from '#logs/filter-pattern';
import { invalid } from './errors.ts';

/**
 * A filter pattern of a request; undefined where everything matches.
 * @throws {AwsError} InvalidParameterException
 */
export function compilePattern(text: string | undefined): FilterPattern | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  return mustParsePattern(text);
}

/** @throws {AwsError} InvalidParameterException */
export function mustParsePattern(text: string): FilterPattern {
  try {
    return parseFilterPattern(text);
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw invalid(`Invalid filter pattern: ${error.message}`);
  }
}
