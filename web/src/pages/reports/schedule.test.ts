import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cronOf, timingOf } from './schedule.ts';

describe('schedules of reports', () => {
  for (const [cron, cadence] of [
    ['0 9 * * *', 'daily'],
    ['30 8 * * MON-FRI', 'weekdays'],
    ['0 7 * * TUE', 'weekly'],
    ['15 18 28 * *', 'monthly'],
    ['*/10 * * * *', 'cron'],
    ['0 9 31 * *', 'cron'],
    ['0 9 1 1 *', 'cron'],
    ['0 25 * * *', 'cron'],
    ['@daily', 'cron'],
  ] as const) {
    it(`${cron} is ${cadence}, and comes back as it was`, () => {
      const timing = timingOf(cron);
      assert.equal(timing.cadence, cadence);
      assert.equal(cronOf(timing), cron);
    });
  }

  it('numbers and names of days are the same days', () => {
    assert.equal(cronOf(timingOf('0 9 * * 1-5')), '0 9 * * MON-FRI');
    assert.equal(cronOf(timingOf('0 9 * * 0')), '0 9 * * SUN');
  });
});
