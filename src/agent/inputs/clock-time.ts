import type { Clock } from '#base';
import { type EventTime, maxEventSeconds } from '../contract.ts';

/** The clock's time as an event time. */
export function eventTimeNow(clock: Clock): EventTime {
  const nowMs = clock.nowMs();
  const seconds = Math.floor(nowMs / 1000);
  return { seconds, nanoseconds: Math.round((nowMs - seconds * 1000) * 1e6) };
}

/** The time that a peer gave, or the clock's where no output could write that one. */
export function eventTimeOf({ seconds, nanoseconds }: EventTime, clock: Clock): EventTime {
  const isWritable = Number.isInteger(seconds) && seconds >= 0 && seconds <= maxEventSeconds;
  return isWritable ? { seconds, nanoseconds } : eventTimeNow(clock);
}
