import { type Clock, describeError, type Logger } from '#base';

interface Round {
  readonly name: string;
  readonly everyMs: number;
  readonly work: (signal: AbortSignal) => Promise<unknown>;
  dueMs: number;
  isFailing: boolean;
  running: Promise<void> | undefined;
}

/** Work that is done from time to time, by the monotonic clock; none waits for another. */
export class Rounds {
  readonly #deps: { readonly clock: Clock; readonly log: Logger };
  readonly #rounds: Round[] = [];

  constructor(deps: { readonly clock: Clock; readonly log: Logger }) {
    this.#deps = deps;
  }

  /** Due at once, and then each `everyMs`. */
  add(name: string, everyMs: number, work: Round['work']): void {
    const dueMs = this.#deps.clock.monotonicMs();
    this.#rounds.push({ name, everyMs, work, dueMs, isFailing: false, running: undefined });
  }

  /** Begins what is due and does not run already. */
  begin(signal: AbortSignal): void {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const round of this.#rounds) {
      if (round.running !== undefined || nowMs < round.dueMs) continue;
      round.dueMs = nowMs + round.everyMs;
      round.running = this.#do(round, signal).finally(() => {
        round.running = undefined;
      });
    }
  }

  /** Resolves when nothing runs any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#rounds.map(({ running }) => running));
  }

  /** One that fails is told once, and again when it has worked meanwhile. */
  async #do(round: Round, signal: AbortSignal): Promise<void> {
    try {
      await round.work(signal);
      round.isFailing = false;
    } catch (error) {
      if (signal.aborted) return;
      const reason = describeError(error);
      if (!round.isFailing)
        this.#deps.log.error('The watch could not look', { at: round.name, reason });
      round.isFailing = true;
    }
  }
}
