import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WireSilence } from '../../../api/alertmanager.ts';
import { checkForm, draftOf, formOf, newForm, type SilenceForm } from './silence-draft.ts';

const nowMs = Date.UTC(2026, 10, 24, 3, 0, 0);
const zone = 'Asia/Seoul';
const good = newForm(['alertname=Disk full', 'pod=~web-.*'], 'known', 'kim');

describe('form of a silence', () => {
  it('takes the matchers of a link', () => {
    assert.deepEqual(
      good.matchers.map(({ name, operator, value }) => `${name}${operator}${value}`),
      ['alertname=Disk full', 'pod=~web-.*'],
    );
    const times = checkForm(good, nowMs, zone);
    assert.deepEqual(times.problems, {});
    assert.deepEqual(draftOf(good, times, undefined), {
      matchers: [
        { name: 'alertname', value: 'Disk full', isRegex: false, isEqual: true },
        { name: 'pod', value: 'web-.*', isRegex: true, isEqual: true },
      ],
      startsAt: '2026-11-24T03:00:00.000Z',
      endsAt: '2026-11-24T05:00:00.000Z',
      createdBy: 'kim',
      comment: 'known',
    });
  });

  const f = (name: string, change: Partial<SilenceForm>, want: object): void =>
    void it(name, () => {
      assert.deepEqual(checkForm({ ...good, ...change }, nowMs, zone).problems, want);
    });
  f('needs a comment', { comment: ' ' }, { comment: true });
  f('needs matchers', { matchers: [] }, { matchers: true });
  f(
    'refuses what selects everything',
    { matchers: [{ name: 'a', operator: '!=', value: 'x' }] },
    { matchers: true },
  );
  f(
    'refuses a row without a label',
    { matchers: [...good.matchers, { name: '', operator: '=', value: 'x' }] },
    { matchers: true },
  );
  const custom = { duration: 'custom', from: '2026-11-24 11:00', to: '2026-11-24 13:00' };
  f('takes times of the zone', custom, {});
  f('refuses an end before now', { ...custom, to: '2026-11-24 11:59' }, { to: 'order' });
  f('refuses what is no time', { ...custom, from: 'x', to: 'y' }, { from: 'time', to: 'time' });

  it('keeps the times of one that is in force, and begins one that is over anew', () => {
    const silence: WireSilence = {
      id: 'i',
      matchers: [{ name: 'a', value: 'b', isRegex: false, isEqual: true }],
      startsAt: '2026-11-24T02:00:00Z',
      endsAt: '2026-11-24T04:00:00Z',
      updatedAt: '',
      createdBy: 'kim',
      comment: 'c',
      status: { state: 'active' },
    };
    const form = formOf(silence, zone);
    const times = checkForm(form, nowMs, zone);
    assert.equal(draftOf(form, times, 'i').endsAt, '2026-11-24T04:00:00.000Z');
    assert.equal(draftOf(form, times, 'i').startsAt, '2026-11-24T02:00:00.000Z');
    const again = formOf({ ...silence, status: { state: 'expired' } }, zone);
    assert.equal(checkForm(again, nowMs, zone).endsAtMs, nowMs + 7_200_000);
  });
});
