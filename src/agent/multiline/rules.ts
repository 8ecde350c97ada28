import type { LineJoin, LineJoiner } from './joiner.ts';
import type { MultilineRule } from './spec.ts';

const startState = 'start_state';

/** Rules look at the head of a line only: a stack trace shows itself there, and work stays bounded. */
const maxTestedChars = 4096;

/** The rule engine of one stream: which lines belong together. */
export class RuleMachine implements LineJoiner {
  readonly #rules: readonly MultilineRule[];
  #state: string | undefined;

  constructor(rules: readonly MultilineRule[]) {
    this.#rules = rules;
  }

  /** The state of the open group; undefined when none is open. */
  get state(): string | undefined {
    return this.#state;
  }

  /** Goes on with a group of an earlier run. */
  resume(state: string): void {
    this.#state = state;
  }

  get isOpen(): boolean {
    return this.#state !== undefined;
  }

  accept(line: string): LineJoin {
    const text = line.length > maxTestedChars ? line.slice(0, maxTestedChars) : line;
    if (this.#state !== undefined) {
      for (const rule of this.#rules) {
        if (!rule.from.includes(this.#state) || !rule.pattern.test(text)) continue;
        if (rule.to === startState) {
          this.#state = undefined;
          return 'ends';
        }
        this.#state = rule.to;
        return 'continues';
      }
      this.#state = undefined;
    }
    for (const rule of this.#rules) {
      if (!rule.from.includes(startState) || !rule.pattern.test(text)) continue;
      // A group of one line: nothing can follow it.
      if (rule.to === startState) return 'alone';
      this.#state = rule.to;
      return 'starts';
    }
    return 'alone';
  }

  reset(): void {
    this.#state = undefined;
  }
}

/** Several rule sets over one stream: an open group stays with the set that opened it. */
export class RuleMachines implements LineJoiner {
  readonly #machines: readonly RuleMachine[];

  constructor(sets: readonly (readonly MultilineRule[])[]) {
    this.#machines = sets.map((rules) => new RuleMachine(rules));
  }

  accept(line: string): LineJoin {
    const open = this.#machines.find((machine) => machine.isOpen);
    if (open !== undefined) {
      const join = open.accept(line);
      if (join !== 'alone') return join;
    }
    for (const machine of this.#machines) {
      if (machine === open) continue;
      const join = machine.accept(line);
      if (join === 'starts') return join;
      machine.reset();
    }
    return 'alone';
  }

  reset(): void {
    for (const machine of this.#machines) machine.reset();
  }
}
