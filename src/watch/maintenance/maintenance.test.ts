import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ManualClock, silentLogger } from '#base';
import { openStateStore } from '#state';
import { Maintenance, type SavedWindow } from './maintenance.ts';
import { isOpen, occurrenceOf, readWindow, type WrittenWindow } from './window.ts';

const window = (more: Partial<WrittenWindow> = {}): WrittenWindow => ({
  name: 'patching',
  comment: '',
  matchers: [],
  timeZone: 'UTC',
  ...more,
});

const at = (text: string): number => Date.parse(text);
const hourMs = 3_600_000;

describe('occurrenceOf()', () => {
  const once = { startMs: at('2026-03-01T10:00:00Z'), endMs: at('2026-03-01T12:00:00Z') };
  const night = { schedule: '0 23 * * SAT', lastsMs: 3 * hourMs, timeZone: 'Asia/Seoul' };
  const berlin = { schedule: '30 2 * * *', lastsMs: hourMs, timeZone: 'Europe/Berlin' };
  const cases: readonly (readonly [
    what: string,
    window: Partial<WrittenWindow>,
    now: string,
    open: boolean,
    from?: string,
  ])[] = [
    ['before', once, '2026-03-01T09:59:59Z', false, '2026-03-01T10:00:00.000Z'],
    ['at its start', once, '2026-03-01T10:00:00Z', true, '2026-03-01T10:00:00.000Z'],
    ['at its end', once, '2026-03-01T12:00:00Z', false],
    // Saturday the 7th, 23:00 in Seoul is 14:00 UTC.
    ['a week before', night, '2026-03-01T00:00:00Z', false, '2026-03-07T14:00:00.000Z'],
    ['in the evening', night, '2026-03-07T14:30:00Z', true, '2026-03-07T14:00:00.000Z'],
    ['past midnight', night, '2026-03-07T16:59:59Z', true, '2026-03-07T14:00:00.000Z'],
    ['when it is over', night, '2026-03-07T17:00:00Z', false, '2026-03-14T14:00:00.000Z'],
    // The clock leaves 02:30 out: it begins at 03:30 of the new time.
    [
      'in the night of the change',
      berlin,
      '2026-03-29T01:30:00Z',
      true,
      '2026-03-29T01:30:00.000Z',
    ],
  ];
  for (const [what, times, now, open, from] of cases) {
    it(what, () => {
      const read = readWindow(window(times));
      const occurrence = occurrenceOf(read, at(now));
      assert.equal(isOpen(occurrence, at(now)), open);
      const fromMs = occurrence?.fromMs;
      assert.equal(fromMs === undefined ? undefined : new Date(fromMs).toISOString(), from);
    });
  }
});

describe('readWindow()', () => {
  const once = { startMs: 0, endMs: 1 };
  const bad: readonly (readonly [Partial<WrittenWindow>, RegExp])[] = [
    [{}, /expected start and end, or schedule and lasts/],
    [{ ...once, name: ' ' }, /name/],
    [{ startMs: 1, endMs: 1 }, /end: must be after start/],
    [{ ...once, schedule: '* * * * *', lastsMs: hourMs }, /in place of start and end/],
    [{ schedule: '* * * * *' }, /lasts: expected/],
    [{ schedule: 'SAT', lastsMs: hourMs }, /schedule: "SAT" has 1 fields/],
    [{ schedule: '* * * * *', lastsMs: 1 }, /lasts: expected 1m to 31d/],
    [{ schedule: '* * * * *', lastsMs: hourMs, timeZone: 'Mars' }, /"Mars" is no time zone/],
    [{ ...once, matchers: ['namespace'] }, /matchers: bad matcher format/],
    [{ ...once, matchers: ['namespace=~"("'] }, /matchers: /],
  ];
  for (const [more, pattern] of bad) {
    it(`refuses ${JSON.stringify(more)}`, () => {
      assert.throws(() => readWindow(window(more)), {
        code: 'MAINTENANCE_INVALID',
        message: pattern,
      });
    });
  }
});

describe('Maintenance', () => {
  it('knows what is worked on, over restarts, until somebody ends it', async (test) => {
    const directory = mkdtempSync(join(tmpdir(), 'nunchi-maintenance-'));
    test.after(() => rmSync(directory, { recursive: true, force: true }));
    const clock = new ManualClock(at('2026-03-01T10:00:00Z'));
    await using state = await openStateStore({ dataDir: directory });
    const open = (): Promise<Maintenance> =>
      Maintenance.open({
        clock,
        log: silentLogger,
        saved: state.collection<SavedWindow>('watch-maintenance'),
      });
    const first = await open();
    const labels = { namespace: 'shop', node: 'pool-b-1', severity: 'critical' };
    assert.equal(first.windowOf(labels), undefined);
    const nowMs = clock.nowMs();
    const times = { startMs: nowMs - hourMs, endMs: nowMs + hourMs };
    const made = await first.add(
      window({ ...times, matchers: ['namespace="shop"', 'node=~"pool-b-.*"'] }),
      'ada',
    );
    assert.equal(first.windowOf(labels), 'patching');
    assert.equal(first.windowOf({ ...labels, namespace: 'pay' }), undefined);
    assert.equal(first.windowOf({ ...labels, node: 'pool-a-1' }), undefined);

    const second = await open();
    second.configure([
      window({ name: 'nightly', schedule: '0 2 * * *', lastsMs: hourMs }),
      window({ name: 'wrong', schedule: 'never', lastsMs: hourMs }),
    ]);
    assert.match(second.problems.join(), /watch\.maintenance\[1\]: schedule: "never"/);
    assert.equal(second.windowOf(labels), 'patching');
    assert.deepEqual(
      second.list().map(({ written, isOpen: open, created }) => [written.name, open, created?.by]),
      [
        ['patching', true, 'ada'],
        ['nightly', false, undefined],
      ],
    );
    await assert.rejects(second.end('file-1'), { code: 'MAINTENANCE_PROTECTED' });
    await assert.rejects(second.end('none'), { code: 'MAINTENANCE_NOT_FOUND' });
    await assert.rejects(second.add(window({ startMs: 0, endMs: 1 }), 'ada'), /over already/);
    await second.end(made.id);
    assert.equal(second.windowOf(labels), undefined);
    assert.equal((await open()).windowOf(labels), undefined);
    assert.equal(second.list().find(({ id }) => id === made.id)?.occurrence, undefined);
    // What has not begun is forgotten.
    const later = await second.add(
      window({ startMs: nowMs + hourMs, endMs: nowMs + 2 * hourMs }),
      'ada',
    );
    await second.end(later.id);
    assert.equal(second.list().length, 2);
    clock.skip(16 * hourMs + 1000);
    assert.equal(second.windowOf({}), 'nightly');
    clock.skip(hourMs);
    assert.equal(second.windowOf({}), undefined);
  });
});
