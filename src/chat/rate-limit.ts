import type { Clock } from '#base';

const minuteMs = 60_000;

/** How often within a minute each of many may do something. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #maxPerMinute: number;
  readonly #maxKeys: number;
  /** When each did it, ms of the monotonic clock; the one that was longest away stands first. */
  readonly #done = new Map<string, { readonly atMs: number[]; isTold: boolean }>();

  constructor(clock: Clock, maxPerMinute: number, maxKeys = 1000) {
    this.#clock = clock;
    this.#maxPerMinute = maxPerMinute;
    this.#maxKeys = maxKeys;
  }

  /** `told`: it is too often, and that was said before. */
  take(key: string): 'ok' | 'too often' | 'told' {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#done.get(key);
    const atMs = (known?.atMs ?? []).filter((ms) => nowMs - ms < minuteMs);
    if (atMs.length >= this.#maxPerMinute) {
      const wasTold = known?.isTold === true;
      this.#keep(key, { atMs, isTold: true });
      return wasTold ? 'told' : 'too often';
    }
    this.#keep(key, { atMs: [...atMs, nowMs], isTold: false });
    return 'ok';
  }

  #keep(key: string, entry: { readonly atMs: number[]; isTold: boolean }): void {
    this.#done.delete(key);
    this.#done.set(key, entry);
    if (this.#done.size <= this.#maxKeys) return;
    const [oldest] = this.#done.keys();
    if (oldest !== undefined) this.#done.delete(oldest);
  }
}
