import { setImmediate } from 'node:timers/promises';
import jsonata from 'jsonata';
import { RE2JS } from 're2js';
import { dataError } from '../errors.ts';

/** All that one query evaluates may take so long. */
const timeLimitMs = 5000;
const maxDepth = 500;
const maxSequence = 1_000_000;
const maxLength = 20_000;
/** Then others have a turn: an expression is nothing but computing. */
const stepsAtOnce = 2000;

/** An expression of JSONata, read once. */
export class JsonataSelector {
  readonly #expression: jsonata.Expression;
  readonly #key: string;
  readonly #text: string;
  #steps = 0;
  /** Set when the first value is looked at. */
  #deadlineMs: number | undefined;

  /**
   * @param key where it stands in the query
   * @throws {AppError} DATA_QUERY_INVALID
   */
  constructor(key: string, text: string) {
    this.#key = key;
    this.#text = text;
    try {
      if (text.length > maxLength) throw new Error(`it is longer than ${maxLength} characters`);
      this.#expression = jsonata(text, {
        RegexEngine: LinearRegex as unknown as RegExpConstructor,
        timeout: timeLimitMs,
        stack: maxDepth,
        sequence: maxSequence,
      });
    } catch (cause) {
      throw this.#invalid(cause);
    }
    const onStep = async (): Promise<void> => {
      if (++this.#steps % stepsAtOnce === 0) await setImmediate();
    };
    this.#expression.assign(entryKey as unknown as string, onStep);
  }

  /** Undefined: nothing is found. @throws {AppError} DATA_QUERY_INVALID */
  async select(value: unknown): Promise<unknown> {
    this.#deadlineMs ??= performance.now() + timeLimitMs;
    try {
      if (performance.now() > this.#deadlineMs) {
        throw new Error(`it takes longer than ${timeLimitMs / 1000} s`);
      }
      return await this.#expression.evaluate(value);
    } catch (cause) {
      throw this.#invalid(cause);
    }
  }

  #invalid(cause: unknown): Error {
    // Its errors are plain objects with a message.
    const why =
      typeof cause === 'object' && cause !== null && 'message' in cause
        ? String(cause.message)
        : String(cause);
    return dataError('DATA_QUERY_INVALID', `${this.#key}: ${JSON.stringify(this.#text)}: ${why}`, {
      cause,
    });
  }
}

/** The library calls what is bound to it, and waits for it, before each step. */
const entryKey: symbol = Symbol.for('jsonata.__evaluate_entry');

/** As much of a RegExp as the library uses; runs in time linear in the text, whatever the pattern. */
class LinearRegex {
  lastIndex = 0;
  readonly #engine: RE2JS;

  constructor({ source, flags }: RegExp) {
    const modes =
      (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) |
      (flags.includes('m') ? RE2JS.MULTILINE : 0);
    this.#engine = RE2JS.compile(source, modes);
  }

  exec(text: string): { readonly index: number; readonly [group: number]: string } | null {
    const matcher = this.#engine.matcher(text);
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    const groups = Array.from({ length: this.#engine.groupCount() + 1 }, (_, at) =>
      matcher.group(at),
    );
    this.lastIndex = matcher.end();
    return Object.assign(groups, { index: matcher.start() }) as unknown as {
      readonly index: number;
      readonly [group: number]: string;
    };
  }
}
