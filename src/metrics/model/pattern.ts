import { RE2JS } from 're2js';
import { AppError } from '#base';

/**
 * A regular expression over label values, anchored at both ends, `.` matching line ends too, in RE2's
 * syntax and linear time. Patterns that need no engine (a text, a choice of texts, a prefix, a part)
 * are answered without one.
 */
export interface LabelPattern {
  readonly source: string;
  test(text: string): boolean;
  /** All values that match, where they are few and known: `a|b|c`. */
  readonly literals: readonly string[] | undefined;
  /** What every matching value begins with; '' when nothing is known. */
  readonly prefix: string;
  /** Matches every value: `.*`. */
  readonly matchesAll: boolean;
  /**
   * The matched groups (0 is the whole), or undefined when the text does not match. Groups that took
   * no part are ''.
   */
  groups(text: string): readonly string[] | undefined;
  /** Names of groups by number, undefined for those without. Index 0 is the whole match. */
  readonly groupNames: readonly (string | undefined)[];
}

/** A pattern is text that somebody wrote; a longer one is a mistake or an attack. */
const maxPatternChars = 65_536;
/** The texts of `a|b|c` go to a set; more than these are left to the engine. */
const maxLiterals = 10_000;

const isPlain = (text: string): boolean => !/[\\^$.|?*+()[\]{}]/.test(text);

/** @throws {AppError} METRICS_PATTERN_INVALID with the reason in RE2's words */
export function compileLabelPattern(source: string): LabelPattern {
  if (source.length > maxPatternChars) {
    throw invalid(source.slice(0, 40), `longer than ${maxPatternChars} characters`);
  }
  const engine = lazy(() => compile(source));
  const literals = literalsOf(source);
  const test = literals !== undefined ? testLiterals(literals) : testerOf(source, engine);
  // A pattern that never runs must still be refused when it is wrong.
  if (test.needsEngine) engine();
  return {
    source,
    test: test.run,
    literals,
    prefix: literals === undefined ? prefixOf(source) : commonPrefix(literals),
    matchesAll: source === '.*',
    groups: (text) => groupsOf(engine(), text),
    get groupNames() {
      return namesOf(engine());
    },
  };
}

interface Tester {
  readonly needsEngine: boolean;
  run(text: string): boolean;
}

function testLiterals(literals: readonly string[]): Tester {
  const [only] = literals;
  if (literals.length === 1) return { needsEngine: false, run: (text) => text === only };
  const set = new Set(literals);
  return { needsEngine: false, run: (text) => set.has(text) };
}

function testerOf(source: string, engine: () => RE2JS): Tester {
  if (source === '.*') return { needsEngine: false, run: () => true };
  if (source === '.+') return { needsEngine: false, run: (text) => text !== '' };
  const open = /^(\.[*+])?(.*?)(\.[*+])?$/s.exec(source);
  const [, head, middle, tail] = open ?? [];
  if (middle !== undefined && middle !== '' && isPlain(middle)) {
    // What stands before and after the text: nothing, anything, or at least one character.
    const before = head === undefined ? 0 : head === '.+' ? 1 : 0;
    const after = tail === undefined ? 0 : tail === '.+' ? 1 : 0;
    if (head === undefined && tail !== undefined) {
      return {
        needsEngine: false,
        run: (text) => text.startsWith(middle) && text.length >= middle.length + after,
      };
    }
    if (head !== undefined && tail === undefined) {
      return {
        needsEngine: false,
        run: (text) => text.endsWith(middle) && text.length >= middle.length + before,
      };
    }
    if (head !== undefined && tail !== undefined) {
      return {
        needsEngine: false,
        run: (text) => {
          const at = text.indexOf(middle, before);
          return at >= 0 && text.length >= at + middle.length + after;
        },
      };
    }
  }
  return { needsEngine: true, run: (text) => engine().matches(text) };
}

/** The texts of a pattern that is one text or a choice of some, with or without a group around. */
function literalsOf(source: string): readonly string[] | undefined {
  const inner = /^\((?:\?:)?([^()]*)\)$/.exec(source)?.[1] ?? source;
  const parts = inner.split('|');
  if (parts.length > maxLiterals) return undefined;
  const texts = parts.map(unescaped);
  return texts.every((text) => text !== undefined) ? (texts as string[]) : undefined;
}

/** A text in which only escaped characters are special: `a\.b`. */
function unescaped(part: string): string | undefined {
  let text = '';
  for (let at = 0; at < part.length; at++) {
    const char = part[at]!;
    if (char !== '\\') {
      if (!isPlain(char)) return undefined;
      text += char;
      continue;
    }
    const escaped = part[++at];
    // Letters and digits after a backslash are classes, assertions or code points.
    if (escaped === undefined || /[\w\s]/.test(escaped)) return undefined;
    text += escaped;
  }
  return text;
}

function prefixOf(source: string): string {
  if (source.includes('|') || source.startsWith('(?')) return '';
  const match = /^[^\\^$.|?*+()[\]{}]*/.exec(source)?.[0] ?? '';
  const next = source[match.length];
  // A repetition takes its character along: `ab*` begins with `a`.
  return next === '*' || next === '?' || next === '{' ? match.slice(0, -1) : match;
}

function commonPrefix(texts: readonly string[]): string {
  let prefix = texts[0] ?? '';
  for (const text of texts) while (!text.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix;
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(`^(?s:${source})$`);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw invalid(source, text.replace(`^(?s:${source})$`, source), error);
  }
}

function groupsOf(engine: RE2JS, text: string): readonly string[] | undefined {
  const matcher = engine.matcher(text);
  if (!matcher.matches()) return undefined;
  const groups: string[] = [];
  for (let at = 0; at <= matcher.groupCount(); at++) groups.push(matcher.group(at) ?? '');
  return groups;
}

function namesOf(engine: RE2JS): readonly (string | undefined)[] {
  const names: (string | undefined)[] = new Array(engine.groupCount() + 1).fill(undefined);
  for (const [name, at] of Object.entries(engine.namedGroups())) names[at as number] = name;
  return names;
}

function invalid(source: string, reason: string, cause?: unknown): AppError {
  return new AppError('METRICS_PATTERN_INVALID', reason, {
    hint: `The pattern is ${JSON.stringify(source)}; RE2 syntax, no look-around, no back-references`,
    ...(cause === undefined ? {} : { cause }),
  });
}

function lazy<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
