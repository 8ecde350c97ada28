import { RE2JS } from 're2js';

/** A regular expression in RE2's own syntax: linear time in the engine and in JavaScript. */
export interface Regex {
  /** Flags such as `(?i)` stand inside. */
  readonly source: string;
  /** Capturing groups in order; unnamed ones are undefined. */
  readonly groups: readonly (string | undefined)[];
  /** Case-sensitive texts that every match holds. */
  readonly literals: readonly string[];
}

export interface RegexFault {
  readonly message: string;
  /** Offset in the source as it was written. */
  readonly offset: number;
  readonly length: number;
}

/** An engine compiles a pattern into a program of bounded size; longer ones are surely mistakes. */
const maxPatternChars = 4096;

/**
 * What people write (`(?<name>…)`, `\/`) to RE2 syntax. Look-around, back-references, atomic groups
 * and possessive quantifiers cannot run in linear time and are refused with their place.
 */
export function translateRegex(
  written: string,
  flags = '',
): { readonly regex: Regex } | { readonly fault: RegexFault } {
  const fault = (message: string, offset: number, length = 1): { fault: RegexFault } => ({
    fault: { message, offset, length },
  });
  if (written.length > maxPatternChars) {
    return fault(`a regular expression is at most ${maxPatternChars} characters long`, 0);
  }
  const groups: (string | undefined)[] = [];
  let out = '';
  let inClass = false;
  for (let at = 0; at < written.length; at++) {
    const char = written[at]!;
    const next = written[at + 1];
    if (char === '\\') {
      if (next === undefined) return fault('a backslash at the end escapes nothing', at);
      if (!inClass && /[1-9]/.test(next)) return fault('back-references are not supported', at, 2);
      if (!inClass && next === 'k') return fault('back-references are not supported', at, 2);
      if (/[GXRhH]/.test(next)) return fault(`\\${next} is not supported`, at, 2);
      if (next === 'Z') out += '\\z';
      else if (next === '/' || next === '"' || next === "'" || next === '@' || next === '#')
        out += next;
      else if (next === 'e') out += '\\x1B';
      else if (next === 'u' && /^[0-9a-fA-F]{4}/.test(written.slice(at + 2))) {
        out += `\\x{${written.slice(at + 2, at + 6)}}`;
        at += 4;
      } else out += `\\${next}`;
      at += 1;
      continue;
    }
    if (inClass) {
      // RE2 wants an inner [ only as part of a POSIX class; a plain one it takes too.
      if (char === ']') inClass = false;
      out += char;
      continue;
    }
    if (char === '[') {
      inClass = true;
      out += char;
      // A ] right at the start belongs to the class.
      if (written[at + 1] === '^') out += written[++at];
      if (written[at + 1] === ']') {
        out += '\\]';
        at += 1;
      }
      continue;
    }
    if (char === '(') {
      if (next !== '?') {
        groups.push(undefined);
        out += char;
        continue;
      }
      const rest = written.slice(at);
      if (/^\(\?<?[=!]/.test(rest)) return fault('look-around is not supported', at, 3);
      if (rest.startsWith('(?>')) return fault('atomic groups are not supported', at, 3);
      const name = /^\(\?P?<([A-Za-z_][A-Za-z0-9_.]*)>/.exec(rest);
      if (name !== null) {
        groups.push(name[1]);
        // Names go by number afterwards: so they may hold what RE2 would refuse.
        out += '(';
        at += name[0].length - 1;
        continue;
      }
      if (/^\(\?P?</.test(rest)) return fault('the name of this group is not valid', at, 3);
      out += char;
      continue;
    }
    if (
      char === '+' &&
      /[*+?}]/.test(written[at - 1] ?? '') &&
      written[at - 2] !== '\\' &&
      at > 0
    ) {
      const quantifier = written[at - 1] !== '}' || /\{\d+(,\d*)?\}$/.test(written.slice(0, at));
      if (quantifier) return fault('possessive quantifiers are not supported', at);
    }
    out += char;
  }
  const withFlags = flags === '' ? out : `(?${[...new Set(flags)].join('')})${out}`;
  try {
    RE2JS.compile(withFlags);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return fault(`not a valid regular expression: ${text}`, 0, written.length);
  }
  return { regex: { source: withFlags, groups, literals: requiredLiterals(withFlags) } };
}

/** Turns text into a pattern that matches just this text. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

/** Shorter literals skip nothing worth the trouble. */
const minLiteralChars = 3;

/**
 * Texts that stand in the pattern outside any group, class, alternative or repetition. Careful
 * rather than clever: any doubt ends a literal, and flags or a top-level `|` give none at all.
 */
function requiredLiterals(source: string): string[] {
  if (source.includes('(?')) return [];
  const literals: string[] = [];
  let current = '';
  let depth = 0;
  const flush = (): void => {
    if ([...current].length >= minLiteralChars) literals.push(current);
    current = '';
  };
  for (let at = 0; at < source.length; at++) {
    let char = source[at]!;
    let plain = true;
    if (char === '\\') {
      at += 1;
      char = source[at] ?? '';
      plain = /[^A-Za-z0-9]/.test(char);
      // \x41, \x{41}, \pL and \Q…\E: what follows is not text.
      if (/[xpPQE0-9]/.test(char)) return [];
    } else if (char === '[') {
      at += 1;
      if (source[at] === '^') at += 1;
      if (source[at] === ']') at += 1;
      for (; at < source.length && source[at] !== ']'; at++) {
        if (source[at] === '\\') at += 1;
        else if (source[at] === '[' && source[at + 1] === ':') {
          const end = source.indexOf(':]', at);
          if (end === -1) return [];
          at = end + 1;
        }
      }
      plain = false;
    } else if (char === '|') {
      if (depth === 0) return [];
      plain = false;
    } else if (char === '(') {
      depth += 1;
      plain = false;
    } else if (char === ')') {
      depth -= 1;
      plain = false;
    } else if ('.^$*+?{}'.includes(char)) {
      plain = false;
      if (char === '{') {
        const end = source.indexOf('}', at);
        if (end !== -1) at = end;
      }
    }
    if (!plain || depth > 0) {
      flush();
      continue;
    }
    // The character may be repeated zero times: then it is not required.
    const after = source[at + 1];
    if (after === '*' || after === '?' || after === '{' || after === '+') {
      const loneSurrogate = char >= '\udc00' && char <= '\udfff';
      if (loneSurrogate) current = current.slice(0, -1);
      if (after === '+' && !loneSurrogate) current += char;
      flush();
    } else {
      current += char;
    }
  }
  flush();
  return literals;
}
