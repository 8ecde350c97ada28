/** How long to wait between tries of the same thing. */
export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Exponential back-off with equal jitter: between half and the whole of `base * 2^attempt`, at most
 * `maxMs`. `attempt` counts from 0; `random` gives [0, 1).
 */
export function backoffMs(
  attempt: number,
  { baseMs, maxMs }: BackoffOptions,
  random: () => number = Math.random,
): number {
  const ceilingMs = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
  return ceilingMs * (0.5 + random() / 2);
}
