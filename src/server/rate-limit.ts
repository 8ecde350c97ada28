import type { Clock } from '#base';

/** Keys remembered; beyond them the oldest are forgotten, so that a flood cannot fill memory. */
const maxKeys = 10_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

/** A token bucket per key: `perMinute` at once, refilled over a minute. */
export class RateLimiter {
  readonly #perMinute: () => number;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perMinute: () => number, clock: Clock) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** True while the key has a try left. Does not take it. */
  hasRoom(key: string): boolean {
    return this.#bucket(key).tokens >= 1;
  }

  /** Takes one try: call it for each failure. */
  take(key: string): void {
    const bucket = this.#bucket(key);
    bucket.tokens = Math.max(0, bucket.tokens - 1);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > maxKeys) {
      this.#buckets.delete(this.#buckets.keys().next().value!);
    }
  }

  /** Forgets the failures: call it after a success. */
  clear(key: string): void {
    this.#buckets.delete(key);
  }

  #bucket(key: string): Bucket {
    const perMinute = this.#perMinute();
    const nowMs = this.#clock.monotonicMs();
    const bucket = this.#buckets.get(key) ?? { tokens: perMinute, atMs: nowMs };
    const refill = ((nowMs - bucket.atMs) * perMinute) / 60_000;
    bucket.tokens = Math.min(perMinute, bucket.tokens + refill);
    bucket.atMs = nowMs;
    return bucket;
  }
}
