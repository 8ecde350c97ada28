import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WireMuteTiming } from '../../../api/grafana-alerting.ts';
import { timesOf, timingFormOf, timingOf } from './timing-form.ts';
import { rangesText, weekBlocks } from './week-model.ts';

const always = { times: [], weekdays: [], daysOfMonth: [], months: [], years: [], location: 'UTC' };

describe('a week of time intervals', () => {
  it('covers whole days where nothing is said', () => {
    const blocks = weekBlocks([always]);
    assert.equal(blocks.length, 7);
    assert.deepEqual(blocks[0], { day: 0, from: 0, to: 1440, isSometimes: false });
  });

  it('has a block for each time of each day, and tells what holds only sometimes', () => {
    const times = [
      { from: 0, to: 360 },
      { from: 1320, to: 1440 },
    ];
    const weekdays = [{ from: 1, to: 2 }];
    const blocks = weekBlocks([{ ...always, times, weekdays, months: [{ from: 1, to: 3 }] }]);
    assert.deepEqual(
      blocks.map(({ day, from, to, isSometimes }) => [day, from, to, isSometimes]),
      [
        [1, 0, 360, true],
        [1, 1320, 1440, true],
        [2, 0, 360, true],
        [2, 1320, 1440, true],
      ],
    );
    assert.equal(
      rangesText([
        { from: 1, to: 1 },
        { from: -3, to: -1 },
      ]),
      '1, -3–-1',
    );
  });
});

describe('form of a mute timing', () => {
  it('makes of a form what it was made of', () => {
    const timing: WireMuteTiming = {
      name: 'nights',
      time_intervals: [
        {
          times: [
            { start_time: '22:00', end_time: '24:00' },
            { start_time: '00:00', end_time: '06:00' },
          ],
          location: 'Asia/Seoul',
        },
        { weekdays: ['sunday', 'saturday'], days_of_month: ['1:5', '-3:-1'], months: ['1'] },
        {},
      ],
    };
    assert.deepEqual(timingOf(timingFormOf(timing)), timing);
  });

  it('knows ranges of days', () => {
    const form = timingFormOf({ name: 'n', time_intervals: [{ weekdays: ['monday:friday'] }] });
    assert.deepEqual(form.intervals[0]?.weekdays, [1, 2, 3, 4, 5]);
  });

  const f = (text: string, want: string | undefined): void =>
    void it(`reads the times ${JSON.stringify(text)}`, () => {
      const found = timesOf(text)
        ?.map((one) => `${one.start_time} ${one.end_time}`)
        .join(';');
      assert.equal(found, want);
    });
  f('', '');
  f('9:00-17:30', '09:00 17:30');
  f('00:00 – 06:00, 22:00-24:00', '00:00 06:00;22:00 24:00');
  f('22:00-06:00', undefined);
  f('22:00-24:30', undefined);
  f('all day', undefined);
});
