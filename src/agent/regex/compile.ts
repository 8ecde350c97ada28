import vm from 'node:vm';
import { RE2JS } from 're2js';
import { backtrackingDegree } from './ambiguity.ts';
import type { ParsedRegex } from './ast.ts';
import { parseOnigmo } from './parse.ts';
import { printJavaScript, printLinear } from './print.ts';

/** Captures of a match; index 0 is the whole. A group that took no part is undefined. */
export type RegexMatch = readonly (string | undefined)[];

/** A user's pattern, safe to run over any text: no text can make it run for longer than its budget. */
export interface Regex {
  /** As the user wrote it. */
  readonly pattern: string;
  /** Named groups in order of appearance, with their capture indexes. */
  readonly names: ReadonlyMap<string, readonly number[]>;
  test(text: string): boolean;
  /** The first match; undefined when there is none, or when looking for it took too long. */
  exec(text: string): RegexMatch | undefined;
}

/** Matches given up because they took longer than the budget, over all patterns. */
export const regexStats: { timeouts: number } = { timeouts: 0 };

/** About a tenth of a second of backtracking. */
const maxUnguardedSteps = 1e8;
const maxGuardedMs = 100;
const maxTextLength = 2 * 1024 * 1024;

/**
 * Compiles a pattern in Onigmo's Ruby syntax, as Fluent Bit takes it.
 *
 * Engines: JavaScript's own wherever {@link backtrackingDegree} proves the work bounded for the
 * text at hand; otherwise the same under a time limit; a pattern that ever exceeds it goes to a
 * linear-time engine from then on, or, where its look-around cannot be done there, takes only
 * shorter texts.
 * @throws {AppError} REGEX_INVALID
 */
export function compileRegex(pattern: string): Regex {
  const parsed = parseOnigmo(pattern);
  return new GuardedRegex(pattern, parsed);
}

class GuardedRegex implements Regex {
  readonly pattern: string;
  readonly names: ReadonlyMap<string, readonly number[]>;
  readonly #parsed: ParsedRegex;
  readonly #regex: RegExp;
  readonly #groupNumbers: readonly number[];
  readonly #sameNumbers: boolean;
  readonly #maxDirectLength: number;
  #maxLength = maxTextLength;
  #linear: RE2JS | undefined;

  constructor(pattern: string, parsed: ParsedRegex) {
    this.pattern = pattern;
    this.names = parsed.names;
    this.#parsed = parsed;
    const { source, flags, groupNumbers } = printJavaScript(parsed);
    this.#regex = new RegExp(source, flags);
    this.#groupNumbers = groupNumbers;
    this.#sameNumbers = groupNumbers.every((number, index) => number === index);
    const degree = backtrackingDegree(parsed);
    this.#maxDirectLength =
      degree <= 1
        ? maxTextLength
        : degree === Number.POSITIVE_INFINITY
          ? 20
          : Math.floor(maxUnguardedSteps ** (1 / degree));
  }

  test(text: string): boolean {
    if (text.length <= this.#maxDirectLength) return this.#regex.test(text);
    return this.exec(text) !== undefined;
  }

  exec(text: string): RegexMatch | undefined {
    if (text.length > this.#maxDirectLength) return this.#execLong(text);
    return this.#reorder(this.#regex.exec(text));
  }

  #reorder(match: RegExpExecArray | null): RegexMatch | undefined {
    if (match === null) return undefined;
    return this.#sameNumbers ? match : this.#groupNumbers.map((number) => match[number]);
  }

  #execLong(text: string): RegexMatch | undefined {
    if (text.length > this.#maxLength) return undefined;
    if (this.#linear !== undefined) return linearExec(this.#linear, text);
    const outcome = runWithLimit(this.#regex, text);
    if (outcome !== 'timeout') return this.#reorder(outcome);
    regexStats.timeouts++;
    const linear = printLinear(this.#parsed);
    if (linear === undefined) {
      this.#maxLength = Math.max(256, Math.floor(text.length / 2));
      return undefined;
    }
    this.#linear = RE2JS.compile(linear);
    return linearExec(this.#linear, text);
  }
}

function linearExec(regex: RE2JS, text: string): RegexMatch | undefined {
  const matcher = regex.matcher(text);
  if (!matcher.find()) return undefined;
  const captures: (string | undefined)[] = [];
  for (let index = 0; index <= matcher.groupCount(); index++) {
    captures.push(matcher.group(index) ?? undefined);
  }
  return captures;
}

interface GuardSlot {
  regex: RegExp;
  text: string;
}

const guard: { script: vm.Script; slot: GuardSlot; context: vm.Context } | { script?: never } = {};

/** V8 looks for interrupts while it backtracks, so a script's time limit also stops a pattern. */
function runWithLimit(regex: RegExp, text: string): RegExpExecArray | null | 'timeout' {
  if (guard.script === undefined) {
    const slot: GuardSlot = { regex, text };
    Object.assign(guard, {
      slot,
      context: vm.createContext({ slot }),
      script: new vm.Script('slot.regex.exec(slot.text)'),
    });
  }
  const { script, slot, context } = guard as {
    script: vm.Script;
    slot: GuardSlot;
    context: vm.Context;
  };
  slot.regex = regex;
  slot.text = text;
  try {
    return script.runInContext(context, { timeout: maxGuardedMs }) as RegExpExecArray | null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return 'timeout';
  } finally {
    slot.text = '';
  }
}
