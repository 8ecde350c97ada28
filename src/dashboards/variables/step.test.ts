import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  alignToStep,
  goDurationText,
  intervalText,
  panelIntervalMs,
  parseIntervalMs,
  queryStep,
  roundIntervalMs,
} from './step.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe('panelIntervalMs()', () => {
  const f = (rangeMs: number, maxDataPoints: number, wantMs: number): void =>
    void it(`${rangeMs / hourMs} h on ${maxDataPoints} points`, () => {
      const panel = { fromMs: 0, toMs: rangeMs, maxDataPoints, lowLimitMs: 15_000 };
      assert.equal(panelIntervalMs(panel), wantMs);
    });
  f(hourMs, 1000, 15_000);
  f(6 * hourMs, 1000, 20_000);
  f(dayMs, 800, 120_000);
  f(7 * dayMs, 1000, 600_000);
  f(30 * dayMs, 1200, 1_800_000);
});

describe('roundIntervalMs()', () => {
  const f = (givenMs: number, wantMs: number): void =>
    void it(`${givenMs} ms`, () => assert.equal(roundIntervalMs(givenMs), wantMs));
  f(0, 1);
  f(9.99, 1);
  f(10, 10);
  f(1499, 1000);
  f(1500, 2000);
  f(45_000, 60_000);
  f(41 * dayMs, 30 * dayMs);
  f(42 * dayMs, 365 * dayMs);
});

describe('queryStep()', () => {
  const f = (
    name: string,
    request: Parameters<typeof queryStep>[0],
    stepMs: number,
    rateIntervalMs: number,
  ): void => void it(name, () => assert.deepEqual(queryStep(request), { stepMs, rateIntervalMs }));
  const range = { fromMs: 0, toMs: hourMs, maxDataPoints: 1000, sourceIntervalMs: 15_000 };
  f("a panel's interval of a minute", { ...range, intervalMs: 60_000 }, 60_000, 75_000);
  f('a query of 30 s', { ...range, intervalMs: 15_000, queryInterval: '30s' }, 30_000, 120_000);
  f('the step as interval', { ...range, queryInterval: '$__interval' }, 15_000, 60_000);
  f('the rate interval as step', { ...range, queryInterval: '$__rate_interval' }, 60_000, 60_000);
  f('an old factor', { ...range, intervalFactor: 2 }, 30_000, 60_000);
  f('a factor of nothing', { ...range, intervalFactor: 0 }, 15_000, 60_000);
  f('nothing but a range', { fromMs: 0, toMs: hourMs }, 15_000, 60_000);
  f(
    'never more than 11,000 steps',
    { fromMs: 0, toMs: 30 * dayMs, maxDataPoints: 1_000_000, intervalMs: 1000 },
    300_000,
    315_000,
  );
});

describe('texts of intervals', () => {
  const interval = (ms: number, want: string): void =>
    void it(`${ms} ms as ${want}`, () => assert.equal(intervalText(ms), want));
  interval(90_000, '1m');
  interval(15_000, '15s');
  interval(500, '500ms');
  interval(dayMs * 8, '8d');
  const duration = (ms: number, want: string): void =>
    void it(`${ms} ms as ${want}`, () => assert.equal(goDurationText(ms), want));
  duration(60_000, '1m0s');
  duration(135_000, '2m15s');
  duration(hourMs, '1h0m0s');
  duration(4500, '4s500ms');
  duration(50, '50ms');
  const parsed = (text: string, want: number | undefined): void =>
    void it(`reads ${text}`, () => assert.equal(parseIntervalMs(text), want));
  parsed('15s', 15_000);
  parsed('1m30s', 90_000);
  parsed('>10s', 10_000);
  parsed('30', 30_000);
  parsed('', undefined);
  parsed('0', undefined);
  parsed('$resolution', undefined);
  parsed('10 apples', undefined);
});

describe('alignToStep()', () => {
  it('begins days at midnight of the zone', () => {
    const offsetMs = 9 * hourMs;
    const noonMs = Date.UTC(2026, 0, 2, 3);
    const range = { fromMs: noonMs, toMs: noonMs + dayMs };
    assert.deepEqual(alignToStep(range, dayMs, offsetMs), {
      startMs: Date.UTC(2026, 0, 1, 15),
      endMs: Date.UTC(2026, 0, 2, 15),
    });
  });
});
