import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  canonicalTime,
  isoInstant,
  isRelative,
  lastOf,
  niceStepMs,
  parseTime,
  resolveRange,
  shifted,
  widened,
} from './range.ts';
import { instantOf, offsetText, sortableTime, zoneOffsetMs } from './zone.ts';

const nowMs = Date.parse('2026-11-24T01:30:15.250Z'); // a Tuesday; 10:30 in Seoul

describe('parseTime()', () => {
  const f = (text: string, want: string | undefined, zone = 'UTC', edge: 'from' | 'to' = 'from') =>
    it(`"${text}" in ${zone} as ${edge} is ${want}`, () => {
      const ms = parseTime(text, { nowMs, zone, edge });
      assert.equal(ms === undefined ? undefined : new Date(ms).toISOString(), want);
    });
  f('now', '2026-11-24T01:30:15.250Z');
  f('now-1h', '2026-11-24T00:30:15.250Z');
  f('now+5m', '2026-11-24T01:35:15.250Z');
  f('now-1d/d', '2026-11-23T00:00:00.000Z');
  f('now/d', '2026-11-23T15:00:00.000Z', 'Asia/Seoul');
  f('now/d', '2026-11-24T14:59:59.999Z', 'Asia/Seoul', 'to');
  f('now/w', '2026-11-23T00:00:00.000Z');
  f('now/M', '2026-11-01T00:00:00.000Z');
  f('now/y', '2026-01-01T00:00:00.000Z');
  f('now-1M', '2026-10-24T01:30:15.250Z');
  f('now-9M', '2026-02-24T01:30:15.250Z');
  f('90m', '2026-11-24T00:00:15.250Z');
  f('-2h', '2026-11-23T23:30:15.250Z');
  f('1h30m', '2026-11-24T00:00:15.250Z');
  f('1764000000000', '2025-11-24T16:00:00.000Z');
  f('1764000000', '2025-11-24T16:00:00.000Z');
  f('2026-11-24T09:00:00+09:00', '2026-11-24T00:00:00.000Z');
  f('2026-11-24 09:00', '2026-11-24T00:00:00.000Z', 'Asia/Seoul');
  f('2026-11-24 09:00:01.5', '2026-11-24T00:00:01.500Z', 'Asia/Seoul');
  f('2026-11-24', '2026-11-23T15:00:00.000Z', 'Asia/Seoul');
  f('2026-11-24', '2026-11-24T14:59:59.999Z', 'Asia/Seoul', 'to');
  f('09:30', '2026-11-24T00:30:00.000Z', 'Asia/Seoul');
  f('2026-02-31', undefined);
  f('2026-13-01', undefined);
  f('25:00', undefined);
  f('now-1x', undefined);
  f('now-', undefined);
  f('nowhere', undefined);
  f('', undefined);
  f('yesterday', undefined);
});

describe('canonicalTime()', () => {
  const context = { nowMs, zone: 'Asia/Seoul', edge: 'from' } as const;
  const f = (text: string, want: string | undefined) =>
    it(`"${text}" is ${want}`, () => assert.equal(canonicalTime(text, context), want));
  f('2h', 'now-2h');
  f('1h30m', 'now-1h-30m');
  f('now-1d/d', 'now-1d/d');
  f('2026-11-24 09:00', '2026-11-24T00:00:00Z');
  f('soon', undefined);

  it('means the same in any other zone', () => {
    const when = fc.integer({ min: 0, max: 4_000_000_000 }).map((s) => s * 1000);
    const zone = fc.constantFrom('UTC', 'Asia/Seoul', 'America/New_York', 'Australia/Lord_Howe');
    fc.assert(
      fc.property(when, zone, zone, (ms, mine, theirs) => {
        const link = canonicalTime(isoInstant(ms), { nowMs, zone: mine, edge: 'from' })!;
        assert.equal(parseTime(link, { nowMs, zone: theirs, edge: 'from' }), ms);
      }),
    );
  });
});

describe('resolveRange()', () => {
  it('refuses ranges that are empty, reversed or unreadable', () => {
    for (const [from, to] of [
      ['now', 'now'],
      ['now', 'now-1h'],
      ['x', 'now'],
      ['now-1h', ''],
    ] as const) {
      assert.equal(resolveRange({ from, to }, nowMs, 'UTC'), undefined);
    }
  });
  it('widens around the middle and never past now', () => {
    const range = resolveRange({ from: 'now-2h', to: 'now-1h' }, nowMs, 'UTC')!;
    const wide = resolveRange(widened(range, nowMs), nowMs, 'UTC')!;
    assert.equal(wide.toMs - wide.fromMs, 7_200_000);
    assert.ok(wide.toMs <= nowMs);
  });
  it('shifts by its own length', () => {
    const range = resolveRange({ from: 'now-1h', to: 'now' }, nowMs, 'UTC')!;
    const before = resolveRange(shifted(range, -1), nowMs, 'UTC')!;
    assert.equal(before.toMs, range.fromMs);
  });
  it('knows what moves with the clock', () => {
    assert.ok(isRelative({ from: '2026-01-01', to: 'now' }));
    assert.ok(!isRelative({ from: '2026-01-01', to: '2026-01-02' }));
    assert.deepEqual(lastOf({ from: 'now-15m', to: 'now' }), { count: 15, unit: 'm' });
    assert.equal(lastOf({ from: 'now-1d/d', to: 'now' }), undefined);
  });
  it('chooses round steps', () => {
    assert.equal(niceStepMs({ fromMs: 0, toMs: 3_600_000 }, 120), 30_000);
    assert.equal(niceStepMs({ fromMs: 0, toMs: 1000 }, 100), 10);
  });
});

describe('zones', () => {
  it('know their offsets, also half hours and clock changes', () => {
    assert.equal(zoneOffsetMs('Asia/Seoul', nowMs), 9 * 3_600_000);
    assert.equal(offsetText('Asia/Kolkata', nowMs), '+05:30');
    assert.equal(offsetText('America/New_York', Date.parse('2026-07-01T00:00:00Z')), '-04:00');
    assert.equal(offsetText('America/New_York', Date.parse('2026-12-01T00:00:00Z')), '-05:00');
    assert.equal(sortableTime('Asia/Seoul', nowMs, 'ms'), '2026-11-24 10:30:15.250');
  });
  it('turn a wall clock back into its instant', () => {
    const zone = fc.constantFrom('UTC', 'Asia/Seoul', 'Asia/Kathmandu', 'America/Sao_Paulo');
    fc.assert(
      fc.property(fc.integer({ min: 1.6e9, max: 2e9 }), zone, (seconds, name) => {
        const ms = seconds * 1000;
        assert.equal(instantOf(name, ms + zoneOffsetMs(name, ms)), ms);
      }),
    );
  });
});
