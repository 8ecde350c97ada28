import { RE2JS } from 're2js';
import { translateRegex } from '#logs/insights';
import { patternError } from './errors.ts';

export interface PatternRegex {
  readonly source: string;
  readonly test: (text: string) => boolean;
  readonly literals: readonly string[];
}

/** CloudWatch's subset: letters, digits, some symbols, operators; no groups, nothing multibyte. */
const allowed = /^[A-Za-z0-9:_#=@/;,\-^$?[\]{}|\\*+.\s!"&'<>~%]$/;
const escapes = /^[dDsSwWtnrbB^$?[\]{}|\\*+./\-:_#=@;,()!"&'<>~%]$/;

/** @param offset of the first character after the opening `%` in the whole pattern */
export function compilePatternRegex(source: string, offset: number): PatternRegex {
  if (source === '') throw patternError('The regular expression between % and % is empty', offset);
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!;
    if (char === '\\') {
      const next = source[at + 1] ?? '';
      if (next === 'x' && /^[0-9A-Fa-f]{2}/.test(source.slice(at + 2))) at += 3;
      else if (escapes.test(next)) at += 1;
      else throw patternError(`The escape \\${next} is not allowed in %…%`, offset + at);
    } else if (!allowed.test(char)) {
      throw patternError(
        `The character ${char} is not allowed in %…%`,
        offset + at,
        'Write it as \\xHH',
      );
    }
  }
  const result = translateRegex(source);
  if ('fault' in result) {
    throw patternError(`In %${source}%: ${result.fault.message}`, offset + result.fault.offset);
  }
  const compiled = RE2JS.compile(result.regex.source);
  return { source, test: (text) => compiled.test(text), literals: result.regex.literals };
}
