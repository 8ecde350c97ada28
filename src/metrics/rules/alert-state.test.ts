import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { labelsOfRecord } from '#metrics/model';
import { type Alerts, needsSending, nextAlerts } from './alert-state.ts';

const labels = labelsOfRecord({ alertname: 'Down', job: 'a' });
const minute = 60_000;

/** Evaluations every minute: `x` the element is there, `.` it is not; the state after each. */
function states(shown: string, options: { forMs?: number; keepFiringForMs?: number } = {}): string {
  let alerts: Alerts = new Map();
  return [...shown]
    .map((char, at) => {
      const seen = char === 'x' ? [{ labels, annotations: [], value: at }] : [];
      alerts = nextAlerts(alerts, seen, {
        atMs: at * minute,
        forMs: options.forMs ?? 0,
        keepFiringForMs: options.keepFiringForMs ?? 0,
      });
      const [alert] = alerts.values();
      return alert === undefined ? '-' : alert.state[0];
    })
    .join('');
}

describe('nextAlerts()', () => {
  const f = (shown: string, options: Parameters<typeof states>[1], want: string): void =>
    void it(`${shown} ${JSON.stringify(options)}`, () =>
      assert.equal(states(shown, options), want));
  f('.xx.x', {}, '-ffif');
  f('xxx.x', { forMs: 2 * minute }, 'ppf' + 'i' + 'p');
  f('x.xxx', { forMs: 2 * minute }, 'p-ppf');
  f('x...x', { keepFiringForMs: 2 * minute }, 'fffif');
  f('x.x..', { keepFiringForMs: 2 * minute }, 'fffff');
  f('x..................', {}, 'fiiiiiiiiiiiiiiii--');

  it('keeps since when it is active, renews value and annotations', () => {
    const timing = (atMs: number) => ({ atMs, forMs: 0, keepFiringForMs: 0 });
    const first = nextAlerts(new Map(), [{ labels, annotations: ['a', '1'], value: 1 }], timing(0));
    const second = nextAlerts(
      first,
      [{ labels, annotations: ['a', '2'], value: 2 }],
      timing(minute),
    );
    const [alert] = second.values();
    assert.deepEqual(
      [alert?.activeAtMs, alert?.firedAtMs, alert?.value, alert?.annotations],
      [0, 0, 2, ['a', '2']],
    );
  });
});

describe('needsSending()', () => {
  it('sends when it fires, again after the delay, and when it resolves', () => {
    const timing = (atMs: number) => ({ atMs, forMs: 0, keepFiringForMs: 0 });
    const [alert] = nextAlerts(
      new Map(),
      [{ labels, annotations: [], value: 1 }],
      timing(0),
    ).values();
    assert.ok(alert !== undefined);
    assert.ok(needsSending(alert, 0, minute));
    const sent = { ...alert, lastSentMs: 0 };
    assert.ok(!needsSending(sent, 30_000, minute));
    assert.ok(needsSending(sent, minute, minute));
    assert.ok(needsSending({ ...sent, resolvedAtMs: 1 }, 2, minute));
    assert.ok(!needsSending({ ...alert, state: 'pending' }, 0, minute));
  });
});
