import { createHash } from 'node:crypto';

/** A stamp that is off by no more than this, and by no more than a hundredth of the interval, is set right. */
const maxToleranceMs = 20;

/**
 * Where in the interval a target is scraped: the same after each start, and spread over targets. The
 * seed differs between servers, so that two of them do not ask at once.
 */
export function offsetMs(key: string, intervalMs: number, seed: bigint): number {
  const hash = createHash('sha1').update(key).digest().readBigUInt64BE(0);
  return Number((hash ^ seed) % BigInt(Math.max(1, Math.round(intervalMs))));
}

/** The first slot at or after a time. */
export function nextSlotMs(nowMs: number, offset: number, intervalMs: number): number {
  return Math.ceil((nowMs - offset) / intervalMs) * intervalMs + offset;
}

/** The time that a scrape is stored at: its slot where it is near, so that stamps are regular. */
export function stampMs(slotMs: number, nowMs: number, intervalMs: number): number {
  const tolerance = Math.min(intervalMs / 100, maxToleranceMs);
  return Math.abs(nowMs - slotMs) <= tolerance ? slotMs : Math.round(nowMs);
}
