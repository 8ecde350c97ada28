import type { Clock } from '#base';
import type { EventTime } from '../contract.ts';

/** The clock's time as an event time. */
export function eventTimeNow(clock: Clock): EventTime {
  const nowMs = clock.nowMs();
  const seconds = Math.floor(nowMs / 1000);
  return { seconds, nanoseconds: Math.round((nowMs - seconds * 1000) * 1e6) };
}
