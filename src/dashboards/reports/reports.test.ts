import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ManualClock, MetricsRegistry, silentLogger } from '#base';
import { openStateStore, type StateStore } from '#state';
import type { Delivered, ReportSchedule } from './contract.ts';
import { Reports } from './reports.ts';

/** Tuesday, 09:30 in Seoul. */
const startMs = Date.UTC(2026, 2, 31, 0, 30);
const hourMs = 3_600_000;
const daily: ReportSchedule = {
  title: 'Daily',
  dashboardUid: 'd',
  cron: '0 10 * * *',
  timeZone: 'Asia/Seoul',
  from: 'now-24h',
  to: 'now',
  variables: {},
  receiver: 'team',
  theme: 'light',
  isEnabled: true,
};

async function openState(test: TestContext): Promise<StateStore> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nunchi-reports-'));
  const state = await openStateStore({ dataDir });
  test.after(async () => {
    await state[Symbol.asyncDispose]();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return state;
}

const openReports = (
  state: StateStore,
  clock: ManualClock,
  send: (schedule: ReportSchedule, done: Delivered) => Promise<void>,
): Promise<Reports> =>
  Reports.open({ state, clock, log: silentLogger, metrics: new MetricsRegistry(), send });

/** Polls until it holds: writes to the state store take real time. */
async function eventually(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    if (tries > 6000) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** In steps that the loop takes itself. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 60_000) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(Math.min(left, 60_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('Reports', () => {
  it('sends when its time comes, once each time', async (test) => {
    const state = await openState(test);
    const clock = new ManualClock(startMs);
    const sent: number[] = [];
    await using reports = await openReports(state, clock, async () => {
      sent.push(clock.nowMs());
    });
    reports.start();
    const { id, nextMs } = await reports.create(daily);
    assert.equal(nextMs, startMs + hourMs / 2);
    await pass(clock, hourMs);
    await eventually(() => reports.get(id).lastRun !== undefined);
    assert.equal(sent.length, 1);
    assert.equal(reports.get(id).nextMs, startMs + hourMs / 2 + 24 * hourMs);
    await reports.update(id, { ...daily, isEnabled: false });
    await pass(clock, 25 * hourMs);
    assert.equal(sent.length, 1);
    assert.equal(reports.get(id).nextMs, undefined);
    await reports.delete(id);
    assert.deepEqual(reports.list(), []);
  });

  it('makes up for what passed while it was away, once', async (test) => {
    const state = await openState(test);
    const clock = new ManualClock(startMs);
    const before = await openReports(state, clock, async () => {});
    await before.create(daily);
    await before[Symbol.asyncDispose]();
    clock.advance(73 * hourMs);
    let sent = 0;
    await using after = await openReports(state, clock, async () => {
      sent++;
    });
    after.start();
    await eventually(() => after.list()[0]?.lastRun !== undefined);
    await pass(clock, hourMs);
    assert.equal(sent, 1);
    const [run] = after.list()[0]?.runs ?? [];
    // Of four times three stand for nothing of their own: the history says so.
    assert.deepEqual([run?.dueMs, run?.missed], [startMs + hourMs / 2, 3]);
  });

  it('tries again only those that do not have it, and says why it gave up', async (test) => {
    const state = await openState(test);
    const clock = new ManualClock(startMs);
    const tries: boolean[] = [];
    await using reports = await openReports(state, clock, async (_, done) => {
      tries.push(done.has('slack/0'));
      await done.add('slack/0');
      throw new Error('email/0: no');
    });
    reports.start();
    const { id } = await reports.create(daily);
    await pass(clock, hourMs);
    await eventually(() => reports.get(id).lastRun !== undefined);
    assert.deepEqual(tries, [false, true, true]);
    assert.equal(reports.get(id).lastRun?.error, 'email/0: no');
  });

  it('sends to nobody twice when the program ends in the middle of it', async (test) => {
    const state = await openState(test);
    const clock = new ManualClock(startMs);
    let isSending = false;
    const before = await openReports(state, clock, async (_, done) => {
      await done.add('slack/0');
      isSending = true;
      await new Promise(() => {});
    });
    await before.create(daily);
    before.start();
    await pass(clock, hourMs);
    await eventually(() => isSending);
    // It is gone without an end: what is on disk is all that is known.
    const had: boolean[][] = [];
    await using after = await openReports(state, clock, async (_, done) => {
      had.push([done.has('slack/0'), done.has('email/0')]);
    });
    after.start();
    await eventually(() => after.list()[0]?.lastRun !== undefined);
    assert.deepEqual(had, [[true, false]]);
    assert.equal(after.list()[0]?.runs.length, 1);
    await pass(clock, 24 * hourMs);
    await eventually(() => had.length === 2);
    assert.deepEqual(had[1], [false, false], 'the next day everybody gets it');
  });

  it('tells of what was sent by hand, and why it did not arrive', async (test) => {
    const state = await openState(test);
    let isDown = true;
    await using reports = await openReports(state, new ManualClock(startMs), async () => {
      if (isDown) throw new Error('the mail server is away');
    });
    const { id } = await reports.create(daily);
    await assert.rejects(reports.sendNow(id, new AbortController().signal), /is away/);
    isDown = false;
    await reports.sendNow(id, new AbortController().signal);
    const { runs } = reports.get(id);
    assert.deepEqual(
      runs.map(({ dueMs, error }) => [dueMs, error]),
      [
        [undefined, undefined],
        [undefined, 'the mail server is away'],
      ],
    );
  });

  it('refuses what has no time', async (test) => {
    const state = await openState(test);
    await using reports = await openReports(state, new ManualClock(startMs), async () => {});
    await assert.rejects(reports.create({ ...daily, cron: '61 * * * *' }), /no minute/);
    await assert.rejects(reports.create({ ...daily, timeZone: 'Mars/Base' }), /no time zone/);
    await assert.rejects(reports.update('x', daily), { code: 'REPORT_NOT_FOUND' });
  });
});
