import type { Clock } from '#base';

interface Entry<T> {
  readonly answer: Promise<T>;
  untilMs: number;
}

/**
 * Answers by question, each for its own time, at most `maxEntries` of them: the oldest question is
 * forgotten first. Who asks what is being asked already waits for the same answer; a failure is not
 * kept.
 */
export class VerdictCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #maxEntries: number;
  readonly #lifetimeMs: (answer: T) => number;
  readonly #clock: Clock;

  constructor(
    options: { readonly maxEntries: number; readonly lifetimeMs: (answer: T) => number },
    clock: Clock,
  ) {
    this.#maxEntries = options.maxEntries;
    this.#lifetimeMs = options.lifetimeMs;
    this.#clock = clock;
  }

  get(question: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(question);
    if (known !== undefined && this.#clock.monotonicMs() < known.untilMs) return known.answer;
    this.#entries.delete(question);
    const entry: Entry<T> = { answer: ask(), untilMs: Number.POSITIVE_INFINITY };
    this.#entries.set(question, entry);
    entry.answer.then(
      (answer) => {
        entry.untilMs = this.#clock.monotonicMs() + this.#lifetimeMs(answer);
      },
      () => {
        if (this.#entries.get(question) === entry) this.#entries.delete(question);
      },
    );
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) break;
      this.#entries.delete(oldest);
    }
    return entry.answer;
  }
}
