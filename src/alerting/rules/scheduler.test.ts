import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, silentLogger } from '#base';
import type { RuleGroup } from './contract.ts';
import { nextSlotMs, RuleScheduler } from './scheduler.ts';

const startMs = Date.UTC(2026, 2, 31);
const group = (title: string, intervalMs = 60_000): RuleGroup => ({
  folderUid: 'f',
  title,
  intervalMs,
  rules: [],
});

function openScheduler(
  work: (title: string, atMs: number, signal: AbortSignal) => Promise<void> = async () => {},
) {
  const clock = new ManualClock(startMs);
  const seen: { readonly title: string; readonly atMs: number }[] = [];
  const missed: number[] = [];
  const scheduler = new RuleScheduler({
    clock,
    log: silentLogger,
    evaluate: async ({ title }, atMs, signal) => {
      seen.push({ title, atMs });
      await work(title, atMs, signal);
    },
    onMissed: (_group, count) => missed.push(count),
  });
  return { clock, seen, missed, scheduler };
}

describe('the schedule of groups', () => {
  it('spreads them over the interval, the same after a restart', () => {
    const offsets = Array.from(
      { length: 1000 },
      (_, at) => nextSlotMs(group(`g${at}`), startMs) - startMs,
    );
    const perSecond = new Map<number, number>();
    for (const offset of offsets) {
      const second = Math.floor(offset / 1000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    assert.equal(perSecond.size, 60);
    assert.ok(Math.max(...perSecond.values()) < 40);
    assert.equal(nextSlotMs(group('g1'), startMs), nextSlotMs(group('g1'), startMs));
    assert.equal(
      nextSlotMs(group('g1'), startMs + 60_000),
      nextSlotMs(group('g1'), startMs) + 60_000,
    );
  });

  it('evaluates each once an interval, for its own moment', async () => {
    const { clock, seen, scheduler } = openScheduler();
    await using _ = scheduler;
    scheduler.apply([group('a'), group('b', 10_000)]);
    await clock.advance(180_000);
    assert.equal(seen.filter(({ title }) => title === 'a').length, 3);
    assert.equal(seen.filter(({ title }) => title === 'b').length, 18);
    const times = seen.filter(({ title }) => title === 'a').map(({ atMs }) => atMs);
    assert.deepEqual(
      times,
      [0, 1, 2].map((n) => nextSlotMs(group('a'), startMs) + n * 60_000),
    );
  });

  it('goes over to other groups, and forgets those that are gone', async () => {
    const { clock, seen, scheduler } = openScheduler();
    await using _ = scheduler;
    scheduler.apply([group('a')]);
    await clock.advance(60_000);
    scheduler.apply([group('b')]);
    seen.length = 0;
    await clock.advance(60_000);
    assert.deepEqual(
      seen.map(({ title }) => title),
      ['b'],
    );
  });

  it('goes on after the clock was set back or forward', async () => {
    const { clock, seen, missed, scheduler } = openScheduler();
    await using _ = scheduler;
    scheduler.apply([group('a')]);
    await clock.advance(60_000);
    clock.jumpTo(clock.nowMs() + 600_000);
    await clock.advance(120_000);
    assert.ok(missed.reduce((sum, one) => sum + one, 0) >= 8);
    const before = seen.length;
    assert.ok(before >= 3);
  });

  it('leaves out what it has no time for, and says so', async () => {
    const gate = Promise.withResolvers<void>();
    const { clock, seen, missed, scheduler } = openScheduler(() => gate.promise);
    scheduler.apply([group('a')]);
    await clock.advance(60_000);
    assert.equal(seen.length, 1);
    await clock.advance(300_000);
    assert.equal(seen.length, 1, 'a group never runs twice at once');
    gate.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(60_000);
    assert.ok(seen.length >= 2);
    assert.ok(missed.length > 0);
    await scheduler[Symbol.asyncDispose]();
  });
});
