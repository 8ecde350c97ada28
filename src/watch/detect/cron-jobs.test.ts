import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CronJob } from 'kubernetes-types/batch/v1.d.ts';
import { findCronJobTroubles } from './cron-jobs.ts';

const at = (time: string): number => Date.parse(`2026-03-01T${time}Z`);

const cronJob = (spec: object, lastRun: string | undefined, active = 0): CronJob =>
  ({
    metadata: { namespace: 'shop', name: 'report', creationTimestamp: '2026-03-01T00:00:00Z' },
    spec: { schedule: '0 * * * *', ...spec },
    status: {
      ...(lastRun === undefined ? {} : { lastScheduleTime: `2026-03-01T${lastRun}Z` }),
      active: Array.from({ length: active }, () => ({})),
    },
  }) as CronJob;

describe('findCronJobTroubles()', () => {
  const cases: readonly (readonly [
    what: string,
    object: CronJob,
    now: string,
    reason: RegExp | undefined,
    since?: string,
  ])[] = [
    ['in time', cronJob({}, '10:00:00'), '10:59:00', undefined],
    ['a little late', cronJob({}, '10:00:00'), '11:04:59', undefined],
    ['late', cronJob({}, '10:00:00'), '11:05:00', /due at 2026-03-01 11:00 UTC .* has not begun$/],
    [
      'blocked',
      cronJob({ concurrencyPolicy: 'Forbid' }, '10:00:00', 1),
      '11:06:00',
      /keeps the next/,
    ],
    ['never ran', cronJob({}, undefined), '01:06:00', /due at 2026-03-01 01:00/],
    ['suspended', cronJob({ suspend: true }, '10:00:00'), '14:00:00', undefined],
    ['suspended until now', cronJob({}, '05:00:00'), '14:00:00', undefined, '13:58:00'],
    ['in words of its own', cronJob({ schedule: '@every 1h' }, '05:00:00'), '14:00:00', undefined],
    [
      'elsewhere',
      cronJob({ schedule: '0 20 * * *', timeZone: 'Asia/Seoul' }, '00:30:00'),
      '11:06:00',
      /11:00/,
    ],
    ['of old', cronJob({ schedule: 'TZ=Asia/Seoul 0 20 * * *' }, '00:30:00'), '11:06:00', /11:00/],
  ];
  for (const [what, object, now, reason, since] of cases) {
    it(what, () => {
      const sinceMs = since === undefined ? undefined : at(since);
      const { troubles } = findCronJobTroubles(object, sinceMs, at(now));
      assert.equal(troubles.length, reason === undefined ? 0 : 1);
      if (reason !== undefined) assert.match(troubles[0]?.message ?? '', reason);
    });
  }

  it('says when it is late', () => {
    const { nextMs } = findCronJobTroubles(cronJob({}, '10:00:00'), undefined, at('10:10:00'));
    assert.equal(nextMs, at('11:05:00'));
  });
});
