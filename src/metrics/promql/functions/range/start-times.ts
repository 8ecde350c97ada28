/** When the counts of two samples in a row began, and when they were taken; 0: unknown. */
export interface StartTimes {
  readonly previousStartMs: number;
  readonly previousMs: number;
  readonly startMs: number;
  readonly timeMs: number;
}

/**
 * Whether a counter began anew between two samples. A start at the sample before is a reset where
 * that sample has a start of its own (deltas), not where it is the mark of an unknown one.
 */
export function isResetByStart(times: StartTimes): boolean {
  const { previousStartMs, previousMs, startMs, timeMs } = times;
  if (startMs === 0 || startMs >= timeMs || startMs < previousMs) return false;
  if (startMs > previousMs) return true;
  return previousStartMs !== 0 && previousStartMs < previousMs;
}

/** A sample whose count began before the one before it was taken, but not when that one's did. */
export function overlapsPrevious(times: Omit<StartTimes, 'timeMs'>): boolean {
  const { previousStartMs, previousMs, startMs } = times;
  return startMs !== 0 && startMs < previousMs && startMs !== previousStartMs;
}
