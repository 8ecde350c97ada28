import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkWindow, newWindowForm, type WindowForm, weeklySchedule } from './window-form.ts';

const nowMs = Date.UTC(2026, 2, 1, 10);
const hourMs = 3_600_000;
const check = (more: Partial<WindowForm>) =>
  checkWindow(
    { ...newWindowForm('Asia/Seoul'), name: 'patching', ...more },
    { nowMs, zone: 'UTC' },
  );

describe('checkWindow()', () => {
  it('once, from now on', () => {
    const { window } = check({
      matchers: [
        { name: 'namespace', operator: '=', value: 'shop' },
        { name: '', operator: '=', value: '' },
      ],
    });
    assert.deepEqual(window, {
      name: 'patching',
      comment: '',
      matchers: ['namespace="shop"'],
      start: nowMs,
      end: nowMs + 2 * hourMs,
      timeZone: 'UTC',
    });
  });

  it('each week', () => {
    const { window } = check({ recurrence: 'weekly', days: [6, 1], time: '23:30', lasts: '3h' });
    assert.equal(window?.schedule, '30 23 * * MON,SAT');
    assert.equal(window?.lasts, 3 * hourMs);
    assert.equal(window?.timeZone, 'Asia/Seoul');
    assert.equal(weeklySchedule([0], '25:00'), undefined);
  });

  it('names what is missing', () => {
    const cases: readonly (readonly [Partial<WindowForm>, string])[] = [
      [{ name: ' ' }, 'name'],
      [{ from: 'soon' }, 'from'],
      [{ to: 'now-1h' }, 'to'],
      [{ recurrence: 'weekly', days: [] }, 'days'],
      [{ recurrence: 'weekly', time: 'noon' }, 'time'],
      [{ recurrence: 'cron', lasts: '10s' }, 'lasts'],
    ];
    for (const [more, key] of cases) {
      const { problems, window } = check(more);
      assert.deepEqual(Object.keys(problems), [key]);
      assert.equal(window, undefined);
    }
  });
});
