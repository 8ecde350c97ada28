import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '#base';
import { eventTimeOf } from './clock-time.ts';

describe('eventTimeOf()', () => {
  const now = { seconds: 1711334519, nanoseconds: 250_000_000 };
  const clock = new ManualClock(1711334519250);
  const f = (seconds: number, isKept: boolean): void =>
    void it(`${isKept ? 'keeps' : 'does not take'} ${seconds} s`, () => {
      const time = { seconds, nanoseconds: 7 };
      assert.deepEqual(eventTimeOf(time, clock), isKept ? time : now);
    });
  f(0, true);
  f(253_402_300_799, true);
  f(253_402_300_800, false);
  f(1711334519250, false);
  f(-1, false);
  f(2 ** 63, false);
  f(1.5, false);
});
