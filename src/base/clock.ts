import { setTimeout as delay } from 'node:timers/promises';

/** Time comes in through the door, so that tests do not wait. */
export interface Clock {
  /** Wall clock, ms since the Unix epoch. */
  nowMs(): number;
  /** Monotonic, for durations, ms with a fraction. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  },
};

/** A clock that moves only when told to. Sleepers wake in the order of their deadlines. */
export class ManualClock implements Clock {
  /** Both clocks begin at the same number. */
  #monotonicMs: number;
  /** What jumps have added to the wall clock. */
  #jumpedMs = 0;
  #sleepers: { atMs: number; wake: () => void }[] = [];

  constructor(nowMs = 0) {
    this.#monotonicMs = nowMs;
  }

  nowMs(): number {
    return this.#monotonicMs + this.#jumpedMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const sleeper = { atMs: this.#monotonicMs + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener(
        'abort',
        () => {
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }

  /** Sets the wall clock alone, backwards too: a clock jump. Sleepers and durations do not notice. */
  jumpTo(nowMs: number): void {
    this.#jumpedMs = nowMs - this.#monotonicMs;
  }

  /** Lets time pass on both clocks without waking anyone: for those who look by themselves. */
  skip(ms: number): void {
    this.#monotonicMs += ms;
  }

  async advance(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms;
    for (;;) {
      this.#sleepers.sort((a, b) => a.atMs - b.atMs);
      const next = this.#sleepers[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#sleepers.shift();
      // One whose time was skipped wakes late; time does not go back for it.
      this.#monotonicMs = Math.max(this.#monotonicMs, next.atMs);
      next.wake();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#monotonicMs = endMs;
  }
}
