import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextScheduleMs, parseSchedule } from './cron-schedule.ts';

describe('cron schedules', () => {
  const f = (
    schedule: string,
    zone: string | undefined,
    after: string,
    next: string | undefined,
  ): void =>
    void it(`${schedule} in ${zone ?? 'UTC'} after ${after}`, () => {
      const parsed = parseSchedule(schedule, zone);
      assert.ok(parsed !== undefined);
      const atMs = nextScheduleMs(parsed, Date.parse(after));
      assert.equal(
        atMs === undefined ? undefined : new Date(atMs).toISOString(),
        next === undefined ? undefined : new Date(next).toISOString(),
      );
    });
  f('*/15 * * * *', undefined, '2026-01-01T00:15:00Z', '2026-01-01T00:30Z');
  f('0 0 29 2 *', undefined, '2026-01-01T00:00Z', '2028-02-29T00:00Z');
  f('0 12 13 * fri', undefined, '2026-01-01T00:00Z', '2026-01-02T12:00Z');
  f('0 12 13 * *', undefined, '2026-01-01T00:00Z', '2026-01-13T12:00Z');
  f('0 0 31 2 *', undefined, '2026-01-01T00:00Z', undefined);
  f('@weekly', undefined, '2026-01-01T00:00Z', '2026-01-04T00:00Z');
  f('@every 1h30m', undefined, '2026-01-01T00:00:01Z', '2026-01-01T01:30:01Z');
  f('30 9 * * 1-5', 'Asia/Seoul', '2026-01-02T00:30Z', '2026-01-05T00:30Z');
  f('TZ=America/New_York 0 3 * * *', undefined, '2026-03-08T00:00Z', '2026-03-08T07:00Z');
  // 2:30 does not exist on the day when clocks go forward.
  f('30 2 * * *', 'America/New_York', '2026-03-08T00:00-05:00', '2026-03-09T06:30Z');
  f('0 0 * jan,DEC 7', undefined, '2026-02-01T00:00Z', '2026-12-06T00:00Z');
  f('5/20 * * * *', undefined, '2026-01-01T00:26Z', '2026-01-01T00:45Z');

  // 1:30 comes twice on the day when clocks go back: the first one counts.
  f('30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', '2026-11-01T05:30Z');
  f('0 9 ? * MON', undefined, '2026-01-01T00:00Z', '2026-01-05T09:00Z');

  it('tells what is none', () => {
    for (const text of [
      '',
      '* * * *',
      '60 * * * *',
      '* * * * 8',
      'a * * * *',
      '5-1 * * * *',
      '@every day',
      '*/0 * * * *',
    ]) {
      assert.equal(parseSchedule(text, undefined), undefined, text);
    }
    assert.equal(parseSchedule('* * * * *', 'Mars/Olympus'), undefined);
  });
});
