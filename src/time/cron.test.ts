import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextCronTime, parseCron } from './cron.ts';

describe('nextCronTime()', () => {
  const f = (cron: string, zone: string, after: string, want: string | undefined): void =>
    void it(`${cron} in ${zone} after ${after}`, () => {
      const next = nextCronTime(parseCron(cron), zone, Date.parse(after));
      assert.equal(next === undefined ? undefined : new Date(next).toISOString(), want);
    });
  f('0 9 * * MON-FRI', 'Asia/Seoul', '2026-04-03T00:00:00Z', '2026-04-06T00:00:00.000Z');
  f('0 9 * * MON-FRI', 'Asia/Seoul', '2026-04-02T23:59:59Z', '2026-04-03T00:00:00.000Z');
  f('*/15 * * * *', 'UTC', '2026-04-03T10:14:59Z', '2026-04-03T10:15:00.000Z');
  f('5/20 8-9 * * *', 'UTC', '2026-04-03T08:45:00Z', '2026-04-03T09:05:00.000Z');
  f('0 0 1,15 * *', 'UTC', '2026-04-03T00:00:00Z', '2026-04-15T00:00:00.000Z');
  // Both days limited: either is enough.
  f('0 0 13 * FRI', 'UTC', '2026-04-03T00:00:00Z', '2026-04-10T00:00:00.000Z');
  f('0 0 * * 7', 'UTC', '2026-04-03T00:00:00Z', '2026-04-05T00:00:00.000Z');
  f('@monthly', 'UTC', '2026-04-03T00:00:00Z', '2026-05-01T00:00:00.000Z');
  f('0 0 29 FEB *', 'UTC', '2026-04-03T00:00:00Z', '2028-02-29T00:00:00.000Z');
  f('0 0 31 2 *', 'UTC', '2026-04-03T00:00:00Z', undefined);
  // 02:30 does not exist on that day.
  f('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T01:30:00.000Z');
  // 02:30 comes twice: the second one counts.
  f('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-25T01:30:00.000Z');
  f('30 2 * * *', 'Europe/Berlin', '2026-10-25T01:30:00Z', '2026-10-26T01:30:00.000Z');
});

describe('parseCron() refuses', () => {
  const f = (cron: string, want: RegExp): void =>
    void it(cron, () => assert.throws(() => parseCron(cron), want));
  f('', /1 fields: cron has five/);
  f('* * * *', /4 fields/);
  f('60 * * * *', /"60" is no minute: it goes from 0 to 59/);
  f('* * 0 * *', /"0" is no day of month/);
  f('* * * FOO *', /"FOO" is no month/);
  f('*/0 * * * *', /a step of 0/);
  f('9-5 * * * *', /9 comes after 5/);
  f('1,,2 * * * *', /"" is not understood/);
});
